"""The table itself: whole, reachable, and each guard says no for its own reason."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from complaints import guards
from complaints.guards import Facts
from complaints.workflow import (
    ACTIONS,
    NEW_ROUND,
    OPEN_STATES,
    STATES,
    TABLE,
    TRANSITIONS,
    UNDO_OFFERED,
    UNDO_WINDOW,
    URGEABLE,
    WITHDRAWN_ON_LEAVING,
    Party,
    State,
    actions_from,
    find,
    unreachable_states,
)

pytestmark = pytest.mark.once

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_every_state_is_described_and_reachable() -> None:
    assert set(STATES) == set(State)
    assert unreachable_states() == set()


def test_no_two_rows_share_source_and_action() -> None:
    assert len(TABLE) == len(TRANSITIONS)


def test_open_states_have_a_next_actor_a_clock_and_a_way_on() -> None:
    for state in OPEN_STATES:
        spec = STATES[state]
        assert spec.next_party is not None
        assert spec.clock
        assert any(row.source == state for row in TRANSITIONS), state


def test_ended_states_have_no_next_actor() -> None:
    for state in set(State) - OPEN_STATES:
        assert STATES[state].next_party is None
        assert STATES[state].clock == ""


def test_next_actor_can_really_act_in_every_open_state() -> None:
    for state in OPEN_STATES:
        party = STATES[state].next_party
        assert party is not None
        assert actions_from(state, frozenset({party})), f"{party} is stuck in {state}"


def test_what_can_be_undone_is_undone_from_where_it_leads() -> None:
    undoable = [row for row in TRANSITIONS if row.undone_by]
    assert undoable
    for row in undoable:
        assert find(row.target, row.undone_by) is not None
        assert not row.notice or row.notice in WITHDRAWN_ON_LEAVING[row.target]
    assert timedelta(0) < UNDO_OFFERED < UNDO_WINDOW


@pytest.mark.parametrize(("state", "action"), sorted(product([*State], ACTIONS)))
def test_pairs_outside_the_table_are_not_found(state: State, action: str) -> None:
    expected = next((r for r in TRANSITIONS if r.source == state and r.action == action), None)
    assert find(state, action) == expected


@pytest.mark.parametrize(
    ("guard", "facts", "code"),
    [
        (guards.category_known, Facts(NOW, has_category=False), "category_missing"),
        (guards.first_return, Facts(NOW, return_count=1), "already_returned"),
        (guards.returned_before, Facts(NOW), "not_returned_yet"),
        (guards.extension_available, Facts(NOW, extension_count=1), "already_extended"),
        (guards.extension_available, Facts(NOW, handling_due_at=NOW), "expired"),
        (guards.evidence_shown, Facts(NOW, has_after_photo=True), "evidence_missing"),
        (guards.evidence_shown, Facts(NOW, has_before_photo=True), "evidence_missing"),
        (guards.other_pair_of_eyes, Facts(NOW, performer_completed_it=True), "own_work"),
        (guards.within_reopen_term, Facts(NOW, reopen_count=1), "already_reopened"),
        (
            guards.within_reopen_term,
            Facts(NOW, replied_at=NOW - timedelta(days=30, seconds=1)),
            "too_late",
        ),
        (
            guards.dissatisfaction_followed,
            Facts(NOW, data={"followup_result": "dissatisfied"}),
            "dissatisfied",
        ),
        (
            guards.dissatisfaction_followed,
            Facts(NOW, reopen_count=1, data={"followup_result": "dissatisfied"}),
            "dissatisfied",
        ),
        (guards.no_reopening_left, Facts(NOW), "reopen_first"),
        (guards.first_redress, Facts(NOW, redress_count=1), "already_reviewed"),
        (guards.first_redress, Facts(NOW, closed_at=NOW - timedelta(days=31)), "too_late"),
        (guards.second_redress, Facts(NOW), "not_reviewed"),
        (guards.second_redress, Facts(NOW, redress_count=2), "redress_exhausted"),
    ],
)
def test_guard_refuses_with_its_reason(guard: guards.Guard, facts: Facts, code: str) -> None:
    refusal = guard(facts)
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(
    ("guard", "facts"),
    [
        (guards.category_known, Facts(NOW, has_category=False, data={"category": "x"})),
        (guards.first_return, Facts(NOW)),
        (guards.returned_before, Facts(NOW, return_count=1)),
        (guards.extension_available, Facts(NOW, handling_due_at=NOW + timedelta(seconds=1))),
        (guards.evidence_shown, Facts(NOW, has_before_photo=True, has_after_photo=True)),
        (guards.evidence_shown, Facts(NOW, data={"no_photo_reason": "室内，不便拍摄"})),
        (guards.other_pair_of_eyes, Facts(NOW)),
        (guards.within_reopen_term, Facts(NOW, replied_at=NOW - timedelta(days=30))),
        (guards.dissatisfaction_followed, Facts(NOW, data={"followup_result": "accepting"})),
        (guards.no_reopening_left, Facts(NOW, reopen_count=1)),
        (guards.no_reopening_left, Facts(NOW, replied_at=NOW - timedelta(days=31))),
        (guards.first_redress, Facts(NOW, closed_at=NOW - timedelta(days=30))),
        (guards.second_redress, Facts(NOW, redress_count=1, closed_at=NOW)),
    ],
)
def test_guard_lets_pass(guard: guards.Guard, facts: Facts) -> None:
    assert guard(facts) is None


@pytest.mark.parametrize(("reopened", "way_on"), [(0, "重新办理"), (1, "转督查")])
def test_who_may_not_close_is_told_the_act_that_helps(reopened: int, way_on: str) -> None:
    facts = Facts(NOW, reopen_count=reopened, data={"followup_result": "dissatisfied"})
    refusal = guards.dissatisfaction_followed(facts)
    assert refusal is not None
    assert way_on in str(refusal.message)
    offered = actions_from(State.PENDING_FOLLOWUP, frozenset({Party.FOLLOWUP}))
    assert any(way_on in str(r.label) and (r.guard and r.guard(facts) is None) for r in offered)


def test_work_starts_anew_when_opened_again_or_sent_back() -> None:
    assert {"reopen", "overturn_answer", "send_back"} == NEW_ROUND


def test_what_can_be_hurried_waits_for_the_house() -> None:
    assert URGEABLE <= OPEN_STATES
    assert not URGEABLE & {State.REPLIED, State.PENDING_FOLLOWUP, State.AWAITING_INFO}
    assert {State.IN_PROGRESS, State.REOPENED, State.PARTIALLY_CLOSED} <= URGEABLE


def test_blank_reason_is_no_evidence() -> None:
    assert guards.evidence_shown(Facts(NOW, data={"no_photo_reason": "  "})) is not None


def test_staff_never_act_for_the_complainant() -> None:
    for action in ("rate", "supply_info", "withdraw", "request_review"):
        rows = [row for row in TRANSITIONS if row.action == action]
        assert rows
        assert all(row.parties == {Party.COMPLAINANT} for row in rows)
