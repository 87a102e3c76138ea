"""Writes of cms that do not come from an editor's hand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from cms.models import PublishedResult
from foundation.places.models import Area, AreaKind
from foundation.places.selectors import ancestors, area_by_code
from foundation.vault.masking import masked


class ProjectionRefused(ValueError):
    """The public projection of a case lacks what a result needs; asking again will not help."""


@dataclass(frozen=True)
class Projection:
    """What a closed case offers to the public list, before an editor has seen it."""

    number: str
    area_code: str
    category: str
    problem: str
    outcome: str
    closed_on: date

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> "Projection":
        """Read an event's payload; raises ProjectionRefused when a field is missing or bad."""
        try:
            return cls(
                number=str(payload["number"]),
                area_code=str(payload.get("area_code") or ""),
                category=str(payload.get("category") or "")[:60],
                problem=str(payload["problem"])[:600],
                outcome=str(payload["outcome"])[:1500],
                closed_on=date.fromisoformat(str(payload["closed_on"])[:10]),
            )
        except (KeyError, ValueError) as error:
            raise ProjectionRefused(f"public projection of a case: {error}") from error


def _town(code: str) -> Area | None:
    """The town or street around the area with this code; finer places would point at people."""
    area = area_by_code(code) if code else None
    if area is None:
        return None
    return next((a for a in ancestors(area) if a.kind == AreaKind.TOWN), None)


def _values(projection: Projection) -> dict[str, Any]:
    return {
        "number": projection.number,
        "area": _town(projection.area_code),
        "category": projection.category,
        "problem": masked(projection.problem),
        "outcome": masked(projection.outcome),
        "closed_on": projection.closed_on,
    }


def _mark(projection: Projection) -> str:
    """A fingerprint of what the case said, so that a second delivery of it is recognised."""
    return hashlib.sha256(repr(projection).encode()).hexdigest()


@transaction.atomic
def draft_result(*, case_id: UUID, projection: Projection) -> PublishedResult:
    """Make or renew the draft of a closed case's public result; never publishes. Idempotent.

    Texts are masked before they are stored. A draft that nobody has edited follows the case; once
    an editor has saved or published it, a changed case becomes a new revision for them to review,
    and the public list stays as it is. Locks the result's row.
    """
    mark, values = _mark(projection), _values(projection)
    result, made = PublishedResult.objects.select_for_update().get_or_create(
        case_id=case_id, defaults={**values, "source_mark": mark}
    )
    if made or result.source_mark == mark:
        return result
    for name, value in values.items():
        setattr(result, name, value)
    result.source_mark = mark
    if result.live or result.latest_revision_id:
        result.save_revision(log_action=True)
        PublishedResult.objects.filter(pk=result.pk).update(source_mark=mark)
    else:
        result.save()
    return result
