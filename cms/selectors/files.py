"""Whether an editors' file is in its place and opens."""

from wagtail.documents.models import Document


def file_fault(document: Document, *, known: str, before: str) -> tuple[str, str]:
    """Return the fault's code ('' when good) and the mark of the version that was looked at.

    A file whose size and digest are those of ``known`` is not opened again: ``before`` holds.
    """
    storage, name = document.file.storage, document.file.name
    if not name or not storage.exists(name):
        return "file_missing", ""
    size = storage.size(name)
    if not size:
        return "file_empty", ""
    mark = f"{size}:{document.get_file_hash()}"[:64]
    if mark == known:
        return before, mark
    return "", mark
