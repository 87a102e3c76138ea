"""Clocks of a case: which rule applies, starting and stopping. Rules are data from the pack."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Case as SqlCase
from django.db.models import F, Q, Value, When
from django.utils.timezone import localdate

from complaints.models import Case, Clock, ClockRule, Rung
from complaints.selectors.rules import clock_rules, rungs
from foundation.worktime.services import Pause, deadline, moment_at


def rule_for(code: str, *, track: str, urgency: str, on: date) -> ClockRule:
    """Return the most special rule in force on ``on`` (district's date): track and urgency first.

    A case keeps the law of its day. Reads the cached rules; raises LookupError when the data pack
    has none, which the pack's own check refuses beforehand.
    """
    return best_rule(clock_rules(), code, track=track, urgency=urgency, on=on)


def best_rule(
    rules: Iterable[ClockRule], code: str, *, track: str, urgency: str, on: date
) -> ClockRule:
    """Choose among ``rules`` like :func:`rule_for`. Touches no database."""
    fitting = [
        rule
        for rule in rules
        if rule.code == code
        and rule.track in {"", track}
        and rule.urgency in {"", urgency}
        and rule.valid_from <= on
        and (rule.valid_to is None or on <= rule.valid_to)
    ]
    if not fitting:
        raise LookupError(f"The data pack has no clock {code!r} for {track}/{urgency} on {on}.")
    return max(fitting, key=lambda rule: (bool(rule.track), bool(rule.urgency), rule.valid_from))


def new_clock(case: Case, code: str, *, start: datetime) -> Clock:
    """Return an unsaved running clock for ``case`` with its explained deadline."""
    rule = rule_for(code, track=case.track, urgency=case.urgency, on=localdate(case.submitted_at))
    due = deadline(start, rule.limit)
    clock = Clock(
        case=case,
        code=code,
        limit=rule.limit,
        legal_basis=rule.legal_basis,
        started_at=start,
        due_at=due.due,
        explanation=due.explanation(),
    )
    clock.warn_at = next_warning(clock)
    return clock


def return_due(case: Case) -> datetime | None:
    """Return until when a dispatched case may be handed back; None if it is not dispatched.

    The time runs from the dispatch, as that for signing does. One query.
    """
    running = Clock.objects.filter(case=case, code="sign_for", outcome=Clock.Outcome.RUNNING)
    start = running.values_list("started_at", flat=True).last()
    if start is None:
        return None
    on = localdate(case.submitted_at)
    rule = rule_for("return", track=case.track, urgency=case.urgency, on=on)
    return deadline(start, rule.limit).due


def next_warning(clock: Clock) -> datetime | None:
    """Return when the next rung of the ladder is reached; None above the last. No query."""
    ladder = rungs()
    if clock.rung >= len(ladder):
        return None
    return reached_at(ladder[clock.rung], clock)


def reached_at(rung: Rung, clock: Clock) -> datetime:
    """Return when ``clock`` reaches ``rung``: a share of its time, or a time past its end."""
    if rung.after:
        return deadline(clock.due_at, rung.after).due
    return moment_at(
        rung.share / 100, clock.started_at, clock.due_at, clock.limit, pauses_of(clock)
    )


def pauses_of(clock: Clock) -> list[Pause]:
    """Return the clock's ended pauses."""
    return [
        Pause(datetime.fromisoformat(since), datetime.fromisoformat(until))
        for since, until in clock.pauses
    ]


def recount(clock: Clock) -> None:
    """Compute deadline, explanation and next warning of a clock again, pauses left out."""
    fresh = deadline(clock.started_at, clock.limit, pauses_of(clock))
    clock.due_at, clock.explanation = fresh.due, fresh.explanation()
    clock.version += 1
    if not clock.paused_at:
        clock.warn_at = next_warning(clock)


def pause_clocks(case: Case, codes: Iterable[str], *, at: datetime) -> None:
    """Let the running clocks with ``codes`` stand still from ``at``. One statement."""
    running = Clock.objects.filter(case=case, code__in=list(codes), outcome=Clock.Outcome.RUNNING)
    running.filter(paused_at=None).update(paused_at=at, warn_at=None, version=F("version") + 1)


def resume_clocks(case: Case, codes: Iterable[str], *, at: datetime) -> Sequence[Clock]:
    """Let the paused clocks with ``codes`` run on: the pause's time is added. Two statements.

    Returns them with their new deadlines.
    """
    paused = list(
        Clock.objects.filter(case=case, code__in=list(codes), outcome=Clock.Outcome.RUNNING)
        .exclude(paused_at=None)
        .order_by("due_at")
    )
    for clock in paused:
        assert clock.paused_at is not None  # noqa: S101 - the query says so
        if at > clock.paused_at:
            clock.pauses.append([clock.paused_at.isoformat(), at.isoformat()])
        clock.paused_at = None
        recount(clock)
    Clock.objects.bulk_update(paused, RECOUNTED)
    return paused


RECOUNTED = ("due_at", "explanation", "version", "pauses", "paused_at", "warn_at")


def stop_clocks(
    case: Case,
    codes: Iterable[str],
    *,
    at: datetime,
    void: bool = False,
    undone: bool = False,
    only: int | None = None,
) -> None:
    """Stop the running clocks with ``codes``, or the one with id ``only``. One statement.

    Late stays late.
    ``void``: the clock lost its meaning (extended, withdrawn, passed on); no rate counts it.
    ``undone``: nobody did what it waited for; what is not late yet lost its meaning.
    """
    in_time = Clock.Outcome.VOID if undone else Clock.Outcome.MET
    verdict = Value(Clock.Outcome.VOID) if void else _in_time_or_late(at, in_time)
    running = Clock.objects.filter(case=case, outcome=Clock.Outcome.RUNNING)
    chosen = running.filter(code__in=list(codes)) if only is None else running.filter(pk=only)
    chosen.update(stopped_at=at, outcome=verdict, version=F("version") + 1)


def _in_time_or_late(at: datetime, outcome: str) -> SqlCase:
    in_time = Q(due_at__gte=at) | Q(due_at__gte=F("paused_at"))
    return SqlCase(When(in_time, then=Value(outcome)), default=Value(Clock.Outcome.LATE))


def cap_share(clock: Clock, case: Case) -> None:
    """Let the part of another office end with the time for the answer, if that is still to come."""
    end = case.handling_due_at
    if end is not None and clock.started_at < end < clock.due_at:
        clock.due_at = end
        clock.explanation |= {"capped": end.isoformat()}
        clock.warn_at = next_warning(clock)
