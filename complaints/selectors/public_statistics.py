"""What everybody may read of a month: rates, kinds, and streets in bands, never in ranks.

国办函〔2025〕66号: graded evaluation, "不片面追求排名". Fewer than thirty answers are not graded,
and a cell below five is not shown, nor one from which it could be worked out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.clockwork import OVERALL
from complaints.models import Clock
from complaints.selectors.kinds import KindShare, KindShares, types_share
from complaints.selectors.rules import category_by_id
from complaints.selectors.statistics import due_in
from complaints.workflow import Text
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period
from foundation.metrics.selectors import shown_figures
from foundation.places.models import Area
from foundation.places.selectors import towns

SMALLEST_CELL = 5
SMALLEST_GRADED = 30
GOOD, NEAR = Decimal(95), Decimal(85)

#: The figures of the page, and what each counts, in plain words.
EXPLAINED: dict[str, Text] = {
    "accept_rate": _(
        "Reports decided on ÷ reports whose time for a decision was up. Not accepting is a "
        "decision too, and always names the right office."
    ),
    "response_on_time": _(
        "First word to the reporter (on site, by telephone or in writing) in time ÷ "
        "first words due."
    ),
    "reply_rate": _("Answers given ÷ answers due, late ones included; withdrawn ones are not due."),
    "on_time_rate": _("Answers given in time ÷ answers due."),
    "key_case_rate": _("The same for urgent and marked cases."),
    "resolved_rate": _("Settled, as the follow-up found ÷ reporters whom the follow-up reached."),
    "case_satisfaction": _(
        "Ratings of four and five ÷ ratings given. Every rating counts as it was given."
    ),
    "rating_share": _("Ratings given ÷ answers given: how many had their say."),
}


class Band(StrEnum):
    """How a street stands; never which is first."""

    GOOD = "good"
    NEAR = "near"
    LOW = "low"
    FEW = "few"


BANDS: dict[Band, Text] = {
    Band.GOOD: pgettext_lazy("band", "On target"),
    Band.NEAR: pgettext_lazy("band", "Close"),
    Band.LOW: pgettext_lazy("band", "Has to improve"),
    Band.FEW: pgettext_lazy("band", "Too few to grade"),
}


@dataclass(frozen=True)
class ExplainedFigure:
    """A rate with its title, its target and what it counts."""

    title: Text
    figure: Figure
    explanation: Text

    @property
    def part(self) -> int:
        return int(self.figure.numerator)

    @property
    def whole(self) -> int:
        return int(self.figure.denominator)


@dataclass(frozen=True)
class StreetRow:
    """Answers of one town or street; ``figure`` None: too few to be shown."""

    town: Area
    figure: Figure | None
    band: Band

    @property
    def band_label(self) -> Text:
        return BANDS[self.band]


@dataclass(frozen=True)
class MonthPage:
    """Everything the page of a month shows."""

    figures: tuple[ExplainedFigure, ...]
    kinds: tuple[KindShare, ...]
    reports: int
    kinds_may_exceed: bool
    streets: tuple[StreetRow, ...]


def month_page(period: Period) -> MonthPage:
    """Return the public figures of ``period``: those that every page shows. At most 10 queries."""
    shares = types_share(period)
    shown = tuple(row for row in _families(shares) if row.count >= SMALLEST_CELL)
    return MonthPage(
        figures=tuple(
            ExplainedFigure(shown.metric.title, shown.figure, EXPLAINED[shown.metric.code])
            for shown in shown_figures(period, EXPLAINED)
        ),
        kinds=shown,
        reports=shares.whole,
        kinds_may_exceed=shares.may_exceed,
        streets=streets_of(period),
    )


def _families(shares: KindShares) -> list[KindShare]:
    """Return the shares of the upper level (大类), the largest first."""
    counts: Counter[int] = Counter()
    for row in shares.rows:
        counts[row.category.parent_id or row.category.pk] += row.count
    known = [(category_by_id(pk), count) for pk, count in counts.most_common()]
    return [KindShare(c, count, shares.whole) for c, count in known if c is not None]


def streets_of(period: Period) -> tuple[StreetRow, ...]:
    """Return the towns in the pack's order with answers in time ÷ answers due. One query."""
    met = Q(outcome=Clock.Outcome.MET, stopped_at__lte=period.horizon)
    rows = (
        due_in(period, OVERALL)
        .values_list("case__area_path")
        .annotate(whole=Count("pk"), part=Count("pk", filter=met))
        .order_by()
    )
    whole, part = Counter[str](), Counter[str]()
    for path, count, in_time in rows:
        town = next((t.code for t in towns() if (path or "").startswith(t.path)), "")
        whole[town] += count
        part[town] += in_time
    hidden = suppressed([whole[town.code] for town in towns()])
    return tuple(
        _row(town, part[town.code], whole[town.code], is_hidden, period)
        for town, is_hidden in zip(towns(), hidden, strict=True)
    )


def _row(town: Area, part: int, whole: int, is_hidden: bool, period: Period) -> StreetRow:
    if is_hidden:
        return StreetRow(town, None, Band.FEW)
    found = Figure(Decimal(part), Decimal(whole), period.horizon)
    return StreetRow(town, found, band_of(found))


def band_of(found: Figure) -> Band:
    """Return the band of a rate; fewer than thirty are not graded."""
    if found.value is None or found.denominator < SMALLEST_GRADED:
        return Band.FEW
    if found.value >= GOOD:
        return Band.GOOD
    return Band.NEAR if found.value >= NEAR else Band.LOW


def suppressed(counts: Sequence[int]) -> list[bool]:
    """Say which counts must not be shown: the small ones, and one more if one alone is hidden.

    Zero tells of nobody and may be shown. With the sum known, a single hidden cell could be worked
    out from the others; so the smallest of those is hidden too.
    """
    hidden = [0 < count < SMALLEST_CELL for count in counts]
    if sum(hidden) == 1:
        others = [place for place, count in enumerate(counts) if count and not hidden[place]]
        if others:
            hidden[min(others, key=lambda place: counts[place])] = True
    return hidden
