"""A department leaves the pack, a grid is redrawn: no open case is left without owner and place."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from complaints.models import Act, Case, Clock
from complaints.services.intake import Reading, Receipt
from complaints.services.ownership import look, order_look
from complaints.workflow import OWNED, STATES, State
from foundation.ledger.selectors import entries_of
from foundation.places.models import Area, Department
from foundation.places.services import load_district, renew_version
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def owned(cast: Any, submit: Submit, owner: str, *, upto: str = "in_progress") -> Line:
    line = Line(cast, submit(reading=Reading(119.9795, 31.7795)).case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner=owner)
    who = "bureau" if owner.startswith("department") else "grid"
    if upto != "dispatched":
        line.act(who, "sign_for")
    if upto == "suspended":
        line.act(who, "suspend", message="等设备")
    return line


def retire(row: Department | Area) -> None:
    type(row).objects.filter(pk=row.pk).update(is_active=False)  # type: ignore[attr-defined]
    renew_version()
    with transaction.atomic():
        order_look()


@pytest.mark.parametrize("upto", ["dispatched", "in_progress", "suspended"])
def test_cases_of_a_department_that_is_gone_go_back_to_the_dispatcher(
    upto: str, submit: Submit, cast: Any, run_jobs: Callable[[], object]
) -> None:
    case = owned(cast, submit, "department:ecology", upto=upto).case
    retire(Department.objects.get(code="ecology"))
    run_jobs()
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.next_party) == (State.PENDING_DISPATCH, "dispatcher")
    assert case.owner_department is None
    assert case.handler is None
    assert case.due_at is not None
    act = Act.objects.filter(case=case, action="take_over").get()
    assert "已不再使用" in act.internal_text
    assert act.data["former_owner"] == "department:ecology"
    entry = entries_of(case.stream).filter(action="case.take_over").get()
    assert entry.actor_kind == "system"


def test_it_can_be_dispatched_again_with_its_clock_running(
    submit: Submit, cast: Any, run_jobs: Callable[[], object]
) -> None:
    line = owned(cast, submit, "department:ecology", upto="suspended")
    retire(Department.objects.get(code="ecology"))
    run_jobs()
    line.case = Case.objects.get(pk=line.case.pk)
    case = line.act("dispatcher", "dispatch", owner="department:urban-management")
    assert case.handling_due_at is not None
    assert not Clock.objects.filter(case=case, paused_at__isnull=False).exists()


def test_looking_twice_changes_nothing(submit: Submit, cast: Any) -> None:
    case = owned(cast, submit, "department:ecology").case
    assert look(after=0) == 0
    retire(Department.objects.get(code="ecology"))
    assert look(after=0) == 1
    version = Case.objects.get(pk=case.pk).version
    assert look(after=0) == 0
    assert Case.objects.get(pk=case.pk).version == version


def test_ended_cases_keep_the_owner_they_had(submit: Submit, cast: Any) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "reject", reason_code="in_court", message="请向法院反映")
    retire(Department.objects.get(code="ecology"))
    assert look(after=0) == 0


def test_a_grid_that_is_gone_hands_its_cases_over_and_keeps_their_history(
    submit: Submit, cast: Any
) -> None:
    grid = Area.objects.get(pk=cast.grid.posts.get().area_id)
    line = owned(cast, submit, f"grid:{grid.code}")
    case = line.case
    Case.objects.filter(pk=case.pk).update(area=grid, area_path=grid.path, lon=None, lat=None)
    retire(grid)
    look(after=0)
    case = Case.objects.get(pk=case.pk)
    assert case.state == State.PENDING_DISPATCH
    assert case.owner_grid is None
    assert case.area == grid.parent
    assert case.area_path == grid.parent.path if grid.parent else False
    act = Act.objects.get(case=case, action="relocate")
    assert act.data["from_area"] == grid.code
    assert Act.objects.filter(case=case, action="sign_for").exists()


def test_a_redrawn_grid_moves_the_case_to_where_its_point_lies(submit: Submit, cast: Any) -> None:
    case = submit(reading=Reading(119.9795, 31.7795)).case
    right = case.area
    assert right is not None
    other = Area.objects.filter(kind="grid").exclude(pk=right.pk).order_by("code").first()
    assert other is not None
    Case.objects.filter(pk=case.pk).update(area=other, area_path=other.path)
    assert look(after=0) == 1
    case = Case.objects.get(pk=case.pk)
    assert (case.area, case.area_path) == (right, right.path)


def test_every_state_in_which_somebody_owns_the_work_is_looked_after() -> None:
    """Handlers' states, and those that come back to the handler."""
    handlers = {state for state, spec in STATES.items() if spec.next_party == "handler"}
    assert handlers <= set(OWNED)


def test_loading_the_district_orders_the_look(
    submit: Submit, cast: Any, settings: Any, run_jobs: Callable[[], object]
) -> None:
    case = owned(cast, submit, "department:ecology").case
    run_jobs()
    Department.objects.create(code="passing", name="临时部门")
    Case.objects.filter(pk=case.pk).update(owner_department=Department.objects.get(code="passing"))
    load_district(path=settings.DISTRICT_PACK)
    run_jobs()
    assert Case.objects.get(pk=case.pk).state == State.PENDING_DISPATCH
