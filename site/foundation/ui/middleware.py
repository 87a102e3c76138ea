"""Headers that every answer carries."""

from collections.abc import Callable

from csp.constants import HEADER, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

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
