"""What cms tells people."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from foundation.notices.registry import template

template(
    "duties.due",
    subject=_("Duties to publish fall due"),
    body_template="cms/notices/duties_due.txt",
    channels=("email", "sms"),
    valid_for=timedelta(days=3),
)

for _code, _title in {
    "confirmed": _("Your request for information was received"),
    "correction_asked": _("Please say more exactly what you want to know"),
    "lapsed": _("Your request for information has ended"),
    "consulting": _("Others are asked about your request for information"),
    "extended": _("Your request for information needs more time"),
    "redirected": _("Please take another way with your request"),
    "answered": _("Your request for information was answered"),
}.items():
    template(
        f"inforequest.{_code}",
        subject=_title,
        body_template="cms/notices/inforequest.txt",
        channels=("sms", "email"),
    )
