"""The editors' workbench: one's own duties, one press to the page, what did not arise."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document

from cms.models import DisclosurePage, Duty, DutyState
from cms.services.disclosures import named_by
from cms.services.reminders import remind
from cms.services.rota import keep_rota
from foundation.accounts.models import Post, Role, User
from foundation.notices.models import Notice
from foundation.places.models import Department

DAY = datetime(2026, 4, 21, 2, tzinfo=UTC)
SignIn = Callable[..., Client]


@pytest.fixture
def rota(district_pack: str) -> Iterator[None]:
    """The duties of 21 April 2026, with nothing published."""
    with time_machine.travel(DAY, tick=False):
        keep_rota(today=date(2026, 4, 21))
        yield


@pytest.fixture
def editor(rota: None, cast: Any, staff_client: SignIn) -> Client:
    """The editor of the whole district."""
    return staff_client(Role.EDITOR)


def bind(user: User, department: str) -> None:
    Post.objects.filter(user=user, role=Role.EDITOR).update(
        department=Department.objects.get(code=department)
    )


def duty_of(code: str, period: str) -> Duty:
    return Duty.objects.get(item__code=code, period=period)


def test_one_press_opens_a_filled_page(editor: Client) -> None:
    duty = duty_of("forest-patrols", "2026-Q1")
    text = editor.get("/cms/duties/").content.decode()
    assert "林长巡林制度" in text
    assert "一键生成网页" in text
    answer = editor.post(f"/cms/duties/{duty.pk}/write/")
    page = DisclosurePage.objects.get()
    assert answer.headers["Location"] == f"/cms/pages/{page.pk}/edit/"
    assert page.title == "林长巡林制度（2026年第一季度）"
    assert (page.item, page.period, page.live) == (duty.item, "2026-Q1", False)
    assert editor.get(answer.headers["Location"]).status_code == 200
    editor.post(f"/cms/duties/{duty.pk}/write/")
    assert DisclosurePage.objects.count() == 1
    assert "继续写草稿" in editor.get("/cms/duties/").content.decode()


def test_what_did_not_arise_is_declared_and_taken_back(editor: Client) -> None:
    duty = duty_of("penalty-summary", "2026-03")
    address = f"/cms/duties/{duty.pk}/declare/"
    text = editor.post(address, {"reason": " "}, follow=True).content.decode()
    assert "请简单写明本期为什么没有。" in text
    text = editor.post(address, {"reason": "本月无行政处罚"}, follow=True).content.decode()
    assert "已声明：本期无。" in text
    duty.refresh_from_db()
    assert duty.state == DutyState.NONE
    assert "本月无行政处罚" in editor.get("/cms/duties/?tab=done").content.decode()
    editor.post(address, {"undo": "1"})
    duty.refresh_from_db()
    assert duty.state == DutyState.OPEN


def test_what_stands_elsewhere_is_attached_by_its_address(editor: Client, own_folders: Any) -> None:
    duty = duty_of("environment-state", "2026-03")
    document = Document.objects.create(
        title="三月", file=ContentFile("月份\n2026年3月\n".encode(), name="march.csv")
    )
    address = f"/cms/duties/{duty.pk}/evidence/"
    text = editor.post(address, {"address": "/no/such/page/"}, follow=True).content.decode()
    assert "请选择网页、文件或数据集。" in text
    text = editor.post(address, {"address": document.url}, follow=True).content.decode()
    assert "已附上，检查合格。" in text
    duty.refresh_from_db()
    assert duty.state == DutyState.MET


def test_addresses_name_pages_files_and_datasets(rota: None) -> None:
    named = named_by("https://example.org/news/?page=2")
    assert named.page is not None
    assert named.page.slug == "news"
    assert named_by("/data/indicators/").dataset == "indicators"
    assert named_by("/documents/99999999999999/x.pdf").document is None
    assert named_by("javascript:alert(1)").page is None


def test_an_editor_of_a_department_keeps_only_its_duties(editor: Client, cast: Any) -> None:
    bind(cast.editor, "natural-resources")
    text = editor.get("/cms/duties/").content.decode()
    assert "林长巡林制度" in text
    assert "监督性监测结果" not in text
    other = duty_of("supervisory-monitoring", "2026-Q1")
    for act in ("write", "declare", "evidence"):
        assert editor.post(f"/cms/duties/{other.pk}/{act}/").status_code == 404


def test_a_surveyor_has_no_workbench(rota: None, cast: Any, staff_client: SignIn) -> None:
    surveyor = staff_client(Role.SURVEYOR)
    assert surveyor.get("/cms/duties/").status_code == 404
    assert "应公开事项" not in surveyor.get("/cms/").content.decode()


def test_editors_are_reminded_once_a_day(rota: None, cast: Any) -> None:
    assert cast.editor
    # Five working days before 29 April lies 22 April.
    assert remind(today=date(2026, 4, 22)) == remind(today=date(2026, 4, 22)) > 0
    assert Notice.objects.filter(code="duties.due").count() == 1
    assert remind(today=date(2026, 4, 25)) == 0


def test_a_page_with_a_time_is_published_by_itself(
    editor: Client, run_jobs: Callable[[], Any]
) -> None:
    from cms.handlers import publish_scheduled

    duty = duty_of("forest-patrols", "2026-Q1")
    editor.post(f"/cms/duties/{duty.pk}/write/")
    page = DisclosurePage.objects.get()
    page.go_live_at = datetime(2026, 4, 22, 1, tzinfo=UTC)
    page.body = [("text", f"<p>{'2026年第一季度各级林长巡林情况。' * 5}</p>")]
    page.save_revision().publish()
    assert not DisclosurePage.objects.get().live
    with time_machine.travel(datetime(2026, 4, 22, 2, tzinfo=UTC), tick=False):
        publish_scheduled(datetime(2026, 4, 22, 2, tzinfo=UTC))
        run_jobs()
        duty.refresh_from_db()
        assert DisclosurePage.objects.get().live
        assert (duty.state, duty.is_late) == (DutyState.MET, False)
