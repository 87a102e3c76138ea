"""What complainants are told. One short text a step; the number only, never the receipt code."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from foundation.notices.registry import template

_SUBJECTS = {
    "accepted": _("Your report was accepted"),
    "info_asked": _("We need one more thing from you"),
    "rejected": _("Your report was not accepted"),
    "merged": _("Your report is handled together with an earlier one"),
    "split": _("Your report is looked at on its own again"),
    "referred_out": _("Your report was passed to the responsible body"),
    "dispatched": _("Your report was assigned"),
    "in_progress": _("Work on your report has begun"),
    "extended": _("More time was granted for your report"),
    "hearing": _("A hearing about your report"),
    "reminder": _("We still need something from you"),
    "progress": _("News about your report"),
    "suspended": _("Your report is paused"),
    "replied": _("Your report was answered"),
    "reopened": _("Your report was opened again"),
    "closed": _("Your report was closed"),
    "partially_closed": _("Your report is closed for this stage"),
    "reviewed": _("The review of your report is decided"),
}

template(
    "case.warning",
    subject=_("A deadline is running out"),
    body_template="complaints/notices/warning.txt",
    channels=("email", "sms"),
)

for _code, _title in {
    "issued": _("A supervision order on one of your cases"),
    "answered": _("A supervision order was answered"),
    "closed": _("A supervision order was struck off"),
}.items():
    template(
        f"supervision.{_code}",
        subject=_title,
        body_template=f"complaints/notices/supervision_{_code}.txt",
        channels=("email", "sms"),
    )

template(
    "mail.received",
    subject=_("We have received your report"),
    body_template="complaints/notices/mail_received.txt",
    channels=("email",),
)

template(
    "alert.confirm",
    subject=_("Please confirm your mail alert"),
    body_template="complaints/notices/alert_confirm.txt",
    channels=("email",),
)

template(
    "alert.digest",
    subject=_("News of the public map"),
    body_template="complaints/notices/alert_digest.txt",
    channels=("email",),
    valid_for=timedelta(days=1),
)

for _name, _subject in _SUBJECTS.items():
    template(
        f"case.{_name}",
        subject=_subject,
        body_template=f"complaints/notices/{_name}.txt",
        channels=("sms", "email"),
    )
