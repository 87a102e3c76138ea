"""Photos of a case, by what they show."""

from dataclasses import dataclass

from complaints.models import Case
from foundation.media.models import Photo, PhotoState

REPORT, BEFORE, AFTER, SUPPLEMENT = "report", "before", "after", "supplement"
UNUSABLE = (PhotoState.REFUSED, PhotoState.ERASED)
PURPOSES = (REPORT, BEFORE, AFTER, SUPPLEMENT)


@dataclass(frozen=True)
class CasePhotos:
    """Photos by purpose, oldest first; refused ones are listed apart, so that people can retake."""

    report: tuple[Photo, ...] = ()
    before: tuple[Photo, ...] = ()
    after: tuple[Photo, ...] = ()
    supplement: tuple[Photo, ...] = ()
    refused: tuple[Photo, ...] = ()


def photos_of(case: Case) -> CasePhotos:
    """Return the photos of a case. One query."""
    found: dict[str, list[Photo]] = {purpose: [] for purpose in (*PURPOSES, "refused")}
    for photo in Photo.objects.filter(stream=case.stream).order_by("uploaded_at", "order"):
        found["refused" if photo.state in UNUSABLE else photo.purpose].append(photo)
    return CasePhotos(**{purpose: tuple(photos) for purpose, photos in found.items()})


def evidence_of(case: Case) -> tuple[bool, bool]:
    """Return whether there is a photo from before (the report's own counts) and one from after.

    One query. Photos that turned out unreadable do not count.
    """
    purposes = set(
        Photo.objects.filter(stream=case.stream)
        .exclude(state__in=UNUSABLE)
        .values_list("purpose", flat=True)
    )
    return bool(purposes & {REPORT, BEFORE, SUPPLEMENT}), AFTER in purposes
