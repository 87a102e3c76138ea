"""What editors and administrators read in Wagtail's admin is Chinese, to the last button."""

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import wagtail
from babel.messages.pofile import read_po
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext, pgettext
from wagtail.models import Page, Task, Workflow

from cms import pack_tree
from cms.models import ContentPage, EnglishPage, HomePage, Indicator, PublishedResult
from cms.pack import load_site
from foundation.accounts.models import Role
from foundation.places.pack import Pack

StaffClient = Callable[[Any], Client]
LATIN = re.compile(r"[A-Za-z]{3,}")
PLACEHOLDER = re.compile(r"%\(\w+\)s")
#: Names, formats and addresses that are written so in Chinese too, and what this file makes up.
WRITTEN_SO = {
    "Wagtail", "JavaScript", "CSV", "XLSX", "JPG", "JPEG", "PNG", "WEBP", "URL", "EQI", "HTML",
    "http", "domain", "com", "work", "my", "cms", "contentpage", "homepage", "newsindexpage",
    "indicatorindexpage", "disclosureindexpage", "disclosurepage", "englishpage",
    "resultspage", "newspage", "sectionpage", "editor",
    "admin", "one", "two", "gongzhi", "TEST",
    "API",
}  # fmt: skip
#: Written into Wagtail's templates without a translation: a button that nobody sees, a counter
#: that is hidden until it counts, three column heads of the one list of sites.
WAGTAILS_OWN = {"Search", "None", "Port", "Site name", "Root page", "按“Port”升序排列。"}
SHOWN_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt")


