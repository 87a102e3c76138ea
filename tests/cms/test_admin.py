"""The editors' side: approval, permissions, Chinese search, every screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, WorkflowState

from cms.blocks import BodyBlock
from cms.models import ContentPage, HomePage, Indicator, NewsIndexPage, PublishedResult
from foundation.accounts.models import Role
from foundation.accounts.services import posts

StaffClient = Callable[[Any], Client]
Make = Callable[..., PublishedResult]


@pytest.fixture
def editor(staff_client: StaffClient, cast: Any) -> Client:
    return staff_client(Role.EDITOR)


@pytest.fixture
def moderator(staff_client: StaffClient, cast: Any) -> Client:
    return staff_client(Role.ADMINISTRATOR)


def _results(verb: str, *args: object) -> str:
    return reverse(f"wagtailsnippets_cms_publishedresult:{verb}", args=args)


def _fields(result: PublishedResult, **values: str) -> dict[str, str]:
    return {
        "problem": result.problem,
        "outcome": result.outcome,
        "area": str(result.area_id),
        "category": result.category,
        "closed_on": str(result.closed_on),
        **values,
    }


@pytest.mark.parametrize(
    "name",
    [
        "wagtailadmin_home",
        "wagtailimages:index",
        "wagtailimages:add",
        "wagtaildocs:index",
        "wagtailadmin_explore_root",
        "wagtailadmin_reports:workflow",
    ],
)
def test_editors_screens_open(editor: Client, home: HomePage, name: str) -> None:
    assert editor.get(reverse(name)).status_code == 200


def test_results_and_indicators_have_screens(
    editor: Client, home: HomePage, make_result: Make
) -> None:
    result = make_result(live=False)
    indicator = Indicator.objects.get(code="17")
    for path in (
        _results("list"),
        _results("edit", result.pk),
        reverse("wagtailsnippets_cms_indicator:list"),
        reverse("wagtailsnippets_cms_indicator:edit", args=[indicator.pk]),
    ):
        assert editor.get(path).status_code == 200, path


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.DISPATCHER, Role.AUDITOR])
def test_others_stay_outside(staff_client: StaffClient, home: HomePage, role: Role) -> None:
    answer = staff_client(role).get("/cms/")
    assert answer.status_code in {302, 403}


def test_an_editor_submits_and_a_moderator_publishes(
    editor: Client, moderator: Client, home: HomePage, make_result: Make
) -> None:
    result = make_result(live=False)
    refused = editor.post(_results("edit", result.pk), _fields(result, **{"action-publish": "1"}))
    result.refresh_from_db()
    assert not result.live, refused.status_code
    editor.post(_results("edit", result.pk), _fields(result, **{"action-submit": "1"}))
    state = WorkflowState.objects.get()
    assert state.status == WorkflowState.STATUS_IN_PROGRESS
    task = state.current_task_state
    moderator.post(
        reverse(
            "wagtailsnippets_cms_publishedresult:workflow_action",
            args=[result.pk, "approve", task.pk],
        ),
        {"comment": ""},
    )
    result.refresh_from_db()
    assert result.live


def test_a_private_detail_stops_even_a_moderator(
    moderator: Client, home: HomePage, make_result: Make
) -> None:
    result = make_result(live=False)
    answer = moderator.post(
        _results("edit", result.pk),
        _fields(result, problem="打 13812345678", **{"action-publish": "1"}),
    )
    result.refresh_from_db()
    assert not result.live
    assert "打 ＊＊＊" in answer.content.decode()


def test_pages_pass_the_same_approval(editor: Client, home: HomePage) -> None:
    page = home.add_child(instance=ContentPage(title="新页", slug="new", live=False))
    page.save_revision()
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = {
        "title": "新页",
        "slug": "new",
        "summary": "",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }
    editor.post(edit, {**form, "action-publish": "1"})
    page.refresh_from_db()
    assert not page.live
    editor.post(edit, {**form, "action-submit": "1"})
    assert page.current_workflow_state is not None


def test_admin_search_understands_chinese(
    editor: Client, home: HomePage, run_jobs: Callable[[], Any]
) -> None:
    parent = NewsIndexPage.objects.get()
    page = ContentPage(title="周末护河志愿活动开始报名", slug="river")
    home.add_child(instance=page)
    page.save_revision().publish()
    run_jobs()
    for words in ("志愿", "护河志愿活动", "报名 护河"):
        answer = editor.get(reverse("wagtailadmin_pages:search"), {"q": words})
        assert "周末护河志愿活动" in answer.content.decode(), words
    answer = editor.get(reverse("wagtailadmin_pages:search"), {"q": "噪声"})
    assert "周末护河志愿活动" not in answer.content.decode()
    assert parent.pk


def test_results_can_be_searched_in_chinese(
    editor: Client, home: HomePage, make_result: Make, run_jobs: Callable[[], Any]
) -> None:
    make_result(problem="工地夜间施工太吵。")
    make_result(problem="河面有油花。")
    run_jobs()
    answer = editor.get(_results("list"), {"q": "夜间施工"}).content.decode()
    assert "工地夜间施工太吵" in answer
    assert "河面有油花" not in answer


def test_every_block_tells_what_it_is_for() -> None:
    for name, block in BodyBlock().child_blocks.items():
        assert block.meta.icon != "placeholder", name
        assert block.label
        assert block.get_description(), name
        assert block.is_previewable, name


def test_every_block_has_a_preview(editor: Client, home: HomePage) -> None:
    for name, block in BodyBlock().child_blocks.items():
        prefix = ContentPage.body.field.stream_block.child_blocks[name].definition_prefix
        answer = editor.get(reverse("wagtailadmin_block_preview"), {"id": prefix})
        assert answer.status_code == 200, name
        assert "gz-body-stream" in answer.content.decode()
        assert block.name == name


def test_a_result_can_be_previewed(editor: Client, home: HomePage, make_result: Make) -> None:
    result = make_result(live=False)
    preview = reverse("wagtailsnippets_cms_publishedresult:preview_on_edit", args=[result.pk])
    editor.post(preview, _fields(result, outcome="正在看的话。"))
    assert "正在看的话" in editor.get(preview).content.decode()


def test_pages_can_be_previewed(editor: Client, home: HomePage) -> None:
    for slug in ("results", "indicators", "news"):
        page = Page.objects.get(slug=slug).specific
        assert page.make_preview_request(preview_mode="").status_code == 200


def test_the_groups_hold_exactly_their_permissions(cast: Any, home: HomePage) -> None:
    for user in (cast.editor, cast.admin):
        posts.sync_groups(user=user)
    assert cast.editor.has_perm("cms.change_publishedresult")
    assert not cast.editor.has_perm("cms.publish_publishedresult")
    assert not cast.editor.has_perm("cms.delete_publishedresult")
    assert cast.admin.has_perm("cms.publish_publishedresult")
