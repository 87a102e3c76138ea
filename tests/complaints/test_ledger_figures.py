"""Every published rate is counted again from the ledger alone, and a touched row is found out."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from complaints.errors import CaseError
from complaints.models import Case, Clock
from complaints.selectors import ledger_figures
from complaints.services.intake import Receipt
from complaints.services.synthetic import make_cases
from complaints.workflow import TRANSITIONS, Party
from foundation.metrics import registry
from foundation.metrics.period import Period
from foundation.metrics.selectors import comparisons
from tests.complaints.conftest import Line
from tests.complaints.test_transition import INPUTS, PLAYERS

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
MARCH = Period.parse("2026-03")


def differing(period: Period) -> dict[str, tuple[str, str]]:
    ledger_figures._walk.cache_clear()
    return {
        item.code: (item.shown.text, item.recomputed.text)
        for item in comparisons(period)
        if not item.same
    }


def counted(code: str, period: Period = MARCH) -> tuple[int, int]:
    figure = registry.active().metrics[code].function(period)
    return int(figure.numerator), int(figure.denominator)


def in_hand(cast: Any, submit: Submit) -> Line:
    line = Line(cast, submit(category="noise-industrial").case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    return line


def test_rates_say_what_happened(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    line.act("bureau", "respond", contact_way="on_site", message="已到现场")
    silent = in_hand(cast, submit)
    clock.move_to("2026-03-20 09:00")
    line.act("bureau", "complete", outcome_code="solved", message="好", no_photo_reason="室内")
    line.act("dispatcher", "approve", reply="已处理。")
    line.act("complainant", "rate", rating="5")
    line.act("followup", "close", followup_result="satisfied")
    clock.move_to("2026-03-31 09:00")
    assert counted("accept_rate") == (2, 2)
    assert counted("response_rate") == (1, 2)
    assert counted("response_on_time") == (1, 2)
    assert counted("reply_rate") == (1, 2)
    assert counted("on_time_rate") == (0, 2)
    assert counted("resolved_rate") == (1, 1)
    assert counted("case_satisfaction") == (1, 1)
    assert counted("rating_share") == (1, 1)
    assert counted("sign_on_time") == (2, 2)
    assert differing(MARCH) == {}
    assert silent.case.is_open


def test_a_touched_row_is_found_out(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    clock.move_to("2026-03-31 09:00")
    assert differing(MARCH) == {}
    Clock.objects.filter(case=line.case, code="handling").update(
        outcome="met", stopped_at=timezone.now()
    )
    assert set(differing(MARCH)) == {"reply_rate", "on_time_rate", "rating_share"}
    with pytest.raises(SystemExit):
        call_command("figures", "--period", "2026-03")


def test_rates_survive_whatever_people_do(
    cast: Any, submit: Submit, clock: Any, run_jobs: Callable[[], Any]
) -> None:
    """Random walks through the table; afterwards rows and ledger tell the same of every month."""
    random = Random(20260302)
    rows = [row for row in TRANSITIONS[1:] if row.action not in {"merge", "archive"}]
    for _ in range(12):
        line = Line(cast, submit(category="noise-industrial").case)
        for _step in range(14):
            possible = [row for row in rows if row.source == line.case.state]
            if not possible:
                break
            row = random.choice(possible)
            who = _player(sorted(row.parties)[0])
            reason = "joint_enforcement" if row.action == "blow_whistle" else "other_district"
            try:
                line.act(who, row.action, **{**INPUTS, "reason_code": reason})
            except CaseError:
                line.case = Case.objects.get(pk=line.case.pk)
            clock.tick(hours=random.choice((1, 5, 30)))
    clock.tick(days=40)
    for month in ("2026-03", "2026-04", "2026-05"):
        assert differing(Period.parse(month)) == {}, month


def _player(party: Party) -> str:
    if party in {Party.COMPLAINANT, Party.SYSTEM}:
        return str(party)
    return PLAYERS[party]


def test_synthetic_cases_tell_the_same_in_rows_and_ledger(district_pack: str, clock: Any) -> None:
    make_cases(count=300, seed=11, years=0.3)
    for month in ("2025-12", "2026-01", "2026-02"):
        assert differing(Period.parse(month)) == {}, month
    assert counted("reply_rate", Period.parse("2026-01"))[1] > 20
