"""Help for demonstrations: fixed authenticators, current codes, the list of logins.

Nothing here acts outside DEMO=1, and production settings refuse to start with it.
"""

import time
from dataclasses import dataclass

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings

from foundation.accounts.access import access_of
from foundation.accounts.errors import NoSecondFactor
from foundation.accounts.models import User
from foundation.accounts.policies import home_of


@dataclass(frozen=True)
class Login:
    """One line of the printed list."""

    username: str
    name: str
    code: str
    lands_on: str


def fix_second_factor(*, user: User, secret: str) -> None:
    """Give ``user`` the authenticator with ``secret`` (base 32), replacing any other."""
    Authenticator.objects.update_or_create(
        user=user,
        type=Authenticator.Type.TOTP,
        defaults={"data": {"secret": encrypt(secret)}},
    )


def current_code(user: User) -> str:
    """Return the six digits that the authenticator of a demonstration user shows now. 1 query.

    Raises NoSecondFactor for anybody else, and for everybody when DEMO is off.
    """
    if not (settings.DEMO and user.is_demo):
        raise NoSecondFactor("Codes are shown for demonstration accounts only.")
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if row is None:
        raise NoSecondFactor(f"{user.username} has no authenticator.")
    counter = int(time.time()) // mfa_settings.TOTP_PERIOD
    return format_hotp_value(hotp_value(decrypt(row.data["secret"]), counter))


def logins() -> list[Login]:
    """Return the demonstration accounts in the order they were made, with their codes of now."""
    people = User.objects.filter(is_demo=True, is_active=True).order_by("pk")
    return [_login(user) for user in people] if settings.DEMO else []


def _login(user: User) -> Login:
    access = access_of(user)
    code = current_code(user) if access.is_staff_member else ""
    return Login(user.username, str(user), code, home_of(access))
