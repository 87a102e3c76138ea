"""The safe way to editors' files."""

from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

PICTURE_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
PUBLIC_FOLDERS = {"images"}
STAFF_FOLDERS = {"original_images", "avatar_images"}


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
