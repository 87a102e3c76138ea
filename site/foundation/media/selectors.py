"""Reads of photos; never of originals."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from foundation.media.models import Photo, PhotoState


def photos_of(stream: str) -> QuerySet[Photo]:
    """Return the photos of a stream in upload order, whatever their state, none erased. 1 query."""
    return Photo.objects.filter(stream=stream).exclude(state=PhotoState.ERASED)


def photos_by_stream(streams: Iterable[str]) -> dict[str, list[Photo]]:
    """Return clean photos of many streams for a list page, by stream. 1 query."""
    found: dict[str, list[Photo]] = {}
    for photo in Photo.objects.filter(stream__in=list(streams), state=PhotoState.CLEAN):
        found.setdefault(photo.stream, []).append(photo)
    return found


def clean_photo(photo_id: UUID) -> Photo | None:
    """Return the photo if it may be served at all (a viewer rule still decides). 1 query."""
    return Photo.objects.filter(pk=photo_id, state=PhotoState.CLEAN).first()


def names_in_use(names: Iterable[str]) -> set[str]:
    """Return those sealed names that a photo still needs. 1 query."""
    rows = Photo.objects.filter(sealed_name__in=list(names))
    return set(rows.values_list("sealed_name", flat=True))
