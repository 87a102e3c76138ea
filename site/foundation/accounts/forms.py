"""Forms of signing in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ConfirmLoginCodeForm,
    LoginForm,
    RequestLoginCodeForm,
    VerifyPhoneForm,
)
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Role, User
from foundation.accounts.phones import PhoneRefused, normalise
from foundation.accounts.selectors import user_by_email, user_by_phone
from foundation.places.models import Area, Department


class SignInCodeForm(RequestLoginCodeForm):
    """A mobile number or an e-mail address to send a code to. Known or not, the answer is equal."""

    _user: User | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["phone", "email"])
        self.fields["phone"].required = False
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].widget.attrs.pop("placeholder", None)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone:
            self._count(phone)
            self._user = user_by_phone(phone)
        return phone

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email:
            self._count(email)
            self._user = user_by_email(email)
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.errors and not cleaned.get("phone") and not cleaned.get("email"):
            self.add_error("phone", _("Please enter your mobile number."))
        return cleaned

    @staticmethod
    def _count(address: str) -> None:
        if not ratelimit.consume(context.request, action="request_login_code", key=address):
            raise get_adapter().validation_error("too_many_login_attempts")


class PasswordForm(LoginForm):
    """User name (staff), mobile number or e-mail address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("Account")
        login.help_text = _("User name, mobile number or e-mail address")
        login.widget.attrs["autocomplete"] = "username"
        for field in (login, self.fields["password"]):
            field.widget.attrs.pop("placeholder", None)
        # allauth's own help text is a link inside the label's hint; the page has it below.
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Stay signed in on this device")

    def clean_login(self) -> str:
        login = super().clean_login()
        try:
            return normalise(login)
        except PhoneRefused:
            return login


class DigitsMixin:
    """A code field for phones: digits first, no placeholder, our own label."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Six digits")
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["inputmode"] = "numeric"


class SignInConfirmForm(DigitsMixin, ConfirmLoginCodeForm):
    """The code that was sent for signing in."""


class PhoneConfirmForm(DigitsMixin, VerifyPhoneForm):
    """The code that was sent to a new number."""


class SecondFactorForm(DigitsMixin, AuthenticateForm):
    """The code of the authenticator, or a recovery code."""


class ProveAgainForm(DigitsMixin, ReauthenticateForm):
    """The authenticator's code, asked for once more."""


class SetUpForm(DigitsMixin, ActivateTOTPForm):
    """The first code of a new authenticator."""


class StaffForm(forms.Form):
    """A new account for a member of staff."""

    username = forms.CharField(label=_("User name"), max_length=30)
    display_name = forms.CharField(label=_("Full name"), max_length=60)
    email = forms.EmailField(label=_("E-mail address"), required=False)

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        UnicodeUsernameValidator()(username)
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("This user name is taken. Please choose another."))
        return username

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if email and user_by_email(email) is not None:
            raise forms.ValidationError(_("This address belongs to another account."))
        return email


class PostForm(forms.Form):
    """A post to grant."""

    role = forms.ChoiceField(label=_("Duty"), choices=Role.choices)
    area = forms.ModelChoiceField(
        label=_("Area"),
        queryset=Area.objects.filter(is_active=True).order_by("path"),
        required=False,
        empty_label=_("The whole district"),
    )
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.filter(is_active=True),
        required=False,
        empty_label=_("None"),
    )
    starts_on = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class CloseAccountForm(forms.Form):
    """The resident says that the account shall be closed."""

    sure = forms.BooleanField(
        label=_("Yes, close my account and delete my number and e-mail"),
        error_messages={"required": _("Please tick the box if you want to close it.")},
    )
