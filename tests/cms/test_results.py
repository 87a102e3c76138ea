"""From a closed case to the public list: drafted, masked, approved, published."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from cms.forms import ResultForm
from cms.handlers import offer_result
from cms.models import PublishedResult
from cms.selectors.results import PAGE_SIZE, result_list
from foundation.jobs.errors import PermanentFailure
from foundation.jobs.services import emit

Make = Callable[..., PublishedResult]
PAYLOAD = {
    "number": "TN-20261003-0007-K",
    "area_code": "320402004",
    "area_name": "红梅街道",
    "category": "大气",
    "problem": "3幢楼下烧烤油烟大，电话 13812345678",
    "outcome": "已清洗净化器，复查合格。",
    "closed_on": "2026-10-03",
}


@pytest.fixture
def case_id() -> str:
    return str(uuid4())


def test_a_closed_case_becomes_a_masked_draft(
    district_pack: str, case_id: str, run_jobs: Callable[[], Any]
) -> None:
    with transaction.atomic():
        emit("case.closed", key=case_id, payload=PAYLOAD)
    run_jobs()
    result = PublishedResult.objects.get()
    assert str(result.case_id) == case_id
    assert not result.live
    assert result.area_name == "红梅街道"
    assert result.problem == "＊幢楼下烧烤油烟大，电话 ＊＊＊"
    assert result.month == date(2026, 10, 1)


def test_a_grid_is_published_as_its_town(district_pack: str, case_id: str) -> None:
    from foundation.places.models import Area

    grid = Area.objects.filter(kind="grid", path__contains="320402004/").first()
    assert grid is not None
    offer_result(case_id, {**PAYLOAD, "area_code": grid.code})
    assert PublishedResult.objects.get().area_name == "红梅街道"


def test_the_same_event_twice_makes_one_draft(district_pack: str, case_id: str) -> None:
    for _ in range(2):
        offer_result(case_id, PAYLOAD)
    assert PublishedResult.objects.count() == 1


def test_a_draft_that_nobody_edited_follows_its_case(district_pack: str, case_id: str) -> None:
    offer_result(case_id, PAYLOAD)
    offer_result(case_id, {**PAYLOAD, "outcome": "重新办理后合格。"})
    assert PublishedResult.objects.get().outcome == "重新办理后合格。"


def test_an_editors_words_survive_a_second_delivery(district_pack: str, case_id: str) -> None:
    offer_result(case_id, PAYLOAD)
    result = PublishedResult.objects.get()
    result.problem = "编辑改过的话。"
    result.save_revision().publish()
    offer_result(case_id, PAYLOAD)
    result = PublishedResult.objects.get()
    assert result.problem == "编辑改过的话。"
    assert not result.has_unpublished_changes


def test_a_published_result_changes_only_by_an_editors_hand(
    district_pack: str, case_id: str
) -> None:
    offer_result(case_id, PAYLOAD)
    PublishedResult.objects.get().save_revision().publish()
    for _ in range(2):
        offer_result(case_id, {**PAYLOAD, "outcome": "又办了一次。"})
    result = PublishedResult.objects.get()
    assert result.live
    assert result.outcome == PAYLOAD["outcome"]
    assert result.has_unpublished_changes
    assert result.get_latest_revision_as_object().outcome == "又办了一次。"
    assert result.revisions.count() == 2


@pytest.mark.parametrize(
    ("key", "payload"),
    [
        ("no-uuid", PAYLOAD),
        (str(uuid4()), {}),
        (str(uuid4()), {**PAYLOAD, "closed_on": "some day"}),
    ],
)
def test_an_unreadable_event_is_not_tried_again(
    district_pack: str, key: str, payload: dict[str, Any]
) -> None:
    with pytest.raises(PermanentFailure):
        offer_result(key, payload)


def test_the_list_shows_the_newest_month_and_months_without_any(make_result: Make) -> None:
    make_result(date(2026, 10, 3))
    make_result(date(2026, 8, 9))
    make_result(date(2026, 11, 1), live=False)
    shown = result_list()
    assert [(m.key, m.count) for m in shown.months] == [
        ("2026-10", 1),
        ("2026-09", 0),
        ("2026-08", 1),
    ]
    assert shown.month is not None
    assert shown.month.key == "2026-10"
    assert shown.older is not None
    assert shown.older.key == "2026-09"
    assert shown.newer is None


def test_an_empty_month_says_so(client: Client, make_result: Make) -> None:
    make_result(date(2026, 10, 3))
    make_result(date(2026, 8, 9))
    assert "本月无" in client.get("/results/?month=2026-09").content.decode()


def test_the_list_can_be_narrowed_to_an_area(client: Client, make_result: Make) -> None:
    make_result(problem="红梅的事。")
    make_result(problem="青龙的事。", town="青龙街道")
    page = client.get("/results/?area=320402002").content.decode()
    assert "青龙的事" in page
    assert "红梅的事" not in page


def test_drafts_are_nowhere(client: Client, make_result: Make) -> None:
    result = make_result(problem="还没核对的事。", live=False)
    for path in ("/", "/results/", "/feeds/results/"):
        assert "还没核对" not in client.get(path).content.decode()
    assert client.get(result.get_absolute_url()).status_code == 404


def test_a_long_month_is_paged_by_key_and_numbered_through(make_result: Make) -> None:
    for n in range(PAGE_SIZE + 5):
        make_result(date(2026, 10, 1 + n % 28), problem=f"第 {n} 件。")
    first = result_list()
    second = result_list(month=date(2026, 10, 1), after=first.after)
    assert [row.position for row in first.rows] == list(range(1, PAGE_SIZE + 1))
    assert [row.position for row in second.rows] == list(range(PAGE_SIZE + 1, PAGE_SIZE + 6))
    assert second.after == ""
    keys = [row.result.pk for row in [*first.rows, *second.rows]]
    assert len(set(keys)) == PAGE_SIZE + 5


@pytest.mark.parametrize(
    "query",
    [
        "month=13",
        "month=2026-13",
        "month=%00",
        "area=nowhere",
        "after=x",
        "after=1,2026-99-01,3",
        "after=,,",
        "month=２０２６-10",
        "after=99999999999,2026-10-01,99999999999999999999",
    ],
)
def test_a_strange_question_gets_a_plain_page(
    client: Client, make_result: Make, query: str
) -> None:
    make_result()
    assert client.get(f"/results/?{query}").status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_however_long(
    client: Client, make_result: Make, count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(count):
        make_result()
    client.get("/results/")
    with django_assert_max_num_queries(10):
        client.get("/results/")


def test_the_list_has_the_citys_four_columns(client: Client, make_result: Make) -> None:
    make_result()
    page = client.get("/results/").content.decode()
    for heading in ("序号", "地区", "群众投诉问题", "处理情况"):
        assert heading in page


def test_the_feed_is_atom_with_the_newest_first(client: Client, make_result: Make) -> None:
    make_result(date(2026, 9, 1), problem="旧的事。")
    make_result(date(2026, 10, 1), problem="新的事。")
    answer = client.get("/feeds/results/")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert text.index("新的事") < text.index("旧的事")


def _errors(**values: str) -> dict[str, Any]:
    from cms.wagtail_hooks import ResultViewSet

    form_class = ResultViewSet.edit_handler.bind_to_model(PublishedResult).get_form_class()
    assert issubclass(form_class, ResultForm)
    data = {"problem": "烧烤油烟大。", "outcome": "合格。", "closed_on": "2026-10-03", **values}
    return dict(form_class(data).errors)


def test_a_telephone_number_is_refused_with_a_masked_suggestion(district_pack: str) -> None:
    errors = _errors(problem="打 13812345678 找王先生", places_checked="on")
    assert "打 ＊＊＊ 找王先生" in str(errors["problem"])


def test_a_building_number_needs_the_editors_word(district_pack: str) -> None:
    assert "problem" in _errors(problem="3幢楼下烧烤。")
    assert "problem" not in _errors(problem="3幢楼下烧烤。", places_checked="on")


def test_clean_words_pass(district_pack: str) -> None:
    assert "problem" not in _errors()
