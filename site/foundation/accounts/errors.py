"""Errors of accounts.

AccountError
├── PhoneTaken       the number is confirmed by another account
├── PostRefused      a post that cannot be granted or ended as asked
└── NoSecondFactor   a demonstration code was asked for a user without a fixed secret
"""

from django.utils.functional import Promise


class AccountError(Exception):
    """Root of the errors of this app; ``sentence`` is for the person at the screen."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class PhoneTaken(AccountError):
    """The number is confirmed by another account."""


class PostRefused(AccountError):
    """The post would contradict itself or its role."""


class NoSecondFactor(AccountError):
    """There is no authenticator to compute a code for."""
