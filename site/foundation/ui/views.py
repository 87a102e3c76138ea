"""Display preferences, the offline page, the web manifest, and pages that say what went wrong."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from foundation.ui.context_processors import interface_of
from foundation.ui.preferences import parse_text_size, parse_theme, remember


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show or keep theme and text size; a POST returns to where the reader was.

    Exempt from the CSRF token so that no page needs a token (and a cookie) in its header: the
    only effect is how pages look, and requests from other sites are refused all the same.
    """
    if request.method != "POST":
        return render(request, "ui/preferences.html", {"next": safe_next(request)})
    if request.headers.get("Sec-Fetch-Site", "same-origin") == "cross-site":
        return HttpResponseForbidden()
    response = redirect(safe_next(request))
    remember(
        request,
        response,
        theme=parse_theme(request.POST.get("theme", "")),
        text_size=parse_text_size(request.POST.get("text_size", "")),
    )
    return response


def safe_next(request: HttpRequest) -> str:
    """Return the page to go back to; only addresses of this site are followed."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # A bare word would be taken for the name of a view.
    return wanted if safe and wanted.startswith("/") else "/"


@require_safe
@cache_control(public=True, max_age=3600)
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page that a service worker keeps for when the network is gone."""
    return render(request, "ui/errors/offline.html")


@require_safe
@cache_control(public=True, max_age=86400)
def web_manifest(request: HttpRequest) -> JsonResponse:
    """Answer the manifest that lets a phone keep the site on its home screen."""
    return JsonResponse(
        {
            "name": _("Gongzhi"),
            "short_name": _("Gongzhi"),
            "lang": "zh-CN",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#F6F8F7",
            "theme_color": "#0B6B4F",
            "icons": [
                {"src": static("ui/logo.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static("ui/icon-192.png"), "sizes": "192x192", "type": "image/png"},
                {
                    "src": static("ui/icon-512.png"),
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "any maskable",
                },
            ],
            "shortcuts": [
                {"name": _("Report a problem"), "url": "/report/"},
                {"name": _("Follow my report"), "url": "/track/"},
            ],
        },
        content_type="application/manifest+json",
    )


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead those who ask at the root (old browsers, crawlers) to the icon that pages name."""
    return redirect(static("ui/favicon.ico"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 in words."""
    return render(request, "ui/errors/400.html", status=HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 in words."""
    return render(request, "ui/errors/403.html", status=HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in words."""
    return render(request, "ui/errors/404.html", status=HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without database, session or context processors: they may be the cause."""
    html = render_to_string("ui/errors/500.html", {"interface": interface_of(request)})
    return HttpResponse(html, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose page was too old (settings.CSRF_FAILURE_VIEW)."""
    return render(request, "ui/errors/csrf.html", status=HTTPStatus.FORBIDDEN)
