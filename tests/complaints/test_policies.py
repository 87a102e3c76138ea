"""Lists and objects use the same condition: what a list hides, an object page hides too."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import may_see, parties_of, visible
from complaints.services.intake import Reading, Receipt
from complaints.workflow import Party
from foundation.accounts.access import Access, Duty
from foundation.accounts.models import Role
from foundation.ledger.actor import Actor
from foundation.places.models import Area, Department
from tests.complaints.conftest import GUEST, complainant, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def some_cases(submit: Submit) -> list[Case]:
    """One case for each way of being owned and placed."""
    grids = list(Area.objects.filter(kind="grid").order_by("code"))
    cases = []
    for grid in (None, grids[0], grids[-1]):
        for owner in (None, "grid", "ecology", "urban-management"):
            case = submit(reading=Reading(119.98, 31.78) if grid else None).case
            case.area, case.area_path = grid, grid.path if grid else ""
            case.owner_grid = grid if owner == "grid" else None
            if owner and owner != "grid":
                case.owner_department = Department.objects.get(code=owner)
            case.save()
            cases.append(case)
    return cases


def paths() -> list[str]:
    grids = list(Area.objects.filter(kind="grid").order_by("code"))
    towns = list(Area.objects.filter(kind="town").order_by("code"))
    return ["", grids[0].path, grids[-1].path, towns[0].path, towns[-1].path]


def test_list_and_object_conditions_agree_for_every_combination_of_posts(submit: Submit) -> None:
    cases = some_cases(submit)
    duties = st.builds(
        Duty,
        role=st.sampled_from(list(Role)),
        area_path=st.sampled_from(paths()),
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
        seen = {case.pk for case in cases if may_see(performer, case)}
        assert listed == seen

    agree()


def test_nobody_sees_anything_without_a_duty(submit: Submit, cast: Any) -> None:
    case = submit().case
    assert not may_see(GUEST, case)
    assert not Case.objects.filter(visible(Access())).exists()


@pytest.mark.parametrize("who", ["editor", "surveyor", "admin"])
def test_editors_surveyors_and_administrators_see_no_case(
    who: str, submit: Submit, cast: Any
) -> None:
    assert not may_see(staff(getattr(cast, who)), submit().case)


@pytest.mark.parametrize("who", ["leader", "auditor"])
def test_leaders_and_auditors_read_only(who: str, submit: Submit, cast: Any) -> None:
    case, performer = submit().case, staff(getattr(cast, who))
    assert may_see(performer, case)
    assert parties_of(performer, case) == frozenset()


def test_receipt_opens_its_own_case_only(submit: Submit) -> None:
    mine, other = submit().case, submit().case
    assert parties_of(complainant(mine), mine) == {Party.COMPLAINANT}
    assert not may_see(complainant(mine), other)
