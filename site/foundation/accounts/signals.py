"""What follows from allauth's own acts."""

import time
from typing import Any

from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

from foundation.accounts.models import User


@receiver(authenticator_added, dispatch_uid="accounts.second_factor_proved")
def second_factor_proved(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Setting up an authenticator takes a right code from it: this session has proved it."""
    records = get_authentication_records(request, user)
    if authenticator.type != Authenticator.Type.TOTP or not records:
        return
    proof = {"method": "mfa", "at": time.time(), "id": authenticator.pk, "type": "totp"}
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [*records, proof]
