"""Forms of acts, built from the workflow's required inputs: screen and service ask the same."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.inputs import (
    FIELDS,
    OPTIONAL,
    REJECT_REASONS,
    WHISTLE_REASONS,
)
from complaints.models import Case
from complaints.selectors.rules import categories
from complaints.services.routing import helpers_of
from complaints.workflow import Text, Transition
from foundation.places.models import Area, AreaKind
from foundation.places.selectors import departments, descendants, full_name
from foundation.ui.options import PlainSelect

REASONS = {"reject": REJECT_REASONS, "blow_whistle": WHISTLE_REASONS}
OWNER_INPUTS = ("owner", "proposed_owner")
#: Inputs that are days.
DAYS = ("milestone_on",)
#: Inputs of which several may be chosen.
SEVERAL = ("departments",)
#: Values with their labels, or groups of those under one label.
Choices = list[tuple[Text, Text | list[tuple[str, Text]]]]


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
        return {name: typed(self.data, name) for name in self.fields if name in FIELDS}


def typed(data: Any, name: str) -> str:
    """Return what was sent for ``name``; several choices as one text with commas."""
    several = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
    return ",".join(map(str, several)) if name in SEVERAL else str(several[-1] if several else "")


def _form_field(name: str, row: Transition, case: Case) -> forms.Field:
    spec = FIELDS[name]
    required = name in row.required
    if name in SEVERAL:
        return department_boxes(case, required=required)
    choices = _choices(name, row, case)
    if choices is not None:
        blank: Choices = [("", _("Choose…"))]
        return forms.ChoiceField(
            label=str(spec.label),
            required=required,
            choices=blank + choices,
            initial=_initial(name, case),
            widget=PlainSelect,
        )
    widget = _widget(name)
    # No max_length: the service says by how many characters a text is too long.
    return forms.CharField(label=str(spec.label), required=required, widget=widget)


def _widget(name: str) -> forms.Widget:
    if name in DAYS:
        return forms.DateInput(attrs={"type": "date"})
    return forms.Textarea(attrs={"rows": 3}) if FIELDS[name].multiline else forms.TextInput()


def _choices(name: str, row: Transition, case: Case) -> Choices | None:
    if name == "reason_code":
        return list(REASONS[row.action].items())
    if name in OWNER_INPUTS:
        return owner_groups(case)
    if name == "category":
        return [(c.code, c.name) for c in categories()]
    spec = FIELDS[name]
    return list(spec.choices.items()) if spec.choices is not None else None


def _initial(name: str, case: Case) -> str:
    if name == "category":
        return case.category.code if case.category else ""
    if name == "track":
        return case.track
    if name in OWNER_INPUTS:
        return suggested_owner_key(case)
    return ""


def department_boxes(case: Case, *, required: bool = True) -> forms.Field:
    """Return the choice of departments; those the duty matrix names as helpers are ticked."""
    own = case.owner_department_id
    return forms.MultipleChoiceField(
        label=str(FIELDS["departments"].label),
        required=required,
        choices=[(d.code, d.short_name or d.name) for d in departments() if d.pk != own],
        initial=sorted(helpers_of(case)),
        widget=forms.CheckboxSelectMultiple,
    )


def suggested_owner_key(case: Case) -> str:
    """Return the duty matrix's owner as ``grid:<code>`` or ``department:<code>``; '' if none."""
    if case.suggested_grid:
        return f"grid:{case.suggested_grid.code}"
    return f"department:{case.suggested_department.code}" if case.suggested_department else ""


def owner_choices(case: Case) -> list[tuple[str, Text]]:
    """Return possible owners: the grids around the case first, then the departments. No query."""
    grids = [(f"grid:{area.code}", full_name(area)) for area in _grids_around(case)]
    return [*grids, *_offices()]


def owner_groups(case: Case) -> Choices:
    """Return possible owners by community, the departments last. No query.

    Each is called by its own name: a select of usual width cut the grid off, when its town and
    community stood before it.
    """
    groups: dict[Text, list[tuple[str, Text]]] = {}
    for area in _grids_around(case):
        community = full_name(area).removesuffix(area.name).strip() or area.name
        groups.setdefault(community, []).append((f"grid:{area.code}", area.name))
    return [*groups.items(), (_("Departments"), _offices())]


def _grids_around(case: Case) -> list[Area]:
    around = case.area_path.rsplit("/", 2)[0] + "/" if case.area_path else ""
    return [area for area in descendants(around) if area.kind == AreaKind.GRID]


def _offices() -> list[tuple[str, Text]]:
    return [(f"department:{d.code}", d.name) for d in departments()]
