"""The leaders' overview page."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from foundation.metrics import registry
from foundation.metrics.figures import platform
from foundation.metrics.registry import Figure, Metric, Panel, Period, Registry


def _rate(period: Period) -> Figure:
    return Figure(Decimal(628), Decimal(645), period.horizon)


def _none(period: Period) -> Figure:
    return Figure(Decimal(0), Decimal(0), period.horizon)


@pytest.fixture
def own(db: None) -> Iterator[Registry]:
    with registry.replaced(Registry()) as own:
        own.add_metric(Metric("satisfaction", "满意", _rate, target=Decimal(97)))
        own.add_metric(Metric("empty", "公开", _none))
        own.add_panel(Panel("platform", "平台状态", 9, "metrics/_platform.html", platform))
        own.may_open_overview = lambda request: request.user.username == "leader"
        yield own


@pytest.fixture
def leader(own: Registry, staff_client: Any) -> Client:
    client: Client = staff_client("leader")
    return client


def test_strangers_are_sent_to_sign_in(client: Client, own: Registry) -> None:
    answer = client.get("/overview/")
    assert answer.status_code == 302
    assert "next=" in answer.headers["Location"]


@pytest.mark.parametrize("who", ["resident", "dispatcher", "auditor"])
def test_whoever_the_predicate_refuses_is_refused(
    own: Registry, staff_client: Any, who: str
) -> None:
    assert staff_client(who).get("/overview/").status_code == 403


def test_nobody_may_open_it_until_somebody_says_who() -> None:
    with registry.replaced(Registry()):
        assert registry.may_open_overview(HttpRequest()) is False


def test_figures_show_counts_value_target_and_time(clock: Any, leader: Client) -> None:
    page = leader.get("/overview/").content.decode()
    assert "628/645" in page
    assert "97.4%" in page
    assert "目标：不低于 97%" in page
    assert "达标" in page
    assert "暂无数据" in page
    assert "平台状态" in page
    assert page.count("<h1") == 1


def test_a_missed_target_says_so_in_words(own: Registry, leader: Client) -> None:
    own.add_metric(Metric("missed", "按期", _rate, target=Decimal(100)))
    assert "未达标" in leader.get("/overview/").content.decode()


def test_the_state_of_the_platform_is_told_in_plain_words(leader: Client) -> None:
    page = leader.get("/overview/").content.decode()
    for word in ("sqlite", "redis", "notices", "migrate", "messages"):
        assert word not in page
    assert "短信和邮件" in page


def test_panels_follow_their_order(leader: Client, own: Registry) -> None:
    own.add_panel(Panel("first", "先看这里", 1, "metrics/_platform.html", platform))
    page = leader.get("/overview/").content.decode()
    assert page.index("先看这里") < page.index("平台状态")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2025-Q4", "2025年第4季度"),
        ("2025", "2025年"),
        ("", "2026年3月"),
        ("rubbish'<", "2026年3月"),
        ("2026-99", "2026年3月"),
    ],
)
def test_any_period_can_be_asked_for(clock: Any, leader: Client, asked: str, shown: str) -> None:
    answer = leader.get("/overview/", {"period": asked})
    assert answer.status_code == 200
    assert f"<title>{shown}总览" in answer.content.decode()


def test_there_is_no_way_into_the_future(clock: Any, leader: Client) -> None:
    assert 'rel="next"' not in leader.get("/overview/").content.decode()
    assert 'href="?period=2026-03" rel="next"' in (
        leader.get("/overview/?period=2026-02").content.decode()
    )


def test_leaders_read_that_next_years_holidays_are_missing(
    clock: Any, own: Registry, staff_client: Any, fresh_calendar: None
) -> None:
    line = "2027年放假安排还没有录入"
    assert line not in staff_client("leader").get("/overview/").content.decode()
    clock.move_to("2026-11-02T09:00")
    page = staff_client("leader").get("/overview/").content.decode()
    assert line in page.split("gz-panel")[0]
    assert "请系统管理员录入" in page


def test_the_page_keeps_to_its_budget(leader: Client, django_assert_max_num_queries: Any) -> None:
    leader.get("/overview/")
    with django_assert_max_num_queries(15):
        leader.get("/overview/")


@pytest.mark.parametrize(
    ("who", "status"),
    [("leader", 200), ("supervisor", 200), ("auditor", 200), ("admin", 200), ("dispatcher", 403),
     ("grid", 403), ("editor", 403), ("resident", 403)],
)  # fmt: skip
def test_the_house_opens_it_for_leaders_and_auditors(
    staff_client: Any, who: str, status: int
) -> None:
    """The registered panels and the predicate of the accounts app, not those of this test."""
    assert staff_client(who).get("/overview/").status_code == status
