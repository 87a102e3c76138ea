"""What accounts tell people, and how notices find an account's addresses."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from foundation.accounts.selectors import contacts_of
from foundation.notices.registry import contact_book, template

contact_book(contacts_of)

template(
    "accounts.code",
    subject=_("Your code"),
    body_template="accounts/notices/code.txt",
    channels=("sms",),
    valid_for=timedelta(minutes=5),
)
template(
    "accounts.unknown_number",
    subject=_("No account with this number"),
    body_template="accounts/notices/unknown_number.txt",
    channels=("sms",),
    valid_for=timedelta(minutes=5),
)
template(
    "accounts.number_in_use",
    subject=_("Your number was typed elsewhere"),
    body_template="accounts/notices/number_in_use.txt",
    channels=("sms",),
    valid_for=timedelta(minutes=5),
)
template(
    "accounts.mail",
    subject=_("Your account"),
    body_template="accounts/notices/mail.txt",
    channels=("email",),
    valid_for=timedelta(hours=1),
)
