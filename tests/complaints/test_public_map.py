"""The public map: what it shows, where it puts it, and that its numbers are true."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from complaints.cells import FINEST, Window, cell_of, point_at, shift_of
from complaints.identity import Identity
from complaints.models import Case, PointCount, PublicPoint, PublishedLink
from complaints.models.public_point import PublicState
from complaints.public_state import PUBLIC, public_state
from complaints.selectors.public_map import Wanted, clusters, listing
from complaints.selectors.streets import public_spot
from complaints.services.intake import Reading
from complaints.services.public_points import rebuild, recount, refresh
from complaints.workflow import STATES, State
from foundation.places.selectors import locate, towns
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db

HERE = (119.9712, 31.7744)
WORDS = "楼下烧烤店的油烟一直飘进来"


@pytest.fixture
def accepted(submit: Callable[..., Any], cast: Any) -> Callable[..., Line]:
    """``accepted(lon=…, lat=…)``: an accepted case, on the map once jobs ran."""

    def making(lon: float = HERE[0], lat: float = HERE[1], **parts: Any) -> Line:
        receipt = submit(reading=Reading(lon, lat), **parts)
        line = Line(cast, receipt.case)
        line.act("dispatcher", "accept")
        return line

    return making


def whole(zoom: int = 12) -> Window:
    return Window.around(119.8, 31.6, 120.2, 31.9, zoom)


def counted() -> list[tuple[Any, ...]]:
    rows = PointCount.objects.exclude(count=0).order_by("x", "y", "kind", "state", "town", "month")
    return list(rows.values_list("x", "y", "kind", "state", "town", "month", "count", "sum_x"))


# -- where --------------------------------------------------------------------------------------


@hypothesis_settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.floats(119.92, 120.06), st.floats(31.70, 31.86), st.integers(4, 7))
def test_a_public_point_is_never_the_raw_one(
    district_pack: str, lon: float, lat: float, digits: int
) -> None:
    raw = round(lon, digits), round(lat, digits)
    area = locate(*raw).area
    spot = public_spot(*raw, area)
    assert spot == public_spot(*raw, area), "the same report, the same place"
    if spot is not None:
        assert (spot.lon, spot.lat) != raw
        again = public_spot(spot.lon, spot.lat, area)
        assert again is None or (again.lon, again.lat) != (spot.lon, spot.lat)


def test_many_reports_share_few_places(district_pack: str) -> None:
    raw = [(119.95 + i * 0.0007, 31.76 + j * 0.0007) for i in range(60) for j in range(60)]
    spots = [public_spot(lon, lat, locate(lon, lat).area) for lon, lat in raw]
    places = {(s.lon, s.lat) for s in spots if s}
    assert len(raw) / len(places) > 5


def test_a_place_on_a_street_has_its_name(district_pack: str) -> None:
    spot = public_spot(*HERE, locate(*HERE).area)
    assert spot is not None
    assert "演示" in spot.name


def test_a_report_without_a_point_stands_in_the_middle_of_its_area(district_pack: str) -> None:
    area = locate(*HERE).area
    spot = public_spot(None, None, area)
    assert spot is not None
    assert locate(spot.lon, spot.lat).area == area


@given(st.floats(119.0, 121.0), st.floats(31.0, 32.5))
def test_cells_lead_back_to_their_place(lon: float, lat: float) -> None:
    x, y = cell_of(lon, lat)
    back = point_at(x + 0.5, y + 0.5)
    assert abs(back[0] - lon) < 0.0004
    assert abs(back[1] - lat) < 0.0004


# -- what ---------------------------------------------------------------------------------------


def test_every_state_is_decided() -> None:
    silent = {State.SUBMITTED, State.AWAITING_INFO, State.MERGED, State.WITHDRAWN, State.ARCHIVED}
    assert set(PUBLIC) | silent == set(STATES)
    for state in STATES:
        for hidden in ({"is_outside": True}, {"identity": Identity.CONFIDENTIAL}):
            facts: dict[str, Any] = {"identity": Identity.ANONYMOUS, "is_outside": False, **hidden}
            assert public_state(state, **facts) is None


def test_a_case_appears_when_it_is_accepted_and_follows_the_work(
    submit: Callable[..., Any], cast: Any, run_jobs: Callable[[], Any]
) -> None:
    receipt = submit(reading=Reading(*HERE))
    run_jobs()
    assert not PublicPoint.objects.exists()
    line = Line(cast, receipt.case)
    line.act("dispatcher", "accept")
    run_jobs()
    point = PublicPoint.objects.get()
    assert (point.lon, point.lat) != HERE
    assert point.state == PublicState.WAITING
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    run_jobs()
    point.refresh_from_db()
    assert point.state == PublicState.WORKING
    assert [row[3] for row in counted()] == ["working"]


def test_what_is_withdrawn_or_confidential_leaves_the_map(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any]
) -> None:
    gone, secret = accepted(), accepted()
    run_jobs()
    assert PublicPoint.objects.count() == 2
    gone.act("complainant", "withdraw")
    run_jobs()
    assert PublicPoint.objects.get().case_id == secret.case.pk
    Case.objects.filter(pk=secret.case.pk).update(identity=Identity.CONFIDENTIAL)
    from complaints.handlers import hide_what_became_confidential

    hide_what_became_confidential(None)  # type: ignore[arg-type]
    assert not PublicPoint.objects.exists()
    assert counted() == []


def test_repeating_changes_nothing_and_costs_little(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any]
) -> None:
    case = accepted().case
    run_jobs()
    before = counted(), list(PublicPoint.objects.values())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        refresh(case_uid=case.uid)
    assert (counted(), list(PublicPoint.objects.values())) == before
    assert len(queries) <= 6


def test_rebuilding_gives_the_same_points_and_counts(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any]
) -> None:
    for lon, lat in (HERE, (119.99, 31.78), (119.975, 31.765), (120.01, 31.75)):
        accepted(lon, lat)
    run_jobs()
    points, counts = list(PublicPoint.objects.order_by("pk").values()), counted()
    assert rebuild() == 0
    assert counted() == counts
    PublicPoint.objects.all().delete()
    PointCount.objects.update(count=7)
    assert rebuild() == len(points)
    assert list(PublicPoint.objects.order_by("pk").values()) == points
    assert counted() == counts


@pytest.mark.parametrize("zoom", [10, 12, 14, 15, 17, 19])
def test_clusters_count_every_point_once_at_every_zoom(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], zoom: int
) -> None:
    for lon, lat in (HERE, HERE, (119.99, 31.78), (120.01, 31.75)):
        accepted(lon, lat)
    run_jobs()
    found = clusters(Wanted(), whole(zoom), zoom)
    assert sum(sum(c.counts.values()) for c in found) == 4
    for cluster in found:
        x, y = cell_of(cluster.lon, cluster.lat)
        shift = shift_of(zoom)
        assert (x >> shift, y >> shift) == (cluster.cell.x, cluster.cell.y)
        inside = listing(Wanted(cell=cluster.cell))
        assert inside.total == sum(cluster.counts.values())
    assert shift_of(FINEST) == 0


# -- pages --------------------------------------------------------------------------------------


def test_the_list_shows_kind_place_and_state_but_no_words(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], client: Client
) -> None:
    line = accepted(address="翠竹新村 12 幢 301 室")
    run_jobs()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/map/")
    page = answer.content.decode()
    assert "公开地图" in page
    assert "等待办理" in page
    assert "演示" in page
    assert "共 1 件" in page
    for private in (
        WORDS,
        "翠竹新村",
        "301",
        line.case.number,
        str(line.case.uid),
        *map(str, HERE),
    ):
        assert private not in page
    assert len(queries) <= 5


def test_filters_narrow_the_list(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], client: Client
) -> None:
    accepted()
    accepted(category="noise")
    run_jobs()
    point = PublicPoint.objects.first()
    assert point is not None
    month = point.day.strftime("%Y-%m")
    for query, n in (
        ("", 2), ("type=noise", 1), ("type=nonsense", 2), ("state=waiting", 2), ("state=done", 0),
        (f"area={point.town}", 2), (f"month={month}", 2), ("month=2019-01", 0),
        ("type=noise&state=waiting&month=" + month, 1), ("month=2026-13", 2), ("cell=99-1-1", 2),
    ):  # fmt: skip
        page = client.get(f"/map/?{query}").content.decode()
        assert f"共 {n} 件" in page, query
    assert "此范围暂无" in client.get("/map/?state=done").content.decode()


def test_the_list_goes_on_without_gaps(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], client: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("complaints.selectors.public_map.PAGE", 2)
    for _ in range(5):
        accepted()
    run_jobs()
    seen, address = [], "/map/"
    while address:
        page = client.get(address).content.decode()
        seen += [line.split('"')[0] for line in page.split('id="p-')[1:]]
        after = page.split('rel="next" href="')
        address = "/map/" + after[1].split('"')[0].replace("&amp;", "&") if len(after) > 1 else ""
    assert len(seen) == 5
    assert len(set(seen)) == 5


def test_clusters_answer_public_numbers_with_a_mark(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], client: Client
) -> None:
    accepted()
    run_jobs()
    address = "/map/clusters.json?zoom=12&bbox=119.8,31.6,120.2,31.9"
    answer = client.get(address)
    content = json.loads(answer.content)
    assert answer["Cache-Control"] == "public, max-age=15"
    assert content["states"] == ["waiting", "working", "done", "declined"]
    [[lon, lat, cell, *counts]] = content["clusters"]
    assert counts == [1, 0, 0, 0]
    assert (lon, lat) != HERE
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert "共 1 件" in client.get(f"/map/?cell={cell}").content.decode()


@pytest.mark.parametrize(
    "query",
    ["", "zoom=12", "zoom=x&bbox=1,2,3,4", "zoom=12&bbox=nan,1,2,3", "zoom=99&bbox=119,31,120,32",
     "zoom=12&bbox=120,31,119,32", "zoom=12&bbox=inf,1,2,3"],
)  # fmt: skip
def test_a_view_without_sense_is_refused(client: Client, db: None, query: str) -> None:
    assert client.get(f"/map/clusters.json?{query}").status_code == 404


def test_a_very_large_view_gets_larger_cells(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], client: Client
) -> None:
    accepted()
    run_jobs()
    answer = client.get("/map/clusters.json?zoom=18&bbox=119.8,31.6,120.2,31.9").json()
    [[_, _, cell, *_counts]] = answer["clusters"]
    assert cell.startswith("14-")


def test_a_published_result_is_linked_and_unlinked(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], client: Client
) -> None:
    from cms.models import PublishedResult
    from cms.services.results import Projection, draft_result

    case = accepted().case
    town = towns()[0]
    projection = Projection.of(
        {"number": case.number, "area_code": town.code, "area_name": town.name, "category": "异味",
         "problem": "油烟", "outcome": "已整改", "closed_on": date(2026, 3, 2).isoformat()}
    )  # fmt: skip
    draft_result(case_id=case.uid, projection=projection)
    result = PublishedResult.objects.get(case_id=case.uid)
    run_jobs()
    assert "/results/" + str(result.pk) not in client.get("/map/").content.decode()
    result.save_revision().publish()
    run_jobs()
    assert PublishedLink.objects.get().path == f"/results/{result.pk}/"
    assert f"/results/{result.pk}/" in client.get("/map/").content.decode()
    PublishedResult.objects.get(pk=result.pk).unpublish()
    run_jobs()
    assert not PublishedLink.objects.exists()


def test_the_feed_is_valid_atom_and_filters(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], client: Client
) -> None:
    line = accepted()
    accepted(category="noise")
    run_jobs()
    answer = client.get("/feeds/cases.atom?category=noise")
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert "public" in answer["Cache-Control"]
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(answer.content)
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == 1
    for part in ("id", "title", "updated"):
        assert feed.findtext(f"{atom}{part}")
        assert entries[0].findtext(f"{atom}{part}")
    assert str(entries[0].findtext(f"{atom}id")).startswith("urn:uuid:")
    assert str(entries[0].findtext(f"{atom}updated")).endswith("T00:00:00+08:00")
    assert {link.get("rel") for link in feed.findall(f"{atom}link")} == {"alternate", "self"}
    everything = client.get("/feeds/cases.atom").content.decode()
    assert everything.count("<entry>") == 2
    assert WORDS not in everything
    assert line.case.number not in everything
    for query in ("area=320402999", "category=%00", "area=%F0%9F%98%80"):
        assert client.get(f"/feeds/cases.atom?{query}").status_code == 200


def test_counts_add_up_to_points(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any]
) -> None:
    for _ in range(3):
        accepted()
    run_jobs()
    recount()
    assert PointCount.objects.aggregate(n=Sum("count"))["n"] == 3
