"""Clocks of a case: which rule applies, starting and stopping. Rules are data from the pack."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Case as SqlCase
from django.db.models import F, Value, When
from django.utils.timezone import localdate

from complaints.models import Case, Clock, ClockRule
from complaints.selectors.rules import clock_rules
from foundation.worktime.services import deadline


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
    return Clock(
        case=case,
        code=code,
        limit=rule.limit,
        legal_basis=rule.legal_basis,
        started_at=start,
        due_at=due.due,
        explanation=due.explanation(),
    )


def stop_clocks(case: Case, codes: Iterable[str], *, at: datetime, void: bool = False) -> None:
    """Stop the running clocks with ``codes``; late stays late. One statement.

    ``void``: the clock lost its meaning (extended, withdrawn, passed on); no rate counts it.
    """
    verdict = Value(Clock.Outcome.VOID) if void else _met_or_late(at)
    Clock.objects.filter(case=case, code__in=list(codes), outcome=Clock.Outcome.RUNNING).update(
        stopped_at=at, outcome=verdict, version=F("version") + 1
    )


def _met_or_late(at: datetime) -> SqlCase:
    return SqlCase(
        When(due_at__gte=at, then=Value(Clock.Outcome.MET)), default=Value(Clock.Outcome.LATE)
    )
