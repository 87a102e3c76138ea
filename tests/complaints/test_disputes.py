"""退单 once and in time, a second dispute is ruled, the ruling binds: no case goes in a circle."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
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


def test_a_ruling_binds_the_dispatcher_too(cast: Any, submit: Submit, clock: Any) -> None:
    line = disputed(cast, submit)
    line.act("supervisor", "rule", owner=ECOLOGY, message="由生态环境局办理")
    with pytest.raises(ActionRefused, match="裁定生效"):
        line.act("dispatcher", "recall", message="换一家")
    line.act("bureau", "sign_for")
    with pytest.raises(ActionRefused, match="裁定生效"):
        line.act("bureau", "consult", message="再商量")


def test_who_has_to_keep_a_disputed_case_cannot_dispute_it_again(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = disputed(cast, submit)
    case = line.act("dispatcher", "conclude_consultation", message="仍由城管局办理")
    assert case.is_ruled
    with pytest.raises(ActionRefused, match="裁定生效"):
        line.act("bureau2", "consult", message="再商量")


def test_talking_about_the_work_is_no_ruling_about_the_owner(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = sent(cast, submit)
    line.act("bureau", "sign_for")
    line.act("bureau", "consult", message="怎么一起办")
    assert not line.act("dispatcher", "conclude_consultation", message="照此办理").is_ruled
    line.act("bureau", "consult", message="还有一点")
    clock.tick(days=3)
    end_disputes(timezone.now())
    case = Case.objects.get(pk=line.case.pk)
    assert case.owner_department is not None
    assert (case.state, case.owner_department.code) == (State.DISPATCHED, "ecology")


def test_what_was_taken_back_unsigned_was_not_received(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = sent(cast, submit)
    assert line.act("dispatcher", "recall", message="点错了").first_owner == ""
    assert line.act("dispatcher", "dispatch", owner=CITY).first_owner == CITY


def test_handling_it_again_goes_to_the_ruled_owner_and_ends_the_ruling(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = disputed(cast, submit)
    line.act("supervisor", "rule", owner=ECOLOGY, message="由生态环境局办理")
    again(line, "bureau")
    assert not line.case.is_ruled
    assert line.act("dispatcher", "dispatch", owner=ECOLOGY).state == State.DISPATCHED
    with pytest.raises(ActionRefused, match="退过一次单"):
        hand_back(line)
    assert line.act("bureau", "dispute_again", message="又").state == State.IN_CONSULTATION


def test_the_desk_says_who_received_it_first_and_that_it_is_ruled(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    line = disputed(cast, submit)
    line.act("supervisor", "rule", owner=CITY, message="由城管局办理")
    page = staff_client("dispatcher").get(f"/desk/cases/{line.case.number}/").content.decode()
    assert "首接单位" in page
    assert "裁定生效" in page


def disputed(cast: Any, submit: Submit) -> Line:
    """Ecology was freed, the city bureau disputes it too: a consultation is due."""
    line = sent(cast, submit)
    hand_back(line)
    line.act("dispatcher", "uphold_return")
    line.act("dispatcher", "dispatch", owner=CITY)
    line.act("bureau2", "dispute_again", message="也不是我局的")
    return line


def again(line: Line, who: str) -> None:
    """Answer the case, then let the resident have it handled again."""
    done = {"outcome_code": "explained", "message": "好了", "no_photo_reason": "无"}
    line.act(who, "sign_for")
    line.act(who, "complete", **done)
    line.act("dispatcher", "approve", reply="接报后已到现场核查，情况属实，已整改到位。")
    line.act("complainant", "reopen", message="还是有")


MOVES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("dispatcher", "dispatch", {"owner": ECOLOGY}),
    ("dispatcher", "dispatch", {"owner": CITY}),
    ("bureau", "request_return", {"message": "不是", "proposed_owner": CITY}),
    ("bureau2", "request_return", {"message": "不是", "proposed_owner": ECOLOGY}),
    ("dispatcher", "uphold_return", {}),
    ("dispatcher", "deny_return", {"message": "是"}),
    ("bureau", "dispute_again", {"message": "不是"}),
    ("bureau2", "dispute_again", {"message": "不是"}),
    ("dispatcher", "recall", {"message": "收回"}),
    ("dispatcher", "rule", {"owner": ECOLOGY, "message": "裁定"}),
    ("dispatcher", "rule", {"owner": CITY, "message": "裁定"}),
    ("dispatcher", "conclude_consultation", {"message": "办理"}),
    ("bureau", "sign_for", {}),
    ("bureau2", "sign_for", {}),
    ("bureau", "consult", {"message": "商量"}),
    ("bureau2", "consult", {"message": "商量"}),
    ("time", "passes", {}),
    ("all", "again", {}),
)
SENT_AWAY = {"request_return", "dispute_again"}
SETTLED = {"rule", "fall_to_first"}


def test_owners_cannot_send_a_case_in_a_circle(cast: Any, submit: Submit, clock: Any) -> None:
    """Whatever everybody tries, in any order.

    Bound: one return in a case's life; in each round (until it is handled again, at most three
    times in a life) one dispute and one ruling; after a ruling nobody sends it away in that round.
    So owners send a case away 1 + rounds times at most.
    """

    @settings(
        max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.lists(st.sampled_from(MOVES), min_size=10, max_size=30))
    def never_round(moves: list[Any]) -> None:
        line = Line(cast, submit(category="noise-industrial").case)
        line.act("dispatcher", "accept")
        for move in moves:
            tried(line, clock, *move)
        names = list(
            Act.objects.filter(case=line.case)
            .order_by("ledger_seq")
            .values_list("action", flat=True)
        )
        assert names.count("request_return") <= 1
        for acts in rounds_of(names):
            settled = [place for place, name in enumerate(acts) if name in SETTLED]
            assert len(settled) <= 1
            assert acts.count("dispute_again") <= 1
            if settled:
                assert not {*SENT_AWAY, "consult", "recall"} & set(acts[settled[0] :])

    never_round()


def tried(line: Line, clock: Any, who: str, action: str, data: dict[str, Any]) -> None:
    try:
        if action == "passes":
            clock.tick(days=3)
            end_disputes(timezone.now())
        elif action == "again":
            owner = line.case.owner_department
            again(line, "bureau" if owner and owner.code == "ecology" else "bureau2")
        else:
            line.act(who, action, **data)
    except CaseError:
        pass
    line.case = Case.objects.select_related("owner_department").get(pk=line.case.pk)


def rounds_of(names: list[str]) -> list[list[str]]:
    """Split the acts of a case where it is handled again."""
    rounds: list[list[str]] = [[]]
    for name in names:
        if name == "reopen":
            rounds.append([])
        rounds[-1].append(name)
    return rounds
