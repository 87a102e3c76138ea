"""退单 once and in time, a second dispute is ruled, the ruling binds: no case goes in a circle."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.errors import ActionRefused, CaseError
from complaints.handlers import end_disputes
from complaints.models import Act, Case
from complaints.services.intake import Receipt
from complaints.workflow import State
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
ECOLOGY, CITY = "department:ecology", "department:urban-management"


def sent(cast: Any, submit: Submit) -> Line:
    line = Line(cast, submit(category="noise-industrial").case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner=ECOLOGY)
    return line


def hand_back(line: Line, who: str = "bureau", to: str = CITY) -> Case:
    return line.act(who, "request_return", message="不属我局职责", proposed_owner=to)


def test_who_was_freed_gets_the_case_again_by_a_ruling_only(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = sent(cast, submit)
    hand_back(line)
    line.act("dispatcher", "uphold_return")
    with pytest.raises(ActionRefused, match="退单已获同意"):
        line.act("dispatcher", "dispatch", owner=ECOLOGY)
    line.act("dispatcher", "dispatch", owner=CITY)
    line.act("bureau2", "dispute_again", message="也不是我局的")
    case = line.act("supervisor", "rule", owner=ECOLOGY, message="由生态环境局办理")
    assert case.is_ruled
    for action, data in (
        ("request_return", {"message": "不是", "proposed_owner": CITY}),
        ("dispute_again", {"message": "不是"}),
    ):
        with pytest.raises(ActionRefused, match="裁定生效"):
            line.act("bureau", action, **data)
    assert line.act("bureau", "sign_for").state == State.IN_PROGRESS


def test_handing_back_has_its_time(cast: Any, submit: Submit, clock: Any) -> None:
    line = sent(cast, submit)
    clock.move_to("2026-03-03 17:59")
    assert hand_back(line).state == State.RETURN_REQUESTED
    late = sent(cast, submit)
    clock.move_to("2026-03-04 18:01")
    with pytest.raises(ActionRefused, match="退单时限已过"):
        hand_back(late)


def test_a_return_that_nobody_rules_on_stays_with_the_first_receiver(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = sent(cast, submit)
    hand_back(line)
    clock.tick(hours=1)
    end_disputes(timezone.now())
    assert Case.objects.get(pk=line.case.pk).state == State.RETURN_REQUESTED
    clock.tick(days=2)
    end_disputes(timezone.now())
    case = Case.objects.get(pk=line.case.pk)
    assert case.state == State.DISPATCHED
    assert case.owner_department is not None
    assert case.owner_department.code == "ecology"
    assert case.is_ruled
    assert case.due_at is not None
    assert case.due_at > timezone.now()


def test_a_consultation_without_ruling_falls_to_the_first_receiver(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = sent(cast, submit)
    hand_back(line)
    line.act("dispatcher", "uphold_return")
    line.act("dispatcher", "dispatch", owner=CITY)
    line.act("bureau2", "dispute_again", message="也不是我局的")
    clock.tick(days=3)
    end_disputes(timezone.now())
    case = Case.objects.get(pk=line.case.pk)
    assert case.first_owner == ECOLOGY
    assert case.owner_department is not None
    assert case.owner_department.code == "ecology"
    line.case = case
    with pytest.raises(ActionRefused, match="裁定生效"):
        hand_back(line)


MOVES = (
    ("dispatcher", "dispatch", {"owner": ECOLOGY}),
    ("dispatcher", "dispatch", {"owner": CITY}),
    ("bureau", "request_return", {"message": "不是", "proposed_owner": CITY}),
    ("bureau2", "request_return", {"message": "不是", "proposed_owner": ECOLOGY}),
    ("dispatcher", "uphold_return", {}),
    ("dispatcher", "deny_return", {"message": "是"}),
    ("bureau", "dispute_again", {"message": "不是"}),
    ("bureau2", "dispute_again", {"message": "不是"}),
    ("dispatcher", "rule", {"owner": ECOLOGY, "message": "裁定"}),
    ("dispatcher", "rule", {"owner": CITY, "message": "裁定"}),
    ("dispatcher", "conclude_consultation", {"message": "办理"}),
    ("bureau", "sign_for", {}),
    ("bureau2", "sign_for", {}),
    ("bureau", "consult", {"message": "商量"}),
    ("bureau2", "consult", {"message": "商量"}),
)


def test_owners_send_a_case_away_twice_at_most(cast: Any, submit: Submit, clock: Any) -> None:
    """Bound: one return, one second dispute; after a ruling none, whatever everybody tries."""

    @settings(
        max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.lists(st.sampled_from(MOVES), min_size=8, max_size=24))
    def never_round(moves: list[Any]) -> None:
        line = Line(cast, submit(category="noise-industrial").case)
        line.act("dispatcher", "accept")
        for who, action, data in moves:
            try:
                line.act(who, action, **data)
            except CaseError:
                continue
        acts = list(Act.objects.filter(case=line.case).order_by("ledger_seq"))
        names = [act.action for act in acts]
        assert names.count("request_return") <= 1
        assert names.count("request_return") + names.count("dispute_again") <= 3
        if "rule" in names:
            after = names[names.index("rule") :]
            assert "request_return" not in after
            assert "dispute_again" not in after

    never_round()
