"""Headers: one strict policy, nothing kept by accident, only our pages may use the camera."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from foundation.ui.middleware import (
    ContentSecurityPolicyMiddleware,
    NoStoreByDefaultMiddleware,
    PermissionsPolicyMiddleware,
)

HEADER = "Content-Security-Policy"


def policy(path: str, response: HttpResponse | None = None) -> dict[str, str]:
    middleware = ContentSecurityPolicyMiddleware(lambda request: response or HttpResponse())
    header = middleware(RequestFactory().get(path))[HEADER]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.parametrize("path", ["/", "/report/", "/desk/", "/cmsx/", "/accounts/login/"])
def test_nothing_inline_is_allowed_on_a_page(path: str) -> None:
    rules = policy(path)
    assert rules["script-src"] == rules["style-src"] == rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["frame-ancestors"] == "'none'"
    assert "style-src-elem" not in rules


def test_the_editor_gets_style_elements_and_its_own_frames_but_no_scripts() -> None:
    rules = policy("/cms/pages/3/edit/")
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["style-src-elem"] == "'self' 'unsafe-inline'"
    assert rules["frame-ancestors"] == "'self'"


def test_a_preview_that_was_drawn_as_the_page_may_still_be_framed() -> None:
    inner = HttpResponse(headers={HEADER: "default-src 'self'; frame-ancestors 'none'"})
    assert policy("/cms/pages/3/edit/preview/", inner)["frame-ancestors"] == "'self'"


def test_a_view_keeps_the_policy_it_wrote_itself() -> None:
    own = HttpResponse(headers={HEADER: "sandbox"})
    assert policy("/photos/1/full.jpg", own) == {"sandbox": ""}


def cache_rule(response: HttpResponse, *, cookies: dict[str, str] | None = None) -> str:
    request: HttpRequest = RequestFactory().get("/")
    request.COOKIES.update(cookies or {})
    return NoStoreByDefaultMiddleware(lambda request: response)(request)["Cache-Control"]


def test_nothing_is_kept_by_default() -> None:
    assert cache_rule(HttpResponse()) == "no-store"


def test_a_public_page_is_private_for_a_reader_with_a_session() -> None:
    public = {"Cache-Control": "public, max-age=60"}
    session = {settings.SESSION_COOKIE_NAME: "x"}
    assert cache_rule(HttpResponse(headers=public)) == "public, max-age=60"
    assert cache_rule(HttpResponse(headers=public), cookies=session) == "private, no-cache"


def test_only_our_own_pages_may_ask_for_camera_and_position() -> None:
    answer = PermissionsPolicyMiddleware(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert "geolocation=(self)" in answer["Permissions-Policy"]
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert "microphone=()" in answer["Permissions-Policy"]
