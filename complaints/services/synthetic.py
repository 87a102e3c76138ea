"""Synthetic cases with whole histories, for demonstration, tests and benchmarks.

Every case walks the real workflow table with the real clock rules (complaints.services.drafts);
acts, clocks and ledger entries are written in bulk, so that 100,000 cases take a minute. All rows
are marked ``is_demo``.
"""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from shapely.geometry import shape

from complaints import numbers
from complaints.models import Act, Case, CaseCounter, Category, Clock
from complaints.selectors.rules import categories, clock_rules, rungs
from complaints.services.bulk import JsonText, insert_rows, next_ids
from complaints.services.draft_whistles import add_whistle, write_whistles
from complaints.services.drafts import Draft, DraftAct, Scenery, Spot, draft_of, moment_between
from complaints.services.routing import suggest_owner
from complaints.services.stories import TYPE_SHARES
from foundation.ledger.services import Record, append_bulk
from foundation.places.models import AreaKind, Department
from foundation.places.pack import Pack
from foundation.places.selectors import (
    current_district,
    department_by_code,
    departments,
    snapshot,
)
from foundation.worktime.selectors import calendar

CHUNK = 1000
Told = Callable[[int], None]

#: Every column of a case with what it holds when a story says nothing of it.
DEFAULTS: dict[str, Any] = {
    **{str(field.column): field.get_default() for field in Case._meta.concrete_fields},
    "is_demo": True,
}
CASE_COLUMNS = tuple(DEFAULTS)
#: Act → (name in the ledger, column) of what the services' entries hold.
TOLD = {
    "rate": (("rating", "rating"),),
    "close": (("followup_result", "followup_result"),),
    "accept": (("key", "is_key"),),
}
CLOCK_COLUMNS = (
    "case_id", "code", "limit", "legal_basis", "started_at", "due_at", "stopped_at", "outcome",
    "explanation", "version", "pauses", "paused_at", "rung", "warn_at",
)  # fmt: skip
ACT_COLUMNS = (
    "case_id", "ledger_seq", "key", "action", "source", "target", "actor_kind", "actor_id",
    "actor_role", "at", "public_text", "internal_text", "data",
)  # fmt: skip
NO_DATA = JsonText("{}")


def make_cases(*, count: int, seed: int, years: float = 1.0, tell: Told = lambda done: None) -> int:
    """Write ``count`` synthetic cases spread over the last ``years``; returns how many.

    The same seed gives the same cases for the same moment. Each thousand is one transaction: the
    ledger's chain, acts, clocks and cases are whole at every commit. ``tell`` hears of progress.
    """
    random = Random(seed)  # noqa: S311 - play data, nothing secret hangs on it
    scenery = _scenery()
    since = scenery.now - timedelta(days=365 * years)
    moments = sorted(moment_between(random, since, scenery.now) for _ in range(count))
    with _no_cycle_search():
        for drafts in _told_ahead(random, scenery, moments):
            with transaction.atomic():
                _write(drafts)
            tell(len(drafts))
    return count


def _scenery() -> Scenery:
    """Read everything that stories need. A few queries; none follow while stories are told."""
    areas = snapshot().areas.values()
    spots = [Spot(a, shape(a.geometry)) for a in areas if a.kind == AreaKind.GRID and a.geometry]
    families = {kind: _family(kind) for kind in TYPE_SHARES}
    owners = {
        (category.pk, spot.grid.pk): suggest_owner(category, spot.grid)
        for category in {c for family in families.values() for c in family}
        for spot in spots
    }
    return Scenery(
        now=timezone.now(),
        texts=_texts(Pack(settings.DISTRICT_PACK)),
        spots=spots,
        families=families,
        clock_rules=clock_rules(),
        calendar=calendar(),
        fallback=_fallback(),
        owner_of=lambda category, grid: owners[category.pk, grid.pk],
        departments=tuple(d.pk for d in departments() if d.area_id is None),
    )


def _texts(pack: Pack) -> dict[int, tuple[str, ...]]:
    """What residents write, by category: ``demo/words.toml``, else the category's own name."""
    given: dict[str, tuple[str, ...]] = {}
    if pack.has("demo/words"):
        head = pack.row("demo/words")
        table = head.table("texts")
        given = {code: table.texts(code) for code in table.data}
        head.finish()
    return {c.pk: given.get(c.code) or (c.name,) for c in categories()}


