"""The catalogue's pages as everybody reads them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from cms.models import CatalogueItem, Duty, DutyState, DutyTally
from cms.services.duties import declare_none
from cms.services.rota import keep_rota
from foundation.ledger.actor import Actor
from foundation.places.models import Department

DAY = datetime(2026, 4, 21, 2, tzinfo=UTC)


@pytest.fixture
def rota(district_pack: str) -> Any:
    """The catalogue as it stands on 21 April 2026, with nothing published."""
    with time_machine.travel(DAY, tick=False):
        keep_rota(today=date(2026, 4, 21))
        yield


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_the_rate_in_words_and_lists_what_is_overdue(
    rota: None, client: Client
) -> None:
    whole = Duty.objects.filter(due_on__lt=date(2026, 4, 21)).count()
    text = page_of(client, "/disclosure/")
    assert "信息公开目录" in text
    assert f"已到期{whole}项，按时公开0项。" in text
    assert f'aria-label="0/{whole}"' in text
    assert "正在逾期" in text
    assert "重大决策" in text
    assert "排污费征收" in text
    assert "历史目录" in text


def test_years_are_tabs_and_an_unknown_year_shows_this_one(rota: None, client: Client) -> None:
    assert 'href="?year=2026" aria-current="page"' in page_of(client, "/disclosure/?year=1999")
    assert page_of(client, "/disclosure/?year=abc")


def test_what_did_not_arise_says_why(rota: None, client: Client) -> None:
    duty = Duty.objects.get(item__code="penalty-summary", period="2026-03")
    declare_none(duty_id=duty.pk, reason="本月无行政处罚", actor=Actor("staff", "7", "editor"))
    text = page_of(client, f"/disclosure/duties/{duty.pk}/")
    assert "本期无" in text
    assert "本月无行政处罚" in text
    assert "自2026年3月31日起算，20个工作日内，截至2026年4月29日当日。" in text
    assert "天宁生态环境局" in text


def test_what_was_kept_says_so(rota: None, client: Client) -> None:
    duty = Duty.objects.get(item__code="environment-state", period="2026-02")
    Duty.objects.filter(pk=duty.pk).update(state=DutyState.MET, met_on=date(2026, 3, 20))
    text = page_of(client, f"/disclosure/duties/{duty.pk}/")
    assert "按时公开" in text
    assert "2026年3月20日" in text


def test_lists_are_narrowed_by_state_and_department(rota: None, client: Client) -> None:
    text = page_of(client, "/disclosure/duties/?state=overdue&department=natural-resources")
    assert "林长巡林制度" in text
    assert "重大决策" not in text
    assert "没有这样的事项" in page_of(client, "/disclosure/duties/?state=met")
    assert page_of(client, "/disclosure/duties/?state=%00&after=x&department=" + "x" * 99)


def test_pages_follow_each_other_by_key(rota: None, client: Client) -> None:
    seen: list[int] = []
    after, found = "", True
    from cms.selectors.duties import DutyFilter, duty_page

    while found:
        page = duty_page(DutyFilter(year=2026), after=after)
        seen += [duty.pk for duty in page.duties]
        after, found = page.after, bool(page.after)
    assert len(seen) == len(set(seen)) == Duty.objects.filter(due_on__year=2026).count()


def test_an_item_names_its_law_with_its_days(rota: None, client: Client) -> None:
    text = page_of(client, "/disclosure/items/environment-state/")
    assert "《环境保护法》第五十四条" in text
    assert "自2015年1月1日起施行，至2026年8月14日止" in text
    assert "《生态环境法典》第一百三十八条" in text
    assert client.get("/disclosure/items/nothing/").status_code == 404


def test_a_withdrawn_duty_is_not_shown(rota: None, client: Client) -> None:
    duty = Duty.objects.first()
    assert duty is not None
    Duty.objects.filter(pk=duty.pk).update(state=DutyState.WITHDRAWN)
    assert client.get(f"/disclosure/duties/{duty.pk}/").status_code == 404


def test_the_page_costs_the_same_for_a_hundred_thousand_duties(
    rota: None, client: Client, django_assert_max_num_queries: Any
) -> None:
    item = CatalogueItem.objects.get(code="firm-monitoring")
    department = Department.objects.get(code="ecology")
    DutyTally.objects.bulk_create(
        DutyTally(item=item, department=department, due_on=date(2026, 1, day), total=100_000)
        for day in range(1, 29)
    )
    client.get("/disclosure/")
    with django_assert_max_num_queries(10):
        page_of(client, "/disclosure/")
