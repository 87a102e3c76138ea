"""Blind re-checks: what waits for whom, and how often the judges agree."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from complaints.models import Act, Case, Recheck
from complaints.performer import Performer
from complaints.policies import visible
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period

PAGE_SIZE = 50


@dataclass(frozen=True)
class Agreement:
    """How re-checks of a period ended; ``unclear`` ones stand in no rate."""

    agreed: int
    disagreed: int
    unclear: int

    @property
    def judged(self) -> int:
        """The rate's denominator."""
        return self.agreed + self.disagreed


def waiting_for(by: Performer) -> QuerySet[Recheck]:
    """Return re-checks that ``by`` may do: visible, not judged, no part of theirs in the case."""
    took_part = Act.objects.filter(
        case=OuterRef("case_id"), actor_kind="staff", actor_id=by.actor.id
    )
    found = Recheck.objects.filter(~Exists(took_part), verdict="")
    condition = visible(by.access)
    if condition:
        found = found.filter(case__in=Case.objects.filter(condition).values("pk"))
    return found.select_related("case__category__parent", "case__area", "draw").order_by("id")


def recheck_for(by: Performer, uid: UUID) -> Recheck | None:
    """Return the re-check ``uid`` if it waits for ``by``. One query."""
    return waiting_for(by).filter(uid=uid).first()


def agreement(period: Period) -> Agreement:
    """Return how the re-checks judged in ``period`` ended. One query."""
    judged = Recheck.objects.filter(
        judged_at__gte=period.start_at, judged_at__lt=min(period.horizon, period.end_at)
    )
    verdict = Recheck.Verdict
    return Agreement(
        **judged.aggregate(
            agreed=Count("pk", filter=Q(verdict=verdict.AGREE)),
            disagreed=Count("pk", filter=Q(verdict=verdict.DISAGREE)),
            unclear=Count("pk", filter=Q(verdict=verdict.UNCLEAR)),
        )
    )


def agreement_figure(period: Period) -> Figure:
    """盲样认可率: re-checks that agreed ÷ those that agreed or disagreed. One query."""
    found = agreement(period)
    return Figure(Decimal(found.agreed), Decimal(found.judged), period.horizon)
