"""Access follows from the posts in force, and from nothing else."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from foundation.accounts.access import NO_ACCESS, WHOLE_DISTRICT, access_of
from foundation.accounts.models import Post, Role, User
from foundation.accounts.policies import home_of, require_roles, staff_area_of
from foundation.accounts.selectors import actor_of, holders_of
from foundation.ledger.actor import Actor

TODAY = datetime.date(2026, 3, 2)
DAY = datetime.timedelta(days=1)
pytestmark = pytest.mark.django_db


def _fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [
        (TODAY - DAY, TODAY - DAY, False),
        (TODAY - DAY, TODAY, True),
        (TODAY, TODAY, True),
        (TODAY, None, True),
        (TODAY + DAY, None, False),
    ],
)
def test_a_post_counts_from_its_first_to_its_last_day(cast, clock, starts, ends, counts):
    Post.objects.create(user=cast.stranger, role=Role.LEADER, starts_on=starts, ends_on=ends)
    assert access_of(_fresh(cast.stranger)).has(Role.LEADER) is counts


def test_a_post_ends_at_midnight_in_shanghai(cast, clock):
    Post.objects.create(user=cast.stranger, role=Role.LEADER, starts_on=TODAY, ends_on=TODAY)
    clock.move_to("2026-03-02T23:59:59")
    assert access_of(_fresh(cast.stranger)).is_staff_member
    clock.move_to("2026-03-03T00:00:01")
    assert not access_of(_fresh(cast.stranger)).is_staff_member


def test_residents_and_guests_have_no_access(cast):
    assert access_of(cast.resident) == NO_ACCESS
    assert access_of(AnonymousUser()) is NO_ACCESS
    assert access_of(None) is NO_ACCESS


def test_a_superuser_without_a_post_has_no_access():
    boss = User.objects.create_superuser("boss", None, "a long password for nothing")
    assert access_of(boss) == NO_ACCESS


def test_a_deactivated_user_has_no_access(cast):
    cast.dispatcher.is_active = False
    assert access_of(cast.dispatcher) is NO_ACCESS


def test_access_asks_once_per_user_object(cast, django_assert_num_queries):
    grid = _fresh(cast.grid)
    with django_assert_num_queries(1):
        assert access_of(grid).has(Role.GRID_WORKER)
        assert access_of(grid).areas(Role.GRID_WORKER)


def test_areas_and_departments_belong_to_their_role(cast):
    grid = cast.grid.posts.get().area
    access = access_of(cast.grid)
    assert access.areas(Role.GRID_WORKER) == {grid.path}
    assert access.areas(Role.STREET_OFFICER) == frozenset()
    assert access.covers(Role.GRID_WORKER, grid.path)
    assert not access.covers(Role.GRID_WORKER, cast.grid2.posts.get().area.path)
    assert access_of(cast.bureau).departments(Role.BUREAU_OFFICER) == {"ecology"}


def test_a_post_without_an_area_covers_the_whole_district(cast):
    access = access_of(cast.dispatcher)
    assert access.areas(Role.DISPATCHER) == {WHOLE_DISTRICT}
    assert access.covers(Role.DISPATCHER, "320402/320402001/")


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("dispatcher", "/desk/"),
        ("bureau", "/desk/"),
        ("street", "/desk/"),
        ("followup", "/desk/"),
        ("supervisor", "/desk/"),
        ("grid", "/field/"),
        ("leader", "/overview/"),
        ("auditor", "/overview/"),
        ("editor", "/cms/"),
        ("surveyor", "/cms/"),
        ("admin", "/cms/"),
        ("resident", "/track/"),
    ],
)
def test_everybody_has_a_desk(cast, who, address):
    assert home_of(access_of(getattr(cast, who))) == address


@pytest.mark.parametrize(
    ("path", "area"),
    [("/desk", "/desk/"), ("/cms/pages/3/", "/cms/"), ("/desks/", None), ("/", None)],
)
def test_staff_areas_are_whole_path_segments(path, area):
    assert staff_area_of(path) == area


def test_a_guarded_view_sends_guests_to_sign_in_and_refuses_others(cast):
    @require_roles(Role.LEADER)
    def view(request):
        return HttpResponse("in")

    request = RequestFactory().get("/overview/?week=9")
    request.user = AnonymousUser()
    assert view(request).url == "/accounts/login/?next=/overview/%3Fweek%3D9"
    request.user = cast.dispatcher
    with pytest.raises(PermissionDenied):
        view(request)
    request.user = cast.leader
    assert view(request).content == b"in"


def test_the_actor_names_ids_and_the_role_in_question_only(cast):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert actor_of(request) == Actor("resident", "guest")
    request.user = cast.resident
    assert actor_of(request) == Actor("resident", str(cast.resident.pk))
    Post.objects.create(user=cast.leader, role=Role.AUDITOR, starts_on=datetime.date(2020, 1, 1))
    request.user = _fresh(cast.leader)
    assert actor_of(request) == Actor("staff", str(cast.leader.pk), "leader")
    assert actor_of(request, Role.AUDITOR).role == "auditor"


def test_holders_are_found_by_area_and_department(cast):
    grid = cast.grid.posts.get().area
    _ = cast.grid2, cast.bureau, cast.bureau2
    found = [post.user for post in holders_of(Role.GRID_WORKER, area_path=grid.path)]
    assert cast.grid in found
    assert cast.grid2 not in found
    bureaus = [post.user for post in holders_of(Role.BUREAU_OFFICER, department="ecology")]
    assert bureaus == [cast.bureau]
