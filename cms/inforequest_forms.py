"""Forms of information requests: fields and labels; every rule lives in the services."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.inforequest_errors import RequestError
from cms.inforequest_workflow import (
    ANSWERS,
    CONSULTED,
    CORRECTION_LIMITS,
    EXTENSION_LIMITS,
    GROUNDS,
    OPINIONS,
    Text,
    Transition,
)
from cms.models import ApplicantKind, Medium, Way

NONE = [("", "—")]


class SubjectForm(forms.Form):
    """What somebody wants to know: asked first, before anything about the person."""

    title = forms.CharField(
        label=_("What information do you want?"),
        help_text=_("Name or number of the document, or how it can be found."),
        max_length=400,
    )
    description = forms.CharField(
        label=_("Details"),
        help_text=_("Such as years, places, items. One line is often enough."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class ApplicationForm(SubjectForm):
    """The whole request (Art 29). Limits and shapes are checked by the service."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    medium = forms.ChoiceField(
        label=_("In what form?"), choices=Medium.choices, widget=forms.RadioSelect, required=False
    )
    way = forms.ChoiceField(
        label=_("How do you want to get it?"),
        choices=Way.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("Who asks?"), choices=ApplicantKind.choices, widget=forms.Select, required=False
    )
    name = forms.CharField(
        label=pgettext_lazy("applicant", "Name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "required": False}),
    )
    identity = forms.CharField(
        label=_("Identity document or credit code"),
        help_text=_("The law asks for proof of identity. Kept encrypted; every look is recorded."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    address = forms.CharField(
        label=_("Postal address"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )


def _choices(named: Mapping[Any, Any]) -> list[tuple[str, Text]]:
    return [(str(code), getattr(spec, "label", spec)) for code, spec in named.items()]


def _limits(limits: tuple[str, ...]) -> list[tuple[str, Text]]:
    return [(limit, _("%(n)s working days") % {"n": limit[:-2]}) for limit in limits]


def _area(label: Text, hint: Text = "", rows: int = 4) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=str(label), help_text=str(hint), widget=widget, required=False)


def act_fields(row: Transition) -> dict[str, forms.Field]:
    """Return the fields of an act's form, in order."""
    if row.action == "draft_answer":
        return _answer_fields()
    limits = CORRECTION_LIMITS if row.action == "ask_correction" else EXTENSION_LIMITS
    known: dict[str, forms.Field] = {
        "consulted": forms.ChoiceField(label=_("Who is asked?"), choices=_choices(CONSULTED)),
        "opinion": forms.ChoiceField(label=_("Opinion"), choices=_choices(OPINIONS)),
        "limit": forms.ChoiceField(label=_("Time"), choices=_limits(limits), initial="15wd"),
        "message": _area(MESSAGES.get(row.action, _("Note"))),
    }
    wanted = {*row.required, *({"message"} if row.action == "record_opinion" else ())}
    return {name: field for name, field in known.items() if name in wanted}


MESSAGES: dict[str, Text] = {
    "ask_correction": _("What has to be corrected (the applicant reads it)"),
    "correct": _("Say more exactly what you want"),
    "redirect": _("Why this is no request for information (the applicant reads it)"),
    "consult": _("Who is asked about what (only the office reads it)"),
    "ask_extension": _("Why more time is needed (only the office reads it)"),
    "return_draft": _("What has to change"),
    "refuse_extension": pgettext_lazy("refusal", "Why not"),
}


def _answer_fields() -> dict[str, forms.Field]:
    return {
        "answer_type": forms.ChoiceField(
            label=_("Answer (Art 36)"), choices=_choices(ANSWERS), widget=forms.RadioSelect
        ),
        "letter": _area(
            _("Letter to the applicant"),
            _("With the reasons, and the way to a review: 60 days, or six months to the court."),
            6,
        ),
        "pointer": forms.CharField(
            label=_("Where, who, or which number"),
            help_text=_("Needed for: already published, not ours, asked before, another law."),
            required=False,
        ),
        "document": forms.CharField(label=_("Name of the released text"), required=False),
        "source": _area(
            _("Text to release"),
            _("Put [[ and ]] around what must not be read. The copy is written without it."),
            10,
        ),
        "ground": forms.ChoiceField(
            label=_("Why something is not released"),
            choices=[*NONE, *_choices(GROUNDS)],
            required=False,
        ),
    }


class ActForm(forms.Form):
    """One act: the version that was seen, and the act's own fields."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, max_value=2**31 - 1)

    def __init__(self, row: Transition, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id=f"{row.action}-%s")
        self.fields.update(act_fields(row))
        for name, field in self.fields.items():
            field.required = False
            if name in row.required:
                field.widget.is_required = False

    def take(self, error: RequestError) -> None:
        """Show a service's refusal at its field, or above the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error.message))
