"""Who is complained about neither owns nor sees the case; who stepped back no longer acts."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.errors import CaseNotFound, InvalidInput, NotPermitted
from complaints.models import Accused, Case, Recusal
from complaints.performer import Performer
from complaints.policies import may_reveal_contact, may_see, parties_of, visible
from complaints.selectors.field import handled_by
from complaints.services.assists import add_task
from complaints.services.conflicts import declare_accused, recuse
from complaints.services.intake import Receipt
from complaints.workflow import State
from foundation.accounts.access import Access, Duty
from foundation.accounts.models import Post, Role
from foundation.ledger.actor import Actor
from foundation.places.models import Area, Department
from tests.complaints.conftest import Line, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def working(cast: Any, submit: Submit, owner: str = "department:ecology") -> Line:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner=owner)
    return line


def accuse(cast: Any, case: Case, department: str, **more: str) -> Case:
    by = staff(cast.dispatcher)
    return declare_accused(case_id=case.pk, by=by, department=department, **more)


def sees(user: Any, case: Case) -> tuple[bool, bool]:
    """What the object says, what the list says."""
    performer, fresh = staff(user), Case.objects.get(pk=case.pk)
    listed = Case.objects.filter(visible(performer.access), pk=case.pk).exists()
    return may_see(performer, fresh), listed


def test_a_case_is_not_dispatched_to_whom_it_complains_about(submit: Submit, cast: Any) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.case = accuse(cast, line.case, "ecology", name="某某环保局")
    with pytest.raises(InvalidInput, match="被反映"):
        line.act("dispatcher", "dispatch", owner="department:ecology")
    assert line.act("dispatcher", "dispatch", owner="department:urban-management").is_open


def test_an_owner_that_turns_out_to_be_accused_loses_the_case(submit: Submit, cast: Any) -> None:
    line = working(cast, submit)
    line.act("bureau", "sign_for")
    assert sees(cast.bureau, line.case) == (True, True)
    case = accuse(cast, line.case, "ecology")
    assert (case.state, case.owner_department, case.handler) == (State.PENDING_DISPATCH, None, None)
    assert case.due_at is not None
    assert sees(cast.bureau, case) == (False, False)


def test_a_firms_supervising_department_is_in_conflict_too(submit: Submit, cast: Any) -> None:
    line = working(cast, submit)
    accuse(cast, line.case, "ecology", name="某某化工厂", relation="supervises")
    row = Accused.objects.get()
    assert (row.name, row.relation) == ("某某化工厂", "supervises")
    assert sees(cast.bureau, line.case) == (False, False)


def test_it_is_not_called_to_help_either(submit: Submit, cast: Any) -> None:
    line = working(cast, submit, "department:urban-management")
    line.act("bureau2", "sign_for")
    accuse(cast, line.case, "ecology")
    by = staff(cast.bureau2)
    with pytest.raises(InvalidInput, match="被反映"):
        add_task(case_id=line.case.pk, by=by, departments="ecology", message="请检测")


def test_a_called_department_loses_its_share_when_accused(submit: Submit, cast: Any) -> None:
    line = working(cast, submit, "department:urban-management")
    line.act("bureau2", "sign_for")
    by = staff(cast.bureau2)
    add_task(case_id=line.case.pk, by=by, departments="ecology", message="请检测")
    assert sees(cast.bureau, line.case) == (True, True)
    case = accuse(cast, line.case, "ecology")
    assert case.assist_count == 0
    assert sees(cast.bureau, case) == (False, False)
    assert case.owner_department is not None


def test_another_post_does_not_open_the_door(submit: Submit, cast: Any) -> None:
    line = working(cast, submit, "department:urban-management")
    accuse(cast, line.case, "ecology")
    Post.objects.create(user=cast.bureau, role=Role.SUPERVISOR, starts_on="2020-01-01")
    case = Case.objects.get(pk=line.case.pk)
    assert sees(cast.bureau, case) == (False, False)
    assert not may_reveal_contact(staff(cast.bureau), case)
    assert parties_of(staff(cast.bureau), case) == frozenset()


def test_an_accused_street_takes_its_grids_with_it(submit: Submit, cast: Any) -> None:
    grid = Area.objects.get(pk=cast.grid.posts.get().area_id)
    line = working(cast, submit, f"grid:{grid.code}")
    town = Area.objects.get(pk=cast.street.posts.get().area_id)
    office = Department.objects.get(area=town)
    case = accuse(cast, line.case, office.code)
    assert case.owner_grid is None
    assert sees(cast.grid, case) == sees(cast.street, case) == (False, False)
    line.case = case
    with pytest.raises(InvalidInput, match="被反映"):
        line.act("dispatcher", "dispatch", owner=f"grid:{grid.code}")


def test_who_stepped_back_reads_but_does_not_act(submit: Submit, cast: Any) -> None:
    line = working(cast, submit)
    line.act("bureau", "sign_for")
    case = recuse(case_id=line.case.pk, by=staff(cast.bureau), reason="当事人是我的亲属")
    assert case.handler is None
    assert sees(cast.bureau, case) == (True, True)
    assert parties_of(staff(cast.bureau), case) == frozenset()
    line.case = case
    with pytest.raises(NotPermitted):
        line.act("bureau", "complete", message="x", outcome_code="solved", no_photo_reason="x")
    with pytest.raises(NotPermitted):
        recuse(case_id=case.pk, by=staff(cast.bureau), reason="再一次")
    assert Recusal.objects.count() == 1


def test_a_reviewer_who_stepped_back_does_not_approve(submit: Submit, cast: Any) -> None:
    line = working(cast, submit)
    line.act("bureau", "sign_for")
    line.act("bureau", "complete", message="已处理", outcome_code="solved", no_photo_reason="无")
    line.case = recuse(case_id=line.case.pk, by=staff(cast.dispatcher), reason="与被反映单位有关")
    with pytest.raises(NotPermitted):
        line.act("dispatcher", "approve", reply="已处理")


def test_the_register_is_kept_by_dispatchers_and_supervisors(submit: Submit, cast: Any) -> None:
    line = working(cast, submit)
    by = staff(cast.bureau)
    with pytest.raises(NotPermitted):
        declare_accused(case_id=line.case.pk, by=by, name="某厂")
    with pytest.raises(CaseNotFound):
        recuse(case_id=line.case.pk, by=staff(cast.bureau2), reason="x")
    with pytest.raises(InvalidInput):
        declare_accused(case_id=line.case.pk, by=staff(cast.dispatcher))


def test_lists_and_objects_agree_whoever_is_accused(submit: Submit, cast: Any) -> None:
    grids = list(Area.objects.filter(kind="grid").order_by("code"))
    towns = list(Area.objects.filter(kind="town").order_by("code"))
    office = Department.objects.filter(area=towns[0]).values_list("code", flat=True).first()
    cases = []
    for accused in ("", "ecology", "urban-management", office):
        for owner in (None, "ecology"):
            case = submit().case
            case.area, case.area_path = grids[0], grids[0].path
            case.owner_department = Department.objects.get(code=owner) if owner else None
            case.owner_grid = None if owner else grids[0]
            if accused:
                case.conflict_count = 1
                Accused.objects.create(
                    case=case,
                    department=Department.objects.get(code=accused),
                    declared_at=case.submitted_at,
                )
            case.save()
            cases.append(case)
    duties = st.builds(
        Duty,
        role=st.sampled_from(list(Role)),
        area_path=st.sampled_from(["", grids[0].path, grids[-1].path, towns[0].path]),
        area_code=st.just(""),
        department=st.sampled_from(["", "ecology", "urban-management"]),
    )

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.lists(duties, max_size=3))
    def agree(posts: list[Duty]) -> None:
        access = Access(tuple(posts))
        performer = Performer(Actor("staff", "1"), access=access)
        listed = set(Case.objects.filter(visible(access)).values_list("pk", flat=True))
        assert listed == {case.pk for case in cases if may_see(performer, case)}
        handled = set(Case.objects.filter(handled_by(access)).values_list("pk", flat=True))
        assert handled <= listed
        if any(duty.department == "ecology" for duty in posts):
            assert not listed & {case.pk for case in cases[2:4]}

    agree()
