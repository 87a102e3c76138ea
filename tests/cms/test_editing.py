"""What editors are told about their texts, and what a site inspection would find."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page

from cms.models import ContentPage, HomePage, NewsIndexPage, NewsPage, SectionPage
from cms.plain_words import grave_details, hints_of
from cms.selectors.inspection import alarms
from foundation.accounts.models import Role

PLAIN = "2026年3月，全区空气优良天数24天。咨询电话0519-00000000。"


def codes(text: str, **known: Any) -> list[str]:
    return [hint.code for hint in hints_of(text, **known) if hint.code != "may_be_private"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, []),
        (PLAIN + "长" * 61 + "。", ["long_sentence"]),
        (PLAIN + "长" * 60 + "。", []),
        (PLAIN + "实施EOD项目。", ["unexplained"]),
        (PLAIN + "实施EOD（生态环境导向的开发）项目，EOD很好。", []),
        (PLAIN + "生态环境导向的开发（EOD）项目，PM2.5和AQI下降。", []),
        ("2026年3月，全区空气优良。", ["no_contact"]),
        ("全区空气优良。咨询12345。", ["no_date"]),
    ],
)
def test_hints_name_what_could_be_plainer(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.once
def test_a_contact_field_and_a_date_field_count() -> None:
    assert codes("全区空气优良。", contact="生态环境局", is_dated=True) == []


@pytest.mark.once
def test_telephones_are_pointed_at_and_identity_numbers_are_grave() -> None:
    text = PLAIN + "王某13812345678，320402199001010017。"
    assert "13812345678" in [hint.words for hint in hints_of(text)]
    assert grave_details(text) == ["320402199001010017"]


def body(text: str) -> dict[str, str]:
    return {
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "text",
        "body-0-id": "", "body-0-value": f'{{"blocks":[{{"key":"a","text":"{text}",'
        '"type":"unstyled","depth":0,"inlineStyleRanges":[],"entityRanges":[]}],"entityMap":{}}',
    }  # fmt: skip


@pytest.fixture
def moderator(staff_client: Any, home: HomePage) -> Client:
    client: Client = staff_client(Role.ADMINISTRATOR)
    return client


def test_an_identity_number_is_never_published_and_the_draft_is_kept(moderator: Client) -> None:
    home = HomePage.objects.get()
    page = ContentPage(title="说明", slug="note", live=False)
    home.add_child(instance=page)
    fields = {
        "title": "说明", "slug": "note", "summary": "", "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0", **body("身份证320402199001010017"),
    }  # fmt: skip
    address = f"/cms/pages/{page.pk}/edit/"
    text = moderator.post(address, {**fields, "action-publish": "1"}).content.decode()
    assert "页面里有身份证号：320402199001010017" in text
    assert not Page.objects.get(pk=page.pk).live
    kept = moderator.post(address, fields, follow=True).content.decode()
    assert "没有写咨询联系方式" in kept
    revision = Page.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert "320402199001010017" in revision.plain_text


def test_stale_and_empty_columns_raise_an_alarm(moderator: Client) -> None:
    index, home = NewsIndexPage.objects.get(), HomePage.objects.get()
    fresh = NewsPage(
        title="新", slug="n", source="本区", published_on=date(2026, 4, 10), column="news"
    )
    index.add_child(instance=fresh)
    old = NewsPage(
        title="旧", slug="o", source="本区", published_on=date(2025, 9, 1), column="notice"
    )
    index.add_child(instance=old)
    home.add_child(instance=SectionPage(title="办事", slug="do"))
    found = {(alarm.code, alarm.name) for alarm in alarms(date(2026, 4, 21))}
    assert {("stale", str(old.get_column_display())), ("empty", "办事")} < found
    assert len(found) == 3
    text = moderator.get("/cms/").content.decode()
    assert "网站自查" in text
    assert "是空栏目" in text
