"""What search engines are told: which addresses are for them, and a list of the public pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cms.models import Indicator
from cms.selectors.results import published
from cms.selectors.site import public_pages
from foundation.metrics import datasets

#: Signed-in areas, one's own reports, answers that depend on who asks, and endless searches.
CLOSED = (
    "/accounts/",
    "/desk/",
    "/field/",
    "/cms/",
    "/overview/",
    "/track/",
    "/report/*/receipt/",
    "/report/*/contact/",
    "/photos/",
    "/preferences/",
    "/search/",
    "/disclosure/requests/track/",
    "/disclosure/requests/*/receipt/",
)
#: The newest ones; a file may hold 50,000 addresses.
RESULTS = 40_000
TEXT = "text/plain; charset=utf-8"


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """``/robots.txt`` (RFC 9309). No address in it is a secret: the gates do not rely on it."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "Allow: /", ""]
    lines.append(f"Sitemap: {settings.PUBLIC_URL}{reverse('cms:site-map-text')}")
    return HttpResponse("\n".join(lines) + "\n", content_type=TEXT)


@require_safe
@cache_control(public=True, max_age=3600)
def site_map(request: HttpRequest) -> HttpResponse:
    """``/sitemap.txt``: every public address, one a line (sitemaps.org, text form). ≤ 7 queries."""
    paths = [
        "/report/",
        *(reverse(f"cms:{name}") for name in ("results", "indicators", "site-map")),
        *(reverse(f"cms:{name}") for name in ("projects", "data", "corrections")),
        *(reverse("cms:dataset", args=[one.code]) for one in datasets.active().ordered()),
        *(str(page.get_url(request)) for page in public_pages()),
        *(
            result.get_absolute_url()
            for result in published().select_related(None).only("pk")[:RESULTS]
        ),
        *(row.get_absolute_url() for row in Indicator.objects.only("code")),
    ]
    lines = [f"{settings.PUBLIC_URL}{path}\n" for path in dict.fromkeys(paths)]
    return HttpResponse("".join(lines), content_type=TEXT)
