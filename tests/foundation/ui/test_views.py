"""Preferences work by plain forms, problems are said in words, the gallery stays at home."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from foundation.ui import views

pytestmark = pytest.mark.django_db


def test_theme_and_size_are_kept_in_cookies_and_the_reader_returns(client: Client) -> None:
    answer = client.post(
        "/preferences/", {"text_size": "large", "theme": "dark", "next": "/map/?a=1"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/map/?a=1")
    cookie = answer.cookies["gz_text"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("large", True, "Lax")
    page = client.get("/preferences/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-text="large"' in page
    assert "电话办" in page


@pytest.mark.parametrize(
    "target",
    ["https://evil.invalid/", "//evil.invalid", "javascript:alert(1)", "\\\\evil.invalid", ""],
)
def test_nobody_is_sent_to_another_site(client: Client, target: str) -> None:
    assert client.post("/preferences/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.parametrize("value", ["", "huge", '"><script>', "dark; Secure"])
def test_an_unknown_choice_changes_nothing(client: Client, value: str) -> None:
    answer = client.post("/preferences/", {"theme": value, "text_size": value})
    assert answer.cookies == {}


def test_a_forged_cookie_is_ignored(client: Client) -> None:
    client.cookies["gz_theme"] = '"><script>'
    assert 'data-theme="auto"' in client.get("/preferences/").content.decode()


def test_another_site_cannot_change_the_display(client: Client) -> None:
    answer = client.post(
        "/preferences/", {"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert answer.cookies == {}


def test_a_page_for_readers_without_choices_sets_no_cookie(client: Client) -> None:
    assert client.get("/offline/").cookies == {}


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    assert getattr(client, method)("/preferences/").status_code == 405


@pytest.mark.parametrize(
    ("view", "error", "status", "heading"),
    [
        (views.bad_request, SuspiciousOperation(), 400, "这个请求没有看懂"),
        (views.permission_denied, PermissionDenied(), 403, "您的账户看不到这一页"),
        (views.page_not_found, Exception(), 404, "没有找到这一页"),
    ],
)
def test_a_problem_says_what_happened_what_to_do_and_whom_to_call(
    rf: RequestFactory, view: object, error: Exception, status: int, heading: str
) -> None:
    answer: HttpResponse = view(rf.get("/x/"), error)  # type: ignore[operator]
    text = answer.content.decode()
    assert answer.status_code == status
    for words in (heading, "发生了什么", "怎么办", 'href="tel:'):
        assert words in text
    assert text.count("<h1") == 1


def test_the_page_for_our_own_mistakes_needs_no_database(rf: RequestFactory) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("the database was asked")

    with connection.execute_wrapper(refuse):
        answer = views.server_error(rf.get("/x/"))
    assert answer.status_code == 500
    assert "我们这边出了点问题" in answer.content.decode()
    assert 'href="tel:12345"' in answer.content.decode()


def test_an_old_form_is_explained(settings: object) -> None:
    strict = Client(enforce_csrf_checks=True)
    request: HttpRequest = RequestFactory().post("/x/")
    answer = views.csrf_failure(request, reason="x")
    assert answer.status_code == 403
    assert "页面打开得太久了" in answer.content.decode()
    assert strict.get("/offline/").status_code == 200


def test_the_manifest_names_icons_that_exist(client: Client) -> None:
    from django.contrib.staticfiles import finders

    manifest = client.get("/site.webmanifest").json()
    assert manifest["start_url"] == "/"
    for entry in manifest["icons"]:
        assert finders.find(entry["src"].removeprefix("/static/")), entry["src"]


def test_the_icon_at_the_root_leads_to_the_real_one(client: Client) -> None:
    from django.contrib.staticfiles import finders

    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert finders.find("ui/favicon.ico")
    assert answer["Location"].startswith("/static/ui/favicon")


def test_the_gallery_is_shown_to_developers_only(client: Client, settings: object) -> None:
    assert client.get("/ui/gallery/").status_code == 404
    settings.DEMO = True  # type: ignore[attr-defined]
    for frame in ("resident", "staff", "field", "../../etc/passwd"):
        assert client.get("/ui/gallery/", {"frame": frame}).status_code == 200
