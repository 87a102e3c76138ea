"""The three ways of being known, in plain words, for forms where a contact is left."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from complaints.identity import Identity
from complaints.models import Case
from complaints.workflow import Text

CHOICES: dict[Identity, tuple[Text, Text]] = {
    Identity.REAL_NAME: (
        _("With my name"),
        _("We owe you the outcome. Only those who call you can open your number."),
    ),
    Identity.CONFIDENTIAL: (
        _("With my name, kept secret"),
        _("We owe you the outcome, and even fewer people can open your number."),
    ),
    Identity.ANONYMOUS: (
        _("Without my name"),
        _("The number is for messages only. You look up the outcome with the receipt code."),
    ),
}


@dataclass(frozen=True)
class Choice:
    """One way with its words; ``is_chosen`` is what stands now."""

    value: str
    label: Text
    hint: Text
    is_chosen: bool


def identity_choices(case: Case) -> list[Choice]:
    """Return the ways with the present one chosen; before a contact is left, by name. No query."""
    now = case.identity if case.complainant_record else Identity.REAL_NAME
    return [
        Choice(str(value), label, hint, value == now) for value, (label, hint) in CHOICES.items()
    ]
