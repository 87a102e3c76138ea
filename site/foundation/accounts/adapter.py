"""allauth adapter."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in for residents (phone code or e-mail) and staff."""
