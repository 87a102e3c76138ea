"""Answers on time, and the yearly report: from the rows, and again from the ledger alone."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.db.models import Count, F, Q
from django.utils.timezone import localtime

from cms.inforequest_workflow import OVERALL, AnswerType
from cms.models import ApplicantKind, RequestClock
from foundation.ledger.models import Entry
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period

PREFIX = "inforequest:"
ENDED = frozenset({"answered", "redirected", "lapsed", "withdrawn"})


def answered_on_time(period: Period) -> Figure:
    """Return answers given in time ÷ answers due in the period. One query."""
    end = min(period.horizon, period.end_at)
    due = RequestClock.objects.filter(
        code__in=sorted(OVERALL), due_at__gte=period.start_at, due_at__lt=end
    ).exclude(outcome=RequestClock.Outcome.VOID, stopped_at__lte=period.horizon)
    due = due.filter(paused_at=None)
    met = Q(stopped_at__lte=period.horizon) & Q(stopped_at__lte=F("due_at"))
    counts = due.aggregate(part=Count("pk", filter=met), whole=Count("pk"))
    return Figure(Decimal(counts["part"]), Decimal(counts["whole"]), period.horizon)


@dataclass
class Story:
    """What the ledger tells of one request."""

    kind: str = ""
    submitted: datetime | None = None
    ended: datetime | None = None
    state: str = ""
    answer: str = ""
    ground: str = ""
    partial: bool = False
    paused: bool = False
    clocks: dict[str, datetime] = field(default_factory=dict)
    stopped: list[tuple[datetime, datetime]] = field(default_factory=list)


def _walk(until: datetime) -> dict[str, Story]:
    """Read every entry of requests up to ``until``, in order. One streamed query."""
    stories: dict[str, Story] = {}
    entries = Entry.objects.filter(stream__startswith=PREFIX, at__lte=until).order_by("seq")
    for entry in entries.iterator(chunk_size=2000):
        if entry.action.startswith("inforequest."):
            _follow(stories.setdefault(entry.stream, Story()), entry)
    return stories


def _follow(story: Story, entry: Entry) -> None:
    data = cast(Mapping[str, Any], entry.data)
    if entry.action == "inforequest.submit":
        story.kind, story.submitted = data["kind"], entry.at
    story.state = data.get("to", story.state)
    story.answer = data.get("answer", story.answer)
    story.ground = data.get("ground", story.ground)
    story.partial = data.get("partial", story.partial)
    story.paused = story.state == "consulting"
    _turn(story, data, entry.at)
    if story.state in ENDED and not story.ended:
        story.ended = entry.at


def _turn(story: Story, data: Mapping[str, Any], at: datetime) -> None:
    for code in data.get("void", []):
        story.clocks.pop(code, None)
    for code in data.get("stopped", []):
        if code in story.clocks and code in OVERALL:
            story.stopped.append((story.clocks[code], at))
        story.clocks.pop(code, None)
    for code, due in data.get("clocks", {}).items():
        story.clocks[code] = datetime.fromisoformat(due)


def answered_on_time_in_ledger(period: Period) -> Figure:
    """Return the same as :func:`answered_on_time`, counted from the ledger alone."""
    end = min(period.horizon, period.end_at)
    met = whole = 0
    for story in _walk(period.horizon).values():
        for due, at in story.stopped:
            if period.start_at <= due < end:
                whole += 1
                met += at <= due
        running = [due for code, due in story.clocks.items() if code in OVERALL]
        whole += sum(period.start_at <= due < end for due in running if not story.paused)
    return Figure(Decimal(met), Decimal(whole), period.horizon)


#: Rows of the yearly report: (code, how a story is recognised).
OUTCOMES: tuple[str, ...] = (
    "granted", "partial", "already_public", "refused", "not_held", "not_ours", "other_law",
    "repeated", "redirected", "lapsed", "withdrawn",
)  # fmt: skip


def outcome_of(story: Story) -> str:
    """Return the report's row for a request that has ended."""
    if story.state != "answered":
        return story.state
    is_partial = story.answer == AnswerType.GRANTED and story.partial
    return "partial" if is_partial else story.answer


@dataclass(frozen=True)
class YearlyReport:
    """Counts by kind of applicant; every count sums up to ``total``."""

    year: int
    kinds: tuple[str, ...]
    carried_in: Counter[str]
    received: Counter[str]
    outcomes: dict[str, Counter[str]]
    grounds: Counter[str]
    carried_on: Counter[str]

    def lines(self) -> Iterator[tuple[str, list[int], int]]:
        """Yield (code, count per kind, total) in the report's order."""
        counts = {
            "received": self.received,
            "carried_in": self.carried_in,
            **self.outcomes,
            "carried_on": self.carried_on,
        }
        for code, counter in counts.items():
            row = [counter[kind] for kind in self.kinds]
            yield code, row, sum(row)

    @property
    def is_balanced(self) -> bool:
        """Whether what came in is what was decided and what is left."""
        came = self.received.total() + self.carried_in.total()
        went = sum(counter.total() for counter in self.outcomes.values())
        return came == went + self.carried_on.total()


def yearly_report(year: int, *, until: datetime) -> YearlyReport:
    """Return the counts of ``year`` (district's calendar) from the ledger alone. One query."""
    report = YearlyReport(
        year, tuple(ApplicantKind.values), Counter(), Counter(),
        {code: Counter() for code in OUTCOMES}, Counter(), Counter(),
    )  # fmt: skip
    for story in _walk(until).values():
        if story.submitted is not None:
            _count(report, story)
    return report


def _count(report: YearlyReport, story: Story) -> None:
    assert story.submitted is not None  # noqa: S101 - the caller chose so
    began = localtime(story.submitted).year
    ended = localtime(story.ended).year if story.ended else None
    if began > report.year or (ended is not None and ended < report.year):
        return
    (report.received if began == report.year else report.carried_in)[story.kind] += 1
    if ended != report.year:
        report.carried_on[story.kind] += 1
        return
    code = outcome_of(story)
    report.outcomes[code][story.kind] += 1
    if code in {"refused", "partial"} and story.ground:
        report.grounds[story.ground] += 1
