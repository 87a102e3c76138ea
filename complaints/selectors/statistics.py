"""Counts behind the published rates and the leaders' panels. Denominators are always told."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from complaints.clockwork import FIRST_RESPONSE, OVERALL, REPORT_IN
from complaints.models import Case, Clock
from complaints.selectors.desk import AHEAD, NO_PLACE
from foundation.metrics.figure import Figure
from foundation.metrics.memo import remembered
from foundation.metrics.period import Period
from foundation.places.models import Area
from foundation.places.selectors import ancestors, area_by_code, towns

SATISFIED = 4
#: Clocks that some published rate counts.
COUNTED = OVERALL | {"accept", "sign_for", FIRST_RESPONSE, REPORT_IN}
#: What a follow-up says when it reached somebody, and when the matter is settled.
REACHED = frozenset({"satisfied", "accepting", "dissatisfied"})
RESOLVED = frozenset({"satisfied", "accepting"})


def _figure(counts: dict[str, int], period: Period) -> Figure:
    return Figure(Decimal(counts["part"]), Decimal(counts["whole"]), period.horizon)


def due_in(period: Period, codes: Iterable[str]) -> QuerySet[Clock]:
    """Clocks whose time was up in the period; those that lost their meaning do not count."""
    horizon = min(period.horizon, period.end_at)
    due = Clock.objects.filter(
        code__in=sorted(codes), due_at__gte=period.start_at, due_at__lt=horizon
    )
    return due.exclude(outcome=Clock.Outcome.VOID)


@dataclass(frozen=True)
class ClockCount:
    """Clocks of one code (of key cases or others) whose time was up in a period."""

    code: str
    is_key: bool
    whole: int
    stopped: int
    on_time: int


def _clock_counts(period: Period) -> list[ClockCount]:
    """Count every clock due in ``period`` at once. One query on an index of due times."""
    given = Q(stopped_at__lte=period.horizon)
    rows = (
        due_in(period, COUNTED)
        .values_list("code", "case__is_key")
        .annotate(
            whole=Count("pk"),
            stopped=Count("pk", filter=given),
            on_time=Count("pk", filter=given & Q(outcome=Clock.Outcome.MET)),
        )
        .order_by()
    )
    return [ClockCount(*row) for row in rows]


def clocks_stopped(
    period: Period, codes: Iterable[str], *, on_time: bool = False, only_key: bool = False
) -> Figure:
    """Return stopped ÷ due among the clocks with ``codes``; ``on_time``: stopped in time.

    Late ones are stopped too; void ones are left out. One query for all rates counted together.
    """
    wanted = set(codes)
    counts = remembered("clocks", period, lambda: _clock_counts(period))
    rows = [c for c in counts if c.code in wanted and (c.is_key or not only_key)]
    part = sum(row.on_time if on_time else row.stopped for row in rows)
    return Figure(Decimal(part), Decimal(sum(row.whole for row in rows)), period.horizon)


def replies(period: Period) -> Figure:
    """答复率: answers given ÷ answers due in the period, late ones included. One query."""
    return clocks_stopped(period, OVERALL)


def replies_on_time(period: Period) -> Figure:
    """按期答复率: answers given by their deadline ÷ answers due in the period. One query."""
    return clocks_stopped(period, OVERALL, on_time=True)


def satisfaction(period: Period) -> Figure:
    """办件满意率: ratings of 4 or 5 ÷ ratings given in the period. Not the official survey."""
    return _figure(_ratings(period), period)


def rating_share(period: Period) -> Figure:
    """参评率: ratings given in the period ÷ answers given of those due in it. Two queries."""
    answers = clocks_stopped(period, OVERALL)
    return Figure(Decimal(_ratings(period)["whole"]), answers.numerator, period.horizon)


def _ratings(period: Period) -> dict[str, int]:
    """Count the ratings of the period, and the good ones. One query."""
    rated = Case.objects.filter(
        rated_at__gte=period.start_at, rated_at__lt=min(period.horizon, period.end_at)
    )
    good = Count("pk", filter=Q(rating__gte=SATISFIED))
    return remembered("ratings", period, lambda: rated.aggregate(whole=Count("pk"), part=good))


def resolved(period: Period) -> Figure:
    """解决率: closed after a follow-up that found it settled ÷ those that reached somebody.

    Whoever is not satisfied cannot be closed: such cases are handled again, and count when they
    are closed (重办率 shows them). One query.
    """
    horizon = min(period.horizon, period.end_at)
    followed = Case.objects.filter(closed_at__gte=period.start_at, closed_at__lt=horizon).exclude(
        followup_result=""
    )
    reached = followed.filter(followup_result__in=sorted(REACHED))
    good = Count("pk", filter=Q(followup_result__in=sorted(RESOLVED)))
    return _figure(reached.aggregate(whole=Count("pk"), part=good), period)


@dataclass(frozen=True)
class TownLoad:
    """Open cases of one town or street, or of none (``town`` is None)."""

    town: Area | None
    open: int
    soon: int
    overdue: int

    @property
    def code(self) -> str:
        """What the desk's filter for places calls it."""
        return self.town.code if self.town else NO_PLACE

    @property
    def risk(self) -> tuple[int, int, int]:
        return self.overdue, self.soon, self.open


@dataclass(frozen=True)
class Load:
    """The district's open cases at one moment, by town, the riskiest first.

    ``elsewhere`` has no place yet.
    """

    towns: tuple[TownLoad, ...]
    elsewhere: TownLoad
    open: int
    soon: int
    overdue: int

    @property
    def worst(self) -> TownLoad | None:
        """The town with the most cases late or about to be; None when there is none."""
        candidates = [load for load in self.towns if load.soon + load.overdue]
        return max(candidates, key=lambda load: load.risk, default=None)

    @property
    def rows(self) -> tuple[TownLoad, ...]:
        """What the table shows: towns, then what stands nowhere if there is any."""
        return (*self.towns, self.elsewhere) if self.elsewhere.open else self.towns


def current_load() -> Load:
    """Return open, due within three days and overdue cases by town. One query."""
    now = timezone.now()
    rows = (
        Case.objects.filter(is_open=True)
        .values("area__code")
        .annotate(
            open=Count("pk"),
            soon=Count("pk", filter=Q(due_at__gt=now, due_at__lte=now + AHEAD)),
            overdue=Count("pk", filter=Q(due_at__lte=now)),
        )
        .order_by()
    )
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        counts = Counter({name: row[name] for name in ("open", "soon", "overdue")})
        sums.setdefault(_town_code(row["area__code"]), Counter()).update(counts)
    total = sum(sums.values(), Counter())
    loads = [_town_load(town, sums.get(town.code, Counter())) for town in towns()]
    return Load(
        tuple(sorted(loads, key=lambda load: load.risk, reverse=True)),
        _town_load(None, sums.get("", Counter())),
        total["open"],
        total["soon"],
        total["overdue"],
    )


def _town_load(town: Area | None, counts: Counter[str]) -> TownLoad:
    return TownLoad(town, counts["open"], counts["soon"], counts["overdue"])


def _town_code(area_code: str | None) -> str:
    area = area_by_code(area_code) if area_code else None
    if area is None:
        return ""
    return next((a.code for a in ancestors(area) if a.kind == "town"), "")
