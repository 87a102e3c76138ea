"""Headers that every answer carries."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from traceback import walk_tb

from csp.constants import HEADER, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

EDITOR_PREFIX = "/cms/"
EDITOR_NEEDS = {"style-src-elem": [SELF, UNSAFE_INLINE], "frame-ancestors": [SELF]}
PERMISSIONS = (
    "accelerometer=(), autoplay=(), camera=(self), display-capture=(), encrypted-media=(), "
    "fullscreen=(self), geolocation=(self), gyroscope=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), usb=()"
)


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """One strict policy everywhere: no inline script, and no inline style outside the editor.

    Below /cms/ there are two differences, found by walking through Wagtail 8's admin in a browser:
    its rich text editor writes ``<style>`` elements (never ``style`` attributes in markup), and it
    frames its own previews. Scripts stay strict: foundation.ui.editor starts its widgets.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Write the header; a preview has passed the whole stack once under the page's address."""
        if _is_editor(request) and "frame-ancestors" in response.headers.get(HEADER, ""):
            del response.headers[HEADER]
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Return django-csp's parts, with what the editor needs below its address."""
        parts = super().get_policy_parts(request, response, report_only)
        if _is_editor(request):
            replace = {**EDITOR_NEEDS, **(parts.replace or {})}
            return PolicyParts(parts.config, parts.update, replace, parts.nonce)
        return parts


def _is_editor(request: HttpRequest) -> bool:
    return request.path_info.startswith(EDITOR_PREFIX)


class EditorInputMiddleware:
    """Answers 400 to forms below /cms/ that no page of Wagtail's would send.

    Wagtail 8 reads some fields of its own forms without asking whether they came (the count of a
    stream field, the target of a copy) or takes any word as the page to go on to. Such a post is
    the sender's mistake, not a failure of ours; it is logged all the same.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer in words when Wagtail itself stumbled over what was posted."""
        if request.method != "POST" or not _is_editor(request) or not _is_stumble(error):
            return None
        logger.warning("Form refused: %s at %s", type(error).__name__, request.path)
        return render(request, "ui/errors/400.html", status=HTTPStatus.BAD_REQUEST)


def _is_stumble(error: Exception) -> bool:
    """Whether a look-up failed inside Wagtail or a library, not in code of ours."""
    if not isinstance(
        error, LookupError | AttributeError | TypeError | ValueError | NoReverseMatch
    ):
        return False
    frames = [frame.f_code.co_filename for frame, _ in walk_tb(error.__traceback__)]
    return "site-packages" in frames[-1] or "wagtail" in frames[-1]


class NoStoreByDefaultMiddleware:
    """Nothing is cached unless its view said so, and never publicly for a reader with a session."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        is_public = "public" in response.headers["Cache-Control"]
        if is_public and settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers["Cache-Control"] = "private, no-cache"
        return response


class PermissionsPolicyMiddleware:
    """The browser may offer our own pages the camera and the position, and nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
