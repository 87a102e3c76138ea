"""Access by current duty only: whoever lost the duty loses row, object, photo and live news."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from complaints.models import Case
from complaints.policies import may_see, visible
from complaints.selectors.desk import visible_among
from complaints.selectors.field import handled_by
from complaints.services.conflicts import declare_accused
from complaints.services.intake import Reading, Receipt
from foundation.accounts.access import access_of, forget_access
from foundation.accounts.models import User
from foundation.media.models import Photo
from foundation.media.services import stage
from foundation.places.models import Area
from tests.complaints.conftest import Line, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]


@pytest.fixture
def line(submit: Submit, cast: Any, run_jobs: Callable[[], object]) -> Line:
    """A case with a photo, in the hands of the ecology bureau, in nobody's street."""
    made = Line(cast, submit(photos=[stage(jpeg())]).case)
    made.act("dispatcher", "accept")
    made.act("dispatcher", "dispatch", owner="department:ecology")
    run_jobs()
    return made


def reach(user: User, case: Case, client: Client) -> set[str]:
    """Name every door that is open to ``user``."""
    user = User.objects.get(pk=user.pk)
    forget_access(user)
    access, fresh = access_of(user), Case.objects.get(pk=case.pk)
    photo = Photo.objects.get(stream=case.stream)
    doors = {
        "list": Case.objects.filter(visible(access), pk=case.pk).exists(),
        "handling list": Case.objects.filter(handled_by(access), pk=case.pk).exists(),
        "socket": str(case.uid) in visible_among(access, [str(case.uid)]),
        "object": bool(access.duties) and may_see(staff(user), fresh),
        "page": client.get(f"/desk/cases/{case.number}/").status_code == 200,
        "row": case.number in client.get("/desk/?tab=open").content.decode(),
        "photo": client.get(f"/photos/{photo.pk}/full.jpg").status_code == 200,
    }
    return {name for name, is_open in doors.items() if is_open}


OPEN = {"list", "handling list", "socket", "object", "page", "photo"}


def test_positive_control(line: Line, cast: Any, staff_client: Clients) -> None:
    assert reach(cast.bureau, line.case, staff_client("bureau")) >= OPEN


def test_a_formerly_routed_department(line: Line, cast: Any, staff_client: Clients) -> None:
    line.act("dispatcher", "recall", message="派错了")
    line.act("dispatcher", "dispatch", owner="department:urban-management")
    assert not reach(cast.bureau, line.case, staff_client("bureau"))
    assert reach(cast.bureau2, line.case, staff_client("bureau2")) >= OPEN


def test_a_department_that_turned_out_to_be_accused(
    line: Line, cast: Any, staff_client: Clients
) -> None:
    by = staff(cast.dispatcher)
    declare_accused(case_id=line.case.pk, by=by, department="ecology")
    assert not reach(cast.bureau, line.case, staff_client("bureau"))


def test_an_expired_post(line: Line, cast: Any, staff_client: Clients) -> None:
    client = staff_client("bureau")
    cast.bureau.posts.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert not reach(cast.bureau, line.case, client)


def test_a_person_who_left(line: Line, cast: Any, staff_client: Clients) -> None:
    client = staff_client("bureau")
    User.objects.filter(pk=cast.bureau.pk).update(is_active=False)
    assert not reach(cast.bureau, line.case, client)


def test_a_person_who_moved_to_another_department(
    line: Line, cast: Any, staff_client: Clients
) -> None:
    client = staff_client("bureau")
    cast.bureau.posts.update(department=cast.bureau2.posts.get().department)
    assert not reach(cast.bureau, line.case, client)


@pytest.mark.parametrize("who", ["grid", "street"])
def test_a_street_and_a_grid_that_had_it(
    who: str, submit: Submit, cast: Any, staff_client: Clients, run_jobs: Callable[[], object]
) -> None:
    grid = Area.objects.get(pk=cast.grid.posts.get().area_id)
    far = Area.objects.get(pk=cast.grid2.posts.get().area_id)
    line = Line(cast, submit(photos=[stage(jpeg())], reading=Reading(119.9795, 31.7795)).case)
    Case.objects.filter(pk=line.case.pk).update(area=far, area_path=far.path)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner=f"grid:{grid.code}")
    run_jobs()
    user, client = getattr(cast, who), staff_client(who)
    assert {"list", "object", "socket", "photo"} <= reach(user, line.case, client)
    line.act("dispatcher", "recall", message="派错了")
    line.act("dispatcher", "dispatch", owner=f"grid:{far.code}")
    assert not reach(user, line.case, client)
