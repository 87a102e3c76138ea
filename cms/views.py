"""Public views of cms that are not Wagtail pages, and the safe way to editors' files.

/results/ and /indicators/ are addresses that others rely on (design/contract.md), so they answer
even when an editor has taken the page of words above the list away.
"""

import csv
import io
from pathlib import PurePosixPath
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog
from wagtail.admin.localization import get_localized_response
from wagtail.models import Page

from cms import presenters
from cms.models import Indicator, IndicatorIndexPage, ResultsPage
from cms.selectors.indicators import indicator_by_code, indicator_view
from cms.selectors.indicators import indicators as all_indicators
from cms.selectors.results import published
from cms.selectors.site import site_tree

PICTURE_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
PUBLIC_FOLDERS = {"images"}
STAFF_FOLDERS = {"original_images", "avatar_images"}
FIRST_LINE = (
    "number",
    "name",
    "group",
    "unit",
    "standard",
    "period",
    "value",
    "value_number",
    "status",
    "target_2030",
    "source",
)


def _live_page(model: type[Page]) -> Page | None:
    found: Page | None = model.objects.live().public().first()
    return found


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The public result list."""
    page = _live_page(ResultsPage)
    context = {"page": page, "self": page, **presenters.results(None, request)}
    return render(request, "cms/results_page.html", context)


@require_safe
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """One published result at an address that stays."""
    found = published().filter(pk=pk).first()
    if found is None:
        raise Http404
    return render(request, "cms/result_detail.html", {"result": found})


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """The indicator table."""
    page = _live_page(IndicatorIndexPage)
    context = {"page": page, "self": page, **presenters.indicator_index(None, request)}
    return render(request, "cms/indicator_index_page.html", context)


def _indicator_or_404(code: str) -> Indicator:
    found = indicator_by_code(code)
    if found is None:
        raise Http404
    return found


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: conclusion, chart, table, method, source."""
    found = _indicator_or_404(code)
    if found.code != code:
        return redirect(found, permanent=True)
    return render(request, "cms/indicator_detail.html", {"view": indicator_view(found)})


def _csv(rows: list[list[str]], filename: str) -> HttpResponse:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerows([list(FIRST_LINE), *rows])
    # A byte order mark, so that spreadsheet programs read the Chinese text correctly.
    response = HttpResponse("\ufeff" + output.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _csv_cell(text: str) -> str:
    """Texts that a spreadsheet would run as a formula are written as text."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and len(text) > 1 else text


def _csv_rows(found: Indicator) -> list[list[str]]:
    fixed = [found.number, found.name, str(found.get_group_display()), found.unit, found.standard]
    rows = [
        [
            *fixed,
            value.period,
            value.text,
            "" if value.value is None else f"{value.value.normalize():f}",
            value.status,
            found.target_2030,
            value.source,
        ]
        for value in found.values.all()
    ] or [[*fixed, "", "", "", "", found.target_2030, ""]]
    return [[_csv_cell(cell) for cell in row] for row in rows]


@require_safe
def indicator_csv(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator's values as a table for spreadsheets (UTF-8 with byte order mark)."""
    found = _indicator_or_404(code)
    return _csv(_csv_rows(found), f"indicator-{found.code}.csv")


@require_safe
def indicators_csv(request: HttpRequest) -> HttpResponse:
    """All indicators' values in one table."""
    rows = [row for found in all_indicators() for row in _csv_rows(found)]
    return _csv(rows, "indicators.csv")


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """Every public page, as a tree."""
    tree = site_tree()
    alone = [branch.page for branch in tree if not branch.children]
    files = {
        reverse("cms:results"): _("Published results"),
        reverse("cms:indicators"): _("Indicators"),
        # Pages of the tree with the same address have a better name.
        **{str(page.get_url(request)): page.title for page in alone},
        "/search/": _("Search"),
    }
    branches = [branch for branch in tree if branch.children]
    return render(request, "cms/site_map.html", {"files": files, "tree": branches})


def _may_read(request: HttpRequest, folder: str) -> bool:
    if folder in PUBLIC_FOLDERS:
        return True
    allowed: bool = request.user.has_perm("wagtailadmin.access_admin")
    return folder in STAFF_FOLDERS and allowed


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve an editors' picture below MEDIA_URL; everything else there does not exist.

    Only the renditions' folder is public; originals and avatars are for signed-in staff. Documents
    have their own address, which respects their privacy. The answer can neither be sniffed into
    another type nor run anything (nosniff, sandbox), and a type that is no picture is a download.
    """
    name = PurePosixPath(path)
    if not path.isprintable() or not name.parts or ".." in name.parts:
        raise Http404
    if not _may_read(request, name.parts[0]):
        raise Http404
    try:
        stored = default_storage.open(str(name))
    except (FileNotFoundError, IsADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    kind = PICTURE_TYPES.get(name.suffix.lower())
    response = FileResponse(
        stored,
        as_attachment=kind is None,
        filename=name.name,
        content_type=kind or "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    public = name.parts[0] in PUBLIC_FOLDERS
    response["Cache-Control"] = "public, max-age=31536000" if public else "private, no-store"
    return response


def sign_in(request: HttpRequest) -> HttpResponse:
    """Send every door of Wagtail's own sign-in to the one sign-in with its second factor."""
    wanted = request.GET.get("next") or reverse("wagtailadmin_home")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    target = wanted if safe else reverse("wagtailadmin_home")
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': target}, quote_via=quote)}")


def closed(request: HttpRequest, rest: str = "") -> HttpResponse:
    """A door of Wagtail that this house keeps closed."""
    raise Http404


_SCRIPT_WORDS = JavaScriptCatalog.as_view(packages=["wagtail.admin", "cms.wording"])


def script_words(request: HttpRequest) -> HttpResponseBase:
    """``/cms/jsi18n/``: the words of the editors' scripts; no query but the user's profile."""
    answer: HttpResponseBase = get_localized_response(_SCRIPT_WORDS, request)
    return answer