class Reader(HTMLParser):
    """Collects what is shown or read aloud: texts, labels, captions of buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in {"script", "style", "template", "svg", "code"}
        given = dict(attrs)
        self.words += [given[name] or "" for name in SHOWN_ATTRIBUTES if name in given]
        if given.get("type") in {"submit", "button"} and tag == "input":
            self.words.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in {"script", "style", "template", "svg", "code"}

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(" ".join(data.split()))


def english_in(html: str) -> set[str]:
    reader = Reader()
    reader.feed(html)
    return {
        words
        for words in reader.words
        if set(LATIN.findall(words)) - WRITTEN_SO and words not in WAGTAILS_OWN
    }


@pytest.fixture
def pages(home: HomePage) -> list[ContentPage]:
    """A draft and a page that an editor has submitted."""
    made = [
        home.add_child(instance=ContentPage(title=f"新页{slug}", slug=slug, live=False))
        for slug in ("one", "two")
    ]
    for page in made:
        page.save_revision()
    return made


def _screens(pages: list[ContentPage], home: HomePage, result: PublishedResult) -> Iterator[str]:
    draft, submitted = pages
    for name in (
        "wagtailadmin_home", "wagtailimages:index", "wagtailimages:add", "wagtaildocs:index",
        "wagtaildocs:add", "wagtailadmin_explore_root", "wagtailadmin_reports:workflow",
        "wagtailadmin_reports:workflow_tasks", "wagtailadmin_reports:locked_pages",
        "wagtailadmin_reports:site_history", "wagtailadmin_reports:page_types_usage",
        "wagtailadmin_pages:search", "wagtailadmin_workflows:index",
        "wagtailadmin_workflows:task_index", "wagtailadmin_collections:index",
        "wagtailsites:index", "wagtailredirects:index", "wagtailsnippets:index",
        "wagtailsnippets_cms_publishedresult:list", "wagtailsnippets_cms_publishedresult:add",
        "wagtailsnippets_cms_indicator:list",
    ):  # fmt: skip
        yield reverse(name)
    for verb in ("edit", "history", "usage", "delete", "copy", "move", "workflow_history"):
        yield reverse(f"wagtailadmin_pages:{verb}", args=[submitted.pk])
    yield reverse("wagtailadmin_pages:edit", args=[draft.pk])
    yield reverse("wagtailadmin_pages:edit", args=[home.pk])
    yield reverse("wagtailadmin_pages:unpublish", args=[home.pk])
    yield reverse("wagtailadmin_pages:add_subpage", args=[home.pk])
    yield reverse("wagtailadmin_pages:add", args=["cms", "contentpage", home.pk])
    yield reverse("wagtailadmin_explore", args=[Page.objects.get(depth=1).pk])
    yield reverse("wagtailadmin_explore", args=[home.pk])
    yield reverse("wagtailadmin_explore", args=[home.pk]) + "?q=新页"
    yield reverse("wagtailadmin_pages:search") + "?q=新页"
    yield reverse("wagtailadmin_pages:search") + "?q=没有"
    yield reverse("wagtailsnippets_cms_publishedresult:edit", args=[result.pk])
    yield reverse("wagtailsnippets_cms_indicator:edit", args=[Indicator.objects.earliest("pk").pk])


def _form(page: ContentPage, **values: str) -> dict[str, str]:
    fixed = {"body-count": "0", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    return {"title": page.title, "slug": page.slug, **fixed, **values}


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMINISTRATOR])
def test_no_english_is_left_in_the_admin(
    staff_client: StaffClient,
    cast: Any,
    home: HomePage,
    pages: list[ContentPage],
    make_result: Callable[..., PublishedResult],
    role: Role,
) -> None:
    edit = reverse("wagtailadmin_pages:edit", args=[pages[1].pk])
    answer = staff_client(Role.EDITOR).post(edit, _form(pages[1], **{"action-submit": "1"}))
    assert answer.status_code == 302
    client = staff_client(role)
    found = {}
    # The pages in English are written so on purpose.
    theirs = list(EnglishPage.objects.values_list("title", flat=True))
    for address in _screens(pages, home, make_result(live=False)):
        html = client.get(address, follow=True).content.decode()
        for title in theirs:
            html = html.replace(escape(title), "")
        if english := english_in(html):
            found[address] = english
    assert found == {}


def test_a_refused_page_says_so_in_chinese(
    staff_client: StaffClient, cast: Any, home: HomePage, pages: list[ContentPage]
) -> None:
    address = reverse("wagtailadmin_pages:add", args=["cms", "contentpage", home.pk])
    html = staff_client(Role.EDITOR).post(address, _form(pages[0], title="")).content.decode()
    assert "内容有误，页面没有创建。" in html
    assert "到第一处错误" in html
    assert english_in(html) == set()


def test_the_editors_main_button_is_plain(
    staff_client: StaffClient, cast: Any, home: HomePage, pages: list[ContentPage]
) -> None:
    edit = reverse("wagtailadmin_pages:edit", args=[pages[0].pk])
    html = staff_client(Role.EDITOR).get(edit).content.decode()
    actions = html[html.index("footer") :]
    assert actions.index("提交编辑审批") < actions.index("保存草稿")


def test_approving_is_the_main_button_of_what_is_in_review(
    staff_client: StaffClient, cast: Any, home: HomePage, pages: list[ContentPage]
) -> None:
    edit = reverse("wagtailadmin_pages:edit", args=[pages[1].pk])
    staff_client(Role.EDITOR).post(edit, _form(pages[1], **{"action-submit": "1"}))
    html = staff_client(Role.ADMINISTRATOR).get(edit).content.decode()
    actions = html[html.index("footer__container") :]
    assert actions.index("批准并发布") < actions.index("保存草稿")


def test_rows_that_wagtail_made_are_named_once(district_pack: str) -> None:
    assert set(Workflow.objects.values_list("name", flat=True)) == {"编辑审批", "公开审批"}
    assert set(Task.objects.values_list("name", flat=True)) == {"编辑审批", "部门审核", "保密审查"}
    Workflow.objects.filter(name="公开审批").delete()
    assert Page.objects.get(depth=1).title == "全部页面"
    Workflow.objects.update(name="两级审批")
    assert load_site(Pack(district_pack)).changed == 0
    Workflow.objects.filter(name="公开审批").delete()
    Workflow.objects.update(name=pack_tree.WAGTAILS_APPROVAL)
    assert load_site(Pack(district_pack)).changed == 1
    assert Workflow.objects.filter(name="编辑审批").count() == 1


def _wagtails_strings() -> Iterator[tuple[str, str | None]]:
    folder = Path(wagtail.__file__).parent
    for app in apps.get_app_configs():
        source = Path(app.path) / "locale" / "en" / "LC_MESSAGES" / "django.po"
        if folder in source.parents and source.exists():
            for message in read_po(source.open("rb")):
                if message.id:
                    text = message.id if isinstance(message.id, str) else message.id[0]
                    yield text, message.context


def test_every_string_of_wagtail_has_chinese() -> None:
    """A new release of Wagtail brings new strings: they fail here until cms.wording has them."""
    missing = [
        text
        for text, context in _wagtails_strings()
        if (pgettext(context, text) if context else gettext(text)) == text
        and set(LATIN.findall(PLACEHOLDER.sub("", text))) - WRITTEN_SO
    ]
    assert missing == []


def test_wagtails_own_words_are_not_bent_by_the_house() -> None:
    assert gettext("Pages") == "页面"
    assert gettext("live") == "已发布"


def test_the_editors_scripts_speak_chinese(staff_client: StaffClient, cast: Any) -> None:
    script = staff_client(Role.EDITOR).get(reverse("wagtailadmin_javascript_catalog"))
    words = script.content.decode()
    assert json.dumps("正在自动保存…")[1:-1] in words
    assert json.dumps("页面管理")[1:-1] in words
