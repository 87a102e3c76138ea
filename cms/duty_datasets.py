"""The duties to publish as open data: enough to count the disclosure rate again."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Case, F, Max, When
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.models import DutyState
from cms.selectors.duties import all_duties
from foundation.ledger.models import Entry
from foundation.metrics.datasets import Column, Filters, Row, dataset, keyset

#: Withdrawn duties are no duties; they stay in the ledger.
STATES = {str(v): n for v, n in DutyState.choices if v != DutyState.WITHDRAWN}


def _changed_at() -> datetime | None:
    """When the ledger last wrote of a duty. 1 query."""
    about = Entry.objects.filter(stream__startswith="duties:")
    found: datetime | None = about.aggregate(at=Max("at"))["at"]
    return found


@dataset(
    code="duties",
    title=_("Duties to publish"),
    description=_(
        "Every duty of the catalogue with its due day and what became of it. The disclosure rate "
        "of a time is: state met and not late ÷ all but those that did not arise (declared in "
        "time), of the duties due in that time and before today."
    ),
    every="day",
    updated_at=_changed_at,
    order=20,
    href="/disclosure/",
    columns=(
        Column("id", _("number"), "integer", required=True, unique=True),
        Column("item", _("catalogue item"), required=True, filter=True),
        Column("item_name", _("name"), required=True),
        Column("head", _("head"), required=True, filter=True),
        Column("subject", _("of whom"), required=True, filter=True),
        Column("department", pgettext_lazy("duty", "department"), required=True, filter=True),
        Column("period", _("period"), required=True, filter=True),
        Column("occasion", _("occasion")),
        Column("counted_from", _("counted from"), "date", required=True),
        Column("due_on", pgettext_lazy("duty", "due"), "date", required=True, filter=True),
        Column("state", _("state"), choices=STATES, required=True, filter=True),
        Column("published_on", _("published on"), "date"),
        Column("late", pgettext_lazy("duty", "late"), "boolean", required=True, filter=True),
        Column("reason", _("reason")),
        Column("clause", _("legal clause"), required=True),
    ),
)
def duties(filters: Filters) -> Iterator[Row]:
    """One row a duty, in the order in which they were made."""
    paths = {
        "item": "item__code", "head": "item__head__code", "subject": "subject_key",
        "department": "department__code", "period": "period", "due_on": "due_on",
        "state": "state", "late": "is_late",
    }  # fmt: skip
    found = (
        all_duties()
        .filter(**filters.lookups(paths))
        .annotate(
            clause=KeyTextTransform("clause", "explanation"),
            published=Case(When(state=DutyState.MET, then=F("met_on")), default=None),
        )
    )
    yield from keyset(
        found, "id", "item__code", "item__name", "item__head__code", "subject_key",
        "department__code", "period", "title", "starts_on", "due_on", "state", "published",
        "is_late", "reason", "clause",
    )  # fmt: skip