def _family(kind: str) -> list[Category]:
    below = [c for c in categories() if c.parent is not None and c.parent.code == kind]
    return below or [c for c in categories() if c.code == kind]


def _fallback() -> Department:
    return department_by_code("ecology") or next(iter(snapshot().departments.values()))


def _told_ahead(random: Random, scenery: Scenery, moments: list[datetime]) -> Iterator[list[Draft]]:
    """Yield the drafts by chunks; the next chunk is told while the database takes in the last."""

    def tell(start: int) -> list[Draft]:
        drafts = [draft_of(random, scenery, at) for at in moments[start : start + CHUNK]]
        for draft in drafts:
            add_whistle(random, scenery, draft)
        return drafts

    with ThreadPoolExecutor(1) as narrator:
        waiting = narrator.submit(tell, 0)
        for start in range(CHUNK, len(moments), CHUNK):
            drafts, waiting = waiting.result(), narrator.submit(tell, start)
            yield drafts
        yield waiting.result()


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """Rows hold no cycles; searching hundreds of thousands for some took a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(drafts: list[Draft]) -> None:
    """Write a chunk: numbers, cases, clocks, then the ledger's entries with their acts."""
    _number(drafts)
    ids = next_ids(Case, len(drafts))
    rows = []
    for pk, draft in zip(ids, drafts, strict=True):
        draft.values["id"] = pk
        values = {**DEFAULTS, **draft.values}
        rows.append(tuple([values[name] for name in CASE_COLUMNS]))
    insert_rows(Case, CASE_COLUMNS, rows)
    insert_rows(Clock, CLOCK_COLUMNS, _clock_rows(drafts, timezone.now()))
    write_whistles(drafts, now=timezone.now())
    _write_acts(drafts)


def _clock_rows(drafts: list[Draft], now: datetime) -> list[tuple[Any, ...]]:
    at_end = sum(rung.share < 100 for rung in rungs())
    return [
        (
            draft.values["id"],
            clock.code,
            clock.rule.limit,
            clock.rule.legal_basis,
            clock.started_at,
            clock.due_at,
            clock.stopped_at,
            clock.outcome,
            clock.explanation,
            clock.version,
            clock.pauses,
            clock.paused_at,
            at_end,
            clock.warn_at(now),
        )
        for draft in drafts
        for clock in draft.clocks
    ]


def _number(drafts: list[Draft]) -> None:
    """Hand out numbers day by day, behind those already given."""
    prefix = current_district().case_prefix or "GZ"
    days = {draft.day for draft in drafts}
    known = CaseCounter.objects.select_for_update().in_bulk(days)
    counters = {day: known[day].value if day in known else 0 for day in days}
    for draft in drafts:
        counters[draft.day] += 1
        draft.values["number"] = numbers.case_number(prefix, draft.day, counters[draft.day])
    CaseCounter.objects.bulk_create(
        [CaseCounter(day=day, value=value) for day, value in counters.items()],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["value"],
    )


def _write_acts(drafts: list[Draft]) -> None:
    """Write the acts of all drafts in the order of time, each with its ledger entry."""
    told = [(draft, act) for draft in drafts for act in draft.acts]
    told.sort(key=lambda item: item[1].at)
    entries = append_bulk([_record(draft, act) for draft, act in told])
    rows: list[tuple[Any, ...]] = [
        (
            draft.values["id"],
            seq,
            None,
            act.action,
            act.source,
            act.target,
            act.actor.kind,
            act.actor.id,
            act.actor.role,
            act.at,
            act.public_text,
            "",
            NO_DATA,
        )
        for (draft, act), seq in zip(told, entries, strict=True)
    ]
    insert_rows(Act, ACT_COLUMNS, rows)


def _told(values: dict[str, Any], act: DraftAct) -> dict[str, Any]:
    """What the ledger knows besides: clocks, and what rates count."""
    more = {name: values[column] for name, column in TOLD.get(act.action, ()) if values[column]}
    return {**act.story, **more}


def _record(draft: Draft, act: DraftAct) -> Record:
    values = draft.values
    return Record(
        stream=f"case:{values['uid']}",
        action=f"case.{act.action}",
        actor=act.actor,
        at=act.at,
        data={
            "number": values["number"],
            "from": act.source,
            "to": act.target,
            "version": act.version,
            "demo": True,
            **_told(values, act),
        },
    )
