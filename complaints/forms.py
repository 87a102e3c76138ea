"""Forms of acts, built from the workflow's required inputs: screen and service ask the same."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.inputs import (
    FIELDS,
    REJECT_REASONS,
    WHISTLE_REASONS,
)
from complaints.models import Case
from complaints.selectors.rules import categories
from complaints.workflow import Text, Transition
from foundation.places.models import AreaKind
from foundation.places.selectors import departments, descendants, full_name

#: Inputs an act may take besides the required ones.
OPTIONAL = {
    "accept": ("category",),
    "accept_dispatch": ("category", "message"),
    "dispatch": ("message",),
    "complete": ("no_photo_reason",),
    "rate": ("rating_text",),
    "close": ("message",),
    "uphold_return": ("message",),
    "resume": ("message",),
}
REASONS = {"reject": REJECT_REASONS, "blow_whistle": WHISTLE_REASONS}
OWNER_INPUTS = ("owner", "proposed_owner")


class ActForm(forms.Form):
    """Inputs of one act on a case, with the version the person saw and an idempotency key."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, row: Transition, case: Case, **kwargs: object) -> None:
        kwargs.setdefault("prefix", None)
        kwargs.setdefault("auto_id", f"{row.action}-%s")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.row = row
        self.fields["version"].initial = case.version
        self.fields["key"].initial = uuid4()
        for name in (*row.required, *OPTIONAL.get(row.action, ())):
            self.fields[name] = _form_field(name, row, case)

    @property
    def inputs(self) -> dict[str, str]:
        """Return the act's own inputs as typed."""
        return {name: str(self.data.get(name, "")) for name in self.fields if name in FIELDS}


def _form_field(name: str, row: Transition, case: Case) -> forms.Field:
    spec = FIELDS[name]
    required = name in row.required
    choices = _choices(name, row, case)
    if choices is not None:
        blank: list[tuple[str, Text]] = [("", _("Choose…"))]
        return forms.ChoiceField(
            label=str(spec.label),
            required=required,
            choices=blank + choices,
            initial=_initial(name, case),
        )
    widget = forms.Textarea(attrs={"rows": 3}) if spec.multiline else forms.TextInput()
    # No max_length: the service says by how many characters a text is too long.
    return forms.CharField(label=str(spec.label), required=required, widget=widget)


def _choices(name: str, row: Transition, case: Case) -> list[tuple[str, Text]] | None:
    if name == "reason_code":
        return list(REASONS[row.action].items())
    if name in OWNER_INPUTS:
        return owner_choices(case)
    if name == "category":
        return [(c.code, c.name) for c in categories()]
    spec = FIELDS[name]
    return list(spec.choices.items()) if spec.choices is not None else None


def _initial(name: str, case: Case) -> str:
    if name == "category":
        return case.category.code if case.category else ""
    if name in OWNER_INPUTS:
        return suggested_owner_key(case)
    return ""


def suggested_owner_key(case: Case) -> str:
    """Return the duty matrix's owner as ``grid:<code>`` or ``department:<code>``; '' if none."""
    if case.suggested_grid:
        return f"grid:{case.suggested_grid.code}"
    return f"department:{case.suggested_department.code}" if case.suggested_department else ""


def owner_choices(case: Case) -> list[tuple[str, Text]]:
    """Return possible owners: the grids around the case first, then the departments. No query."""
    around = case.area_path.rsplit("/", 2)[0] + "/" if case.area_path else ""
    grids = [
        (f"grid:{area.code}", full_name(area))
        for area in descendants(around)
        if area.kind == AreaKind.GRID
    ]
    offices = [(f"department:{d.code}", d.name) for d in departments()]
    return [*grids, *offices]
