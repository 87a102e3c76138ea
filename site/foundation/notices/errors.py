"""Errors of notices.

NoticeError
├── UnknownTemplate      a code that no app registered (a mistake in our code)
├── DuplicateTemplate    two registrations of one code
└── DeliveryFailed       the gateway did not take the message
    ├── TryLater         it may take it later: the job is retried
    └── Refused          it never will: wrong address, rejected text
"""

from foundation.jobs import errors as jobs


class NoticeError(Exception):
    """Root of the errors of this app."""


class UnknownTemplate(NoticeError):
    """No app registered this code."""


class DuplicateTemplate(NoticeError):
    """Two registrations claim one code."""


class DeliveryFailed(NoticeError):
    """A channel could not hand the message over. ``reason`` is a short code without addresses."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:40]


class TryLater(DeliveryFailed, jobs.TryLater):
    """The gateway is down or busy; the same message may be sent later."""


class Refused(DeliveryFailed):
    """The gateway will never take this message."""
