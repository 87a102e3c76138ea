"""allauth speaks through these adapters: numbers from the vault, messages through notices.

Nothing is sent inside a request: a code or a mail becomes a sealed notice in the request's
transaction, so a dead gateway or mail server never breaks a sign-in page.
"""

import base64
import secrets
from typing import Any, ClassVar
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.accounts import services
from foundation.accounts.access import access_of
from foundation.accounts.fields import MobileField
from foundation.accounts.models import User
from foundation.accounts.phones import PhoneRefused, normalise
from foundation.accounts.selectors import phone_of, stream_of, user_by_phone
from foundation.notices.services import queue
from foundation.vault.crypto import open_sealed, seal

_SECRET_CONTEXT = "accounts:authenticator"  # noqa: S105 - what the seal is bound to, not a secret


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in for residents (phone or e-mail code) and staff (password and second factor)."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": _("This code is not right. Please check the message and type it again."),
        "too_many_login_attempts": _("Too many attempts. Please wait a few minutes and try again."),
        "rate_limited": _("Too many requests. Please wait a minute and try again."),
        "username_password_mismatch": _("Account or password is not right. Please check both."),
        "email_password_mismatch": _("Account or password is not right. Please check both."),
        "phone_password_mismatch": _("Account or password is not right. Please check both."),
        "select_only_one": _("Please fill in either the mobile number or the e-mail address."),
    }

    # -- messages ---------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render now, send later: the mail leaves through notices."""
        request = allauth_context.request
        values = {"request": request, "email": email, "current_site": get_current_site(request)}
        mail = self.render_mail(template_prefix, email, values | context)
        self._tell("accounts.mail", {"subject": mail.subject, "text": mail.body}, {"email": email})

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        """Text a code for signing in or for confirming a number."""
        self._tell("accounts.code", {"sms_code": code}, {"sms": phone}, stream_of(user))

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Tell a number that no account knows that somebody typed it."""
        self._tell("accounts.unknown_number", {}, {"sms": phone})

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Tell the holder of a number that somebody tried to attach it to another account."""
        self._tell("accounts.number_in_use", {}, {"sms": phone})

    def _tell(
        self, code: str, context: dict[str, Any], to: dict[str, str], stream: str = ""
    ) -> None:
        with transaction.atomic():
            queue(code=code, key=f"{code}:{uuid4()}", stream=stream, context=context, to=to)

    # -- telephone numbers ------------------------------------------------------------------

    def phone_form_field(self, **kwargs: Any) -> MobileField:
        """Our own field: +86, full-width digits, clear sentences."""
        return MobileField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        """Return E.164 or raise the form error that tells why not."""
        try:
            return normalise(phone)
        except PhoneRefused as refusal:
            raise ValidationError(str(refusal.sentence), code=refusal.code) from refusal

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        """Return (number, confirmed) of ``user``; None without a number."""
        phone = phone_of(user)
        return (phone, user.phone_verified) if phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        services.set_phone(user=user, phone=phone, verified=verified)

    def set_phone_verified(self, user: Any, phone: str) -> None:
        services.confirm_phone(user=user, phone=phone)

    def get_user_by_phone(self, phone: str) -> User | None:
        return user_by_phone(phone)

    # -- accounts ---------------------------------------------------------------------------

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Residents never see their user name; it says nothing about them."""
        user.username = user.username or f"r{secrets.token_hex(8)}"

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: accounts open by confirming a code, so replies never tell who has one."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator secrets sealed at rest; staff cannot take their second factor off."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text.encode(), context=_SECRET_CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return open_sealed(base64.b64decode(encrypted_text), context=_SECRET_CONTEXT).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not access_of(authenticator.user).is_staff_member

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)
