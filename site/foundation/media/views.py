"""Serving clean copies, to those the owning app lets see them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from foundation.media import files
from foundation.media.registry import may_view
from foundation.media.selectors import clean_photo


@require_safe
def photo(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponseBase:
    """Answer ``/photos/<uuid>/<size>.jpg``: a clean copy, else 404. 1 query and the rule.

    The browser may keep the picture but must ask again each time (304), so that a right that was
    taken away or a photo that was erased takes effect at once, on shared computers too.
    """
    found = clean_photo(photo_id) if size in files.SIZES else None
    if found is None or not may_view(request, found):
        raise Http404
    etag = f'"{found.id.hex}-{size}-{found.dhash or 0:x}"'
    response = get_conditional_response(request, etag=etag) or _picture(photo_id, size)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _picture(photo_id: UUID, size: str) -> HttpResponse:
    try:
        data = files.clean_path(photo_id, size).read_bytes()
    except FileNotFoundError as error:
        raise Http404 from error
    return HttpResponse(
        data,
        content_type="image/jpeg",
        headers={"Content-Disposition": f'inline; filename="{size}.jpg"'},
    )
