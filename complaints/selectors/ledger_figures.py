"""The published rates, counted again from the ledger alone: no row of a case is read.

One walk over the chain gives every clock that was due in a period, whatever is asked of it later.
Entries of cases say which clocks begin, stop, pause and are void (complaints.clockwork.story_of).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from complaints.selectors.statistics import REACHED, RESOLVED, SATISFIED
from foundation.ledger.models import Entry
from foundation.ledger.selectors import head
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period

PREFIX = "case:"
BATCH = 5000


@dataclass(frozen=True)
class Ended:
    """A clock that was due in the period: its code, and when it stopped (None: it runs).

    What stands still when it ends was in time if its pause began in time.
    """

    code: str
    due: datetime
    stopped: datetime | None
    is_late: bool
    is_key: bool


@dataclass
class Running:
    """A clock on its way."""

    due: datetime
    paused: datetime | None = None


@dataclass
class Story:
    """What the walk remembers of one case."""

    clocks: dict[str, Running] = field(default_factory=dict)
    is_key: bool = False

    def named(self, codes: Iterable[str]) -> list[str]:
        """Return running clocks named by ``codes``; "report_in" names those of all departments."""
        wanted = set(codes)
        return [code for code in self.clocks if code in wanted or code.split(":")[0] in wanted]


@dataclass
class Facts:
    """Everything the rates of one period count."""

    clocks: list[Ended] = field(default_factory=list)
    ratings: list[tuple[datetime, int]] = field(default_factory=list)
    followups: list[tuple[datetime, str]] = field(default_factory=list)


def clocks_met(period: Period, codes: Iterable[str], *, only_key: bool = False) -> Figure:
    """Return stopped ÷ due among the clocks with ``codes``, as statistics.clocks_stopped does."""
    return _share(period, codes, on_time=False, only_key=only_key)


def clocks_on_time(period: Period, codes: Iterable[str]) -> Figure:
    """Return stopped in time ÷ due among the clocks with ``codes``."""
    return _share(period, codes, on_time=True)


def _share(
    period: Period, codes: Iterable[str], *, on_time: bool, only_key: bool = False
) -> Figure:
    wanted, horizon = set(codes), min(period.horizon, period.end_at)
    part = whole = 0
    for clock in _facts(period).clocks:
        counts = clock.code in wanted and period.start_at <= clock.due < horizon
        if not counts or (only_key and not clock.is_key):
            continue
        whole += 1
        stopped = clock.stopped is not None and clock.stopped <= period.horizon
        part += stopped and not (on_time and clock.is_late)
    return Figure(Decimal(part), Decimal(whole), period.horizon)


def rated(period: Period) -> Figure:
    """Return ratings of 4 and 5 ÷ ratings."""
    values = [v for at, v in _facts(period).ratings if at < _end(period)]
    good = sum(value >= SATISFIED for value in values)
    return Figure(Decimal(good), Decimal(len(values)), period.horizon)


def rating_share(period: Period) -> Figure:
    """Return ratings ÷ answers given on which the time was up."""
    answers = clocks_met(period, ("handling", "redo", "extension"))
    count = sum(at < _end(period) for at, _value in _facts(period).ratings)
    return Figure(Decimal(count), answers.numerator, period.horizon)


def resolved(period: Period) -> Figure:
    """Return follow-ups that found it settled ÷ follow-ups that reached somebody."""
    values = [v for at, v in _facts(period).followups if at < _end(period)]
    reached = [value for value in values if value in REACHED]
    good = sum(value in RESOLVED for value in reached)
    return Figure(Decimal(good), Decimal(len(reached)), period.horizon)


def _end(period: Period) -> datetime:
    return min(period.horizon, period.end_at)


def _facts(period: Period) -> Facts:
    return _walk(str(period), head().seq)


@lru_cache(maxsize=2)
def _walk(period_text: str, upto: int) -> Facts:
    """Read every entry of cases once. Memory: the open clocks, and those due in the period."""
    walk = Walk(Period.parse(period_text))
    for after in range(0, upto, BATCH):
        rows = (
            Entry.objects.filter(seq__gt=after, seq__lte=min(after + BATCH, upto))
            .order_by("seq")
            .values_list("stream", "action", "at", "data")
        )
        for stream, action, at, data in rows:
            if stream.startswith(PREFIX):
                walk.take(stream, action, at, data)
    return walk.finish()


@dataclass
class Walk:
    """What is remembered on the way through the chain, and what the period's rates count."""

    period: Period
    stories: dict[str, Story] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)

    def take(self, stream: str, action: str, at: datetime, data: Any) -> None:
        """Take in one entry of a case."""
        story = self.stories.setdefault(stream, Story())
        story.is_key = story.is_key or bool(data.get("key"))
        if action == "case.submit" and data.get("due"):
            story.clocks["accept"] = Running(datetime.fromisoformat(data["due"]))
        self._end(story, at, data)
        self._begin(story, action, data)
        if self.period.start_at <= at < self.period.end_at:
            self._count(action, at, data)
        if not story.clocks and not story.is_key:
            del self.stories[stream]

    def finish(self) -> Facts:
        """Add the clocks that still run and return everything."""
        for story in self.stories.values():
            for code, clock in story.clocks.items():
                self._keep(story, code, clock, None)
        return self.facts

    def _end(self, story: Story, at: datetime, data: Mapping[str, Any]) -> None:
        for code in story.named(data.get("stopped", ())):
            self._keep(story, code, story.clocks.pop(code), at)
        for code in story.named(data.get("undone", ())):
            clock = story.clocks.pop(code)
            if clock.due < at:
                self._keep(story, code, clock, at)
        for code in story.named(data.get("void", ())):
            del story.clocks[code]
        for code in story.named(data.get("paused", ())):
            story.clocks[code].paused = story.clocks[code].paused or at

    def _begin(self, story: Story, action: str, data: Mapping[str, Any]) -> None:
        for code, due in data.get("clocks", {}).items():
            known = story.clocks.get(code)
            # A changed calendar moves a deadline; the clock goes on as it was.
            paused = known.paused if known and action == "case.deadlines_moved" else None
            story.clocks[code] = Running(datetime.fromisoformat(due), paused)

    def _count(self, action: str, at: datetime, data: Mapping[str, Any]) -> None:
        if action == "case.rate":
            self.facts.ratings.append((at, int(data["rating"])))
        elif action == "case.close" and data.get("followup_result"):
            self.facts.followups.append((at, data["followup_result"]))

    def _keep(self, story: Story, code: str, clock: Running, at: datetime | None) -> None:
        if not self.period.start_at <= clock.due < self.period.end_at:
            return
        is_late = at is not None and clock.due < (clock.paused or at)
        family = code.split(":")[0]
        self.facts.clocks.append(Ended(family, clock.due, at, is_late, story.is_key))
