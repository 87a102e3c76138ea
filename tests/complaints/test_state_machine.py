"""A machine walks cases through the real services at random; the house's promises hold after each
step: no orphan, no statutory clock reset by a comment, one owner, a chain that adds up, no work
that is finished by the photos of an earlier round, no dissatisfied resident who is closed away."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.utils.timezone import localdate
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from complaints.errors import CaseError
from complaints.models import Act, Case, Clock
from complaints.performer import Performer
from complaints.policies import parties_of
from complaints.selectors import rules
from complaints.services.acts import add_evidence, add_supplement, urge_case
from complaints.services.intake import Reading, Report, submit_report
from complaints.services.transition import perform
from complaints.workflow import ACTIONS, OPEN_STATES, TABLE, TRANSITIONS, URGEABLE, State
from foundation.ledger.selectors import entries_of
from foundation.media.services import stage
from tests.cast import Cast
from tests.complaints.conftest import GUEST, SYSTEM, complainant, jpeg, staff
from tests.complaints.test_transition import inputs_for

START = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PEOPLE = ("dispatcher", "bureau", "bureau2", "grid", "street", "followup", "supervisor", "leader")
PURPOSES = ("before", "after")
RESULTS = ("satisfied", "dissatisfied")
MAIN_LINE = {
    *("accept", "dispatch", "sign_for", "complete", "send_back", "approve", "start_followup"),
    *("reopen", "close", "escalate", "request_review", "overturn_answer"),
}
CATEGORIES = ("air", "noise-industrial", "waste-household", "water-outfall", "")


class CaseMachine(RuleBasedStateMachine):
    """Random people try random acts; most are refused, and a refusal must change nothing."""

    cast: Any

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.traveller = time_machine.travel(START, tick=False)
        self.clock = self.traveller.start()
        rules.forget()
        self.players: dict[str, Performer] = {
            name: staff(getattr(self.cast, name)) for name in PEOPLE
        }

    def teardown(self) -> None:
        self.traveller.stop()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(category=st.sampled_from(CATEGORIES), inside=st.booleans())
    def report(self, category: str, inside: bool) -> None:
        reading = Reading(119.98, 31.78) if inside else None
        parts = Report(uuid4(), category=category, description="有味道", reading=reading)
        self.case_id = submit_report(report=parts, by=GUEST).case.pk
        self.shown: set[str] = set()
        other = Report(uuid4(), category="air", description="另一件")
        self.main = submit_report(report=other, by=GUEST).case

    @property
    def case(self) -> Case:
        return Case.objects.select_related("owner_department", "owner_grid").get(pk=self.case_id)

    @rule(
        action=st.sampled_from(sorted(ACTIONS - {"submit"})),
        who=st.sampled_from([*PEOPLE, "complainant", "system"]),
        owner=st.sampled_from(["department:ecology", "department:urban-management", "grid"]),
        explained=st.booleans(),
        result=st.sampled_from(RESULTS),
    )
    def try_act(self, action: str, who: str, owner: str, explained: bool, result: str) -> None:
        self._attempt(action, self._players()[who], owner, explained, result)

    @rule(
        choices=st.lists(st.integers(0, 99), min_size=1, max_size=6),
        explained=st.booleans(),
        result=st.sampled_from(RESULTS),
    )
    def go_on(self, choices: list[int], explained: bool, result: str) -> None:
        """Take steps of the main line by somebody who may, so that walks come round again."""
        for choice in choices:
            self._go_on(choice, explained, result)

    def _go_on(self, choice: int, explained: bool, result: str) -> None:
        case = self.case
        rows = [row for row in TRANSITIONS if row.source == case.state and row.action in MAIN_LINE]
        if not rows:
            return
        row = rows[choice % len(rows)]
        able = [by for by in self._players().values() if parties_of(by, case) & row.parties]
        if able:
            self._attempt(row.action, able[0], "department:ecology", explained, result)

    def _players(self) -> dict[str, Performer]:
        return {**self.players, "complainant": complainant(self.case), "system": SYSTEM}

    def _attempt(
        self, action: str, by: Performer, owner: str, explained: bool, result: str
    ) -> None:
        self.clock.shift(timedelta(seconds=1))
        before = self.case
        key = f"grid:{before.area.code}" if owner == "grid" and before.area else owner
        data = {**inputs_for(action, self.main), "owner": key if key != "grid" else owner}
        data |= {"followup_result": result, "no_photo_reason": "拍不到" if explained else ""}
        try:
            with transaction.atomic():
                after = perform(case_id=before.pk, action=action, by=by, data=data)
        except CaseError:
            now = self.case
            assert (now.version, now.state) == (before.version, before.state)
            return
        assert after.state == TABLE[(before.state, action)].target
        assert after.version == before.version + 1
        assert action != "complete" or explained or self.shown == {"before", "after"}
        assert action != "close" or result != "dissatisfied"
        if after.state == State.REOPENED or action == "send_back":
            self.shown.discard("after")

    @rule(who=st.sampled_from(["bureau", "bureau", "grid"]), purpose=st.sampled_from(PURPOSES))
    def handler_shows_a_photo(self, who: str, purpose: str) -> None:
        self.clock.shift(timedelta(seconds=1))
        photo = stage(jpeg())
        try:
            with transaction.atomic():
                by = self.players[who]
                add_evidence(case_id=self.case_id, by=by, purpose=purpose, photos=[photo])
        except CaseError:
            return
        self.shown.add(purpose)

    @rule(hours=st.integers(1, 240))
    def time_passes(self, hours: int) -> None:
        self.clock.shift(timedelta(hours=hours))

    @rule()
    def resident_writes(self) -> None:
        before = self.case
        try:
            with transaction.atomic():
                add_supplement(case_id=before.pk, by=complainant(before), message="还有味道")
        except CaseError:
            assert not before.is_open
            return
        last = Act.objects.filter(case=before, action="urge").last()
        is_due = before.state in URGEABLE and not (last and localdate(last.at) == localdate())
        try:
            with transaction.atomic():
                urge_case(case_id=before.pk, by=complainant(before))
        except CaseError:
            assert not is_due
        else:
            assert is_due
        after = self.case
        assert (after.due_at, after.handling_due_at) == (before.due_at, before.handling_due_at)

    @invariant()
    def no_orphan(self) -> None:
        if not hasattr(self, "case_id"):
            return
        case = self.case
        assert case.is_open == (State(case.state) in OPEN_STATES)
        assert case.is_open == bool(case.next_party)
        assert case.is_open == (case.due_at is not None)

    @invariant()
    def at_most_one_owner(self) -> None:
        if hasattr(self, "case_id"):
            case = self.case
            assert not (case.owner_grid and case.owner_department)

    @invariant()
    def clocks_explain_the_due_time(self) -> None:
        if not hasattr(self, "case_id"):
            return
        case = self.case
        running = set(
            Clock.objects.filter(case=case, outcome="running").values_list("due_at", flat=True)
        )
        if case.is_open:
            assert case.due_at in running
        elif case.state == State.MERGED:
            # Its reporter still waits for the answer of the main case.
            assert case.handling_due_at in running
        else:
            assert running == set()

    @invariant()
    def every_act_is_in_the_ledger(self) -> None:
        if not hasattr(self, "case_id"):
            return
        case = self.case
        told = list(Act.objects.filter(case=case).values_list("ledger_seq", "action"))
        proved = [
            (e.seq, e.action.removeprefix("case.")) for e in entries_of(case.stream).order_by("seq")
        ]
        assert told == proved


@pytest.mark.django_db
def test_random_walks_keep_every_promise(district_pack: str) -> None:
    CaseMachine.cast = Cast()
    for name in PEOPLE:
        getattr(CaseMachine.cast, name)
    run_state_machine_as_test(
        CaseMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not connection.needs_rollback
