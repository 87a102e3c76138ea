"""Open data: the catalogue, one dataset, its files, and the catalogue for machines (DCAT)."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms import dcat
from cms.selectors.open_data import (
    DatasetView,
    Entry,
    dataset_by_code,
    dataset_view,
    entries,
    entry_of,
    etag_of,
)
from foundation.metrics.dataset_files import as_csv, as_json, cell, dictionary_csv
from foundation.metrics.dataset_query import BadFilter, filters_of
from foundation.metrics.datasets import Dataset, Filters
from foundation.places.selectors import current_district

#: Seconds for which anybody may keep a file; afterwards its tag is asked for.
KEPT = 60
CSV, JSON = "text/csv; charset=utf-8", "application/json; charset=utf-8"
Lines = Callable[[], Iterator[str]]
KINDS = {"turtle": "text/turtle; charset=utf-8", "json-ld": "application/ld+json"}


def _dataset_or_404(code: str) -> Dataset:
    found = dataset_by_code(code)
    if found is None:
        raise Http404
    return found


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every dataset with its promise and how it is kept. 3 queries, +1 a dataset a minute."""
    found = entries()
    kept = sum(entry.timeliness.is_kept for entry in found)
    return render(request, "cms/data.html", {"entries": found, "kept": kept, "all": len(found)})


@require_safe
def dataset(request: HttpRequest, code: str) -> HttpResponse:
    """One dataset: dictionary, licence, promise, first rows, files."""
    found = _dataset_or_404(code)
    problem = ""
    try:
        filters = filters_of(found, request.GET.dict())
    except BadFilter as error:
        filters, problem = Filters(), str(error)
    view = dataset_view(found, filters)
    status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return render(request, "cms/dataset.html", _context(request, view, problem), status=status)


def _context(request: HttpRequest, view: DatasetView, problem: str) -> dict[str, object]:
    entry = view.entry
    query = "" if problem else request.GET.urlencode()
    return {
        "view": view,
        "entry": entry,
        "dataset": entry.dataset,
        "problem": problem,
        "query": f"?{query}" if query else "",
        "filters": [
            (column, request.GET.get(column.code, ""), *_ends(request, column.code))
            for column in entry.dataset.filterable
        ],
        "schema_org": dcat.schema_org(
            entry, base=settings.PUBLIC_URL, place=current_district().full_name
        ),
    }


def _ends(request: HttpRequest, code: str) -> tuple[str, str]:
    return request.GET.get(f"{code}_from", ""), request.GET.get(f"{code}_to", "")


@require_safe
def csv_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows as CSV, streamed (UTF-8 with mark); 400 in words, 304 when nothing changed."""
    found = _dataset_or_404(code)
    try:
        filters = filters_of(found, request.GET.dict())
    except BadFilter as error:
        return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
    entry = entry_of(found)
    return _file(request, entry, filters, "csv", lambda: as_csv(found, filters))


@require_safe
def json_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The rows as one JSON object, streamed; 400 as ``application/problem+json``."""
    found = _dataset_or_404(code)
    try:
        filters = filters_of(found, request.GET.dict())
    except BadFilter as error:
        problem = {"type": "about:blank", "status": 400, "code": "bad_filter",
                   "title": _("This filter does not work"), "detail": str(error)}  # fmt: skip
        return JsonResponse(problem, status=400, content_type="application/problem+json")
    entry = entry_of(found)
    about = {
        "dataset": found.code,
        "title": str(found.title),
        "licence": found.licence.address,
        "publisher": entry.publisher.name,
        "updated_at": cell(entry.updated_at) or None,
        "page": f"{settings.PUBLIC_URL}/data/{found.code}/",
    }
    return _file(request, entry, filters, "json", lambda: as_json(found, filters, about))


def _file(
    request: HttpRequest, entry: Entry, filters: Filters, kind: str, lines: Lines
) -> HttpResponseBase:
    """Answer a file of one dataset, or that nothing changed."""
    tag = etag_of(entry.dataset, filters, entry.updated_at, kind)
    changed = int(entry.updated_at.timestamp()) if entry.updated_at else None
    answer: HttpResponseBase | None = get_conditional_response(
        request, etag=tag, last_modified=None if _asks_by_tag(request) else changed
    )
    if answer is None:
        types = {"csv": CSV, "json": JSON}
        answer = StreamingHttpResponse(lines(), content_type=types[kind])
        name = f"{entry.dataset.code}.{kind}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Access-Control-Allow-Origin"] = "*"
    if isinstance(answer, StreamingHttpResponse | HttpResponseNotModified):
        answer["ETag"] = tag
        if changed is not None:
            answer["Last-Modified"] = http_date(changed)
    answer["Cache-Control"] = f"public, max-age={KEPT}"
    return answer


def _asks_by_tag(request: HttpRequest) -> bool:
    """RFC 9110 §13.2.2: a tag makes the date count for nothing."""
    return "If-None-Match" in request.headers


@require_safe
def dictionary(request: HttpRequest, code: str) -> HttpResponseBase:
    """The data dictionary of one dataset as CSV. No query."""
    found = _dataset_or_404(code)
    answer = StreamingHttpResponse(dictionary_csv(found), content_type=CSV)
    answer["Content-Disposition"] = f'attachment; filename="{found.code}-dictionary.csv"'
    answer["Cache-Control"] = f"public, max-age={KEPT}"
    return answer


@require_safe
def catalog_ttl(request: HttpRequest) -> HttpResponse:
    """The catalogue as DCAT in Turtle."""
    return _catalog(request, "turtle")


@require_safe
def catalog_jsonld(request: HttpRequest) -> HttpResponse:
    """The catalogue as DCAT in JSON-LD."""
    return _catalog(request, "json-ld")


def _catalog(request: HttpRequest, kind: str) -> HttpResponse:
    """Answer the catalogue; what was written for the same states a minute ago is kept."""
    found = entries()
    today = timezone.localdate()
    states = [(entry.dataset.code, entry.updated_at, entry.publisher) for entry in found]
    mark = sha256(repr((kind, today, settings.PUBLIC_URL, states)).encode()).hexdigest()[:32]
    text = cache.get(f"dcat:{mark}")
    if text is None:
        text = _written(found, kind)
        cache.set(f"dcat:{mark}", text, KEPT)
    tag = f'W/"{mark}"'
    answer = get_conditional_response(request, etag=tag)
    if answer is None:
        answer = HttpResponse(text, content_type=KINDS[kind])
        answer["Access-Control-Allow-Origin"] = "*"
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={KEPT}"
    return answer


def _written(found: list[Entry], kind: str) -> str:
    district = current_district()
    graph = dcat.catalogue_graph(
        found,
        base=settings.PUBLIC_URL,
        title=_("Open data of %(name)s") % {"name": district.full_name},
        description=_(
            "Every dataset that stands behind this site, with dictionary, licence and promise."
        ),
        district=district,
    )
    return dcat.turtle(graph) if kind == "turtle" else dcat.json_ld(graph)
