"""How many statements a page costs: few, and the same for five rows as for sixty."""

import datetime
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.models import Duty, NewsIndexPage, NewsPage, PublishedResult
from complaints.models import Case
from complaints.services.intake import Report, submit_report
from foundation.accounts.models import Post, Role, User
from foundation.jobs import worker
from tests.complaints.conftest import GUEST, jpeg
from tests.rails.matrix import ROUTES, Route
from tests.rails.sweep import filled, visits
from tests.rails.world import VISITORS, World

LIST, PAGE, REPORT = 10, 15, 12
#: Addresses that show as many rows as there are, with the visitor who sees most of them.
LISTS = {
    "/desk/": "dispatcher",
    "/desk/?tab=open": "supervisor",
    "/desk/?tab=mine": "bureau2",
    "/desk/?tab=ended": "leader",
    "/field/": "grid",
    "/track/": "owner",
    "/results/": "guest",
    "/news/": "guest",
    "/search/?q=烧烤": "guest",
    "/": "guest",
    "/feeds/results/": "guest",
    "/feeds/news/": "guest",
    "/indicators/": "guest",
    "/indicators/projects/": "guest",
    "/data/": "guest",
    "/data/corrections/": "guest",
    "/data/results/": "guest",
    "/disclosure/": "guest",
    "/disclosure/duties/": "guest",
    "/accounts/staff/": "admin",
    "/site-map/": "guest",
}
#: The leaders' page lays out what every app offers; it is neither a list nor a case.
DEARER = {"/overview/": 25}
TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def spent(world: World, visitor: str, path: str, fields: dict[str, Any] | None = None) -> list[str]:
    """The statements of one request, after one that warms what a process keeps."""
    cache.clear()
    for is_warm in (False, True):
        client = visits(world.clients[visitor])
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path) if fields is None else client.post(path, fields)
        if fields is not None or is_warm:
            break
    assert answer.status_code in {200, 302}, f"{path} as {visitor}: {answer.status_code}"
    return [q["sql"] for q in captured if not q["sql"].startswith(TRANSACTIONS)]


def _more(world: World, count: int) -> None:
    """Bring everything that lists show to ``count`` rows of each kind."""
    owner = User.objects.get(username="owner")
    near, far = Case.objects.get(pk=world.near.pk), Case.objects.get(pk=world.far.pk)
    for n in range(Case.objects.count() // 2, count):
        for like in (near, far):
            report = Report(uuid4(), category="air", description=f"烧烤 {n}", account_id=owner.pk)
            case = submit_report(report=report, by=GUEST).case
            Case.objects.filter(pk=case.pk).update(
                state=like.state, next_party=like.next_party, due_at=like.due_at,
                owner_grid=like.owner_grid, owner_department=like.owner_department,
                area=like.area, area_path=like.area_path, lon=like.lon, lat=like.lat,
            )  # fmt: skip
    index = NewsIndexPage.objects.get()
    for n in range(NewsPage.objects.count(), count):
        index.add_child(instance=NewsPage(title=f"烧烤整治 {n}", slug=f"n{n}", source="本区"))
        day = datetime.date(2026, 1 + n % 10, 3)
        PublishedResult.objects.create(
            number=f"N{n}", category="大气", closed_on=day, problem="烧烤", outcome="是", live=True
        )
        like_duty = Duty.objects.filter(subject_key="district").get()
        like_duty.pk, like_duty.subject_key = None, f"d:{n}"
        like_duty.save()
        user = User.objects.create_user(f"staff{n}", None, is_staff=True)
        Post.objects.create(user=user, role=Role.GRID_WORKER, starts_on="2020-01-01")
        index.refresh_from_db()
    worker.drain()


@pytest.fixture
def grown(world: World) -> Iterator[World]:
    """The world with five rows of everything."""
    _more(world, 5)
    return world


def _shown(statements: list[str]) -> str:
    return "\n".join(statement[:160] for statement in statements)


def test_lists_cost_the_same_at_any_size(grown: World) -> None:
    few = {path: spent(grown, visitor, path) for path, visitor in LISTS.items()}
    _more(grown, 60)
    many = {path: spent(grown, visitor, path) for path, visitor in LISTS.items()}
    grew = [
        f"{path}: {len(few[path])} for 5 rows, {len(many[path])} for 60\n{_shown(many[path])}"
        for path in LISTS
        if len(many[path]) > len(few[path])
    ]
    assert not grew, "\n".join(grew)
    dear = [
        f"{path}: {len(cost)}\n{_shown(cost)}" for path, cost in many.items() if len(cost) > LIST
    ]
    assert not dear, "\n".join(dear)


def _reader(route: Route) -> str:
    """The first visitor who gets the page."""
    return next((name for name in VISITORS if route.get[name] == "ok"), "")


def test_every_page_of_the_matrix_keeps_within_fifteen(grown: World) -> None:
    dear = []
    for route in ROUTES:
        visitor = _reader(route)
        if not visitor:
            continue
        cost = spent(grown, visitor, filled(route.path, grown.samples))
        if len(cost) > DEARER.get(route.path, PAGE):
            dear.append(f"{route.path} as {visitor}: {len(cost)}\n{_shown(cost)}")
    assert not dear, "\n".join(dear)


@pytest.mark.parametrize("visitor", ["guest", "owner"])
def test_a_report_with_photos_takes_at_most_twelve(grown: World, visitor: str) -> None:
    def fields() -> dict[str, Any]:
        photos = [jpeg(), jpeg("b.jpg", colour="navy")]
        return {"key": str(uuid4()), "category": "air", "lon": "119.98", "lat": "31.78",
                "photos": photos}  # fmt: skip

    spent(grown, visitor, "/report/", fields())
    cost = spent(grown, visitor, "/report/", fields())
    assert len(cost) <= REPORT, f"{len(cost)}\n{_shown(cost)}"
