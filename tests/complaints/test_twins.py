"""Twins at the desk: which open cases are offered, why, and what a click does with them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import Case
from complaints.selectors.twins import Twins, twins_of
from complaints.services.intake import Receipt
from foundation.media.models import Photo
from tests.complaints.conftest import Line, Reading, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[..., Client]
PLACE = {"reading": Reading(119.98, 31.78)}


def numbers(twins: Twins) -> tuple[list[str], list[str]]:
    return [t.case.number for t in twins.likely], [t.case.number for t in twins.nearby]


def test_open_reports_nearby_are_offered_the_likeliest_first(submit: Submit, cast: Any) -> None:
    first = submit(**PLACE).case
    near = submit(category="air-cooking-fumes", reading=Reading(119.9812, 31.781)).case
    submit(reading=Reading(119.99, 31.79))
    here = submit(category="air-cooking-fumes", **PLACE).case
    by = staff(cast.dispatcher)
    assert numbers(twins_of(by, here)) == ([first.number, near.number], [])
    assert numbers(twins_of(by, near))[0] == [first.number, here.number]


def test_every_twin_says_why(submit: Submit, cast: Any) -> None:
    first = submit(category="air-barbecue", reading=Reading(119.98045, 31.78)).case
    Case.objects.filter(pk=first.pk).update(submitted_at=timezone.now() - timedelta(hours=2))
    second = submit(category="air-barbecue", **PLACE).case
    (twin,) = twins_of(staff(cast.dispatcher), second).likely
    assert twin.reasons == ("相距 40 米", "2 小时前", "同类", "文字相似 100%")


def test_another_kind_of_the_same_family_is_only_near(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    dust = submit(category="air-site-dust", description="", **PLACE).case
    fumes = submit(category="air-cooking-fumes", **PLACE).case
    assert numbers(twins_of(staff(cast.dispatcher), fumes)) == ([], [dust.number])
    same = submit(category="air-cooking-fumes", **PLACE).case
    assert numbers(twins_of(staff(cast.dispatcher), fumes)) == ([same.number], [dust.number])
    text = staff_client("dispatcher").get(f"/desk/cases/{fumes.number}/").content.decode()
    assert "疑似重复" in text
    assert "附近在办 1 件" in text
    assert "· ·" not in text


def test_without_a_place_the_address_must_be_the_same(submit: Submit, cast: Any) -> None:
    first = submit(address="翠竹新村 32 幢").case
    second = submit(address="翠竹新村 32 幢").case
    submit(address="别处")
    (twin,) = twins_of(staff(cast.dispatcher), second).likely
    assert twin.case == first
    assert twin.reasons[0] == "同一地址"
    assert twins_of(staff(cast.dispatcher), submit().case) == Twins()


def test_photos_that_look_alike_count(submit: Submit, cast: Any) -> None:
    first, second = submit(description="", **PLACE).case, submit(description="", **PLACE).case
    plain = twins_of(staff(cast.dispatcher), second).likely[0].likeness.total
    for order, case in enumerate((first, second)):
        Case.objects.filter(pk=case.pk).update(photo_count=1)
        Photo.objects.create(
            stream=case.stream, purpose="report", state="clean", uploaded_at=timezone.now(),
            kind="jpeg", size_bytes=1, width=8, height=8, dhash=0x0F3A91C477E013D5 ^ order,
        )  # fmt: skip
    second.refresh_from_db()
    (twin,) = twins_of(staff(cast.dispatcher), second).likely
    assert twin.likeness.total > plain
    assert "照片相似" in twin.reasons
    assert twin.photo is not None


def test_ended_merged_and_old_cases_are_no_twins(submit: Submit, cast: Any) -> None:
    main, member = submit(**PLACE).case, submit(**PLACE).case
    Line(cast, member).act("dispatcher", "merge", main_number=main.number)
    gone = submit(**PLACE).case
    Line(cast, gone).act("dispatcher", "reject", reason_code="in_court", message="已起诉")
    old = submit(**PLACE).case
    Case.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - timedelta(days=70))
    fresh = submit(**PLACE).case
    assert numbers(twins_of(staff(cast.dispatcher), fresh)) == ([main.number], [])


def test_twins_take_two_statements(submit: Submit, cast: Any) -> None:
    by = staff(cast.dispatcher)
    for _ in range(8):
        case = submit(**PLACE).case
    twins_of(by, case)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(twins_of(by, case).all) == 5
    assert len(queries) <= 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads PostgreSQL's plan")
def test_candidates_come_from_the_index_of_open_places(submit: Submit) -> None:
    submit(**PLACE)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM complaints_case WHERE is_open"
            " AND lat BETWEEN 31.7 AND 31.71 AND lon BETWEEN 119.9 AND 119.91"
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "case_open_place" in plan


def test_the_pane_fills_the_likeliest_number_in(submit: Submit, staff_client: Clients) -> None:
    first = submit(**PLACE).case
    second = submit(**PLACE).case
    page = staff_client("dispatcher").get(
        f"/desk/cases/{second.number}/", headers={"X-Fragment": "pane"}
    )
    text = page.content.decode()
    assert f'name="main_number" value="{first.number}"' in text
    assert "相似度" in text
