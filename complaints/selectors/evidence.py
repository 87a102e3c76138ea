"""Photos of a case, by what they show."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery

from complaints.models import Act, Case
from complaints.workflow import NEW_ROUND
from foundation.media.models import Photo, PhotoState

REPORT, BEFORE, AFTER, SUPPLEMENT = "report", "before", "after", "supplement"
#: Photos from after the work of an earlier round: shown, but no evidence any more.
EARLIER = "earlier"
UNUSABLE = (PhotoState.REFUSED, PhotoState.ERASED)
PURPOSES = (REPORT, BEFORE, AFTER, EARLIER, SUPPLEMENT)


@dataclass(frozen=True)
class CasePhotos:
    """Photos by purpose, oldest first; refused ones are listed apart, so that people can retake.

    ``after`` holds those of the present round of work, ``earlier`` those of the rounds before.
    """

    report: tuple[Photo, ...] = ()
    before: tuple[Photo, ...] = ()
    after: tuple[Photo, ...] = ()
    earlier: tuple[Photo, ...] = ()
    supplement: tuple[Photo, ...] = ()
    refused: tuple[Photo, ...] = ()

    @property
    def from_complainant(self) -> tuple[Photo, ...]:
        """What the complainant sent, with the report and later."""
        return (*self.report, *self.supplement)


def photos_of(case: Case) -> CasePhotos:
    """Return the photos of a case. One query."""
    found: dict[str, list[Photo]] = {purpose: [] for purpose in (*PURPOSES, "refused")}
    photos = Photo.objects.filter(stream=case.stream).annotate(round_began=_round_began(case))
    for photo in photos.order_by("uploaded_at", "order"):
        shows = _shows(photo.purpose, photo.uploaded_at, photo.round_began)
        found["refused" if photo.state in UNUSABLE else shows].append(photo)
    return CasePhotos(**{purpose: tuple(photos) for purpose, photos in found.items()})


def evidence_of(case: Case) -> tuple[bool, bool]:
    """Return whether there is a photo from before (the report's own counts) and one from after.

    One from after counts for the round of work that is going on: those from before the case was
    opened again or sent back show the end of something else. One query. Photos that turned out
    unreadable do not count.
    """
    rows = (
        Photo.objects.filter(stream=case.stream)
        .exclude(state__in=UNUSABLE)
        .annotate(round_began=_round_began(case))
        .values_list("purpose", "uploaded_at", "round_began")
    )
    shown = {_shows(*row) for row in rows}
    return bool(shown & {REPORT, BEFORE, SUPPLEMENT}), AFTER in shown


def _round_began(case: Case) -> Subquery:
    """When the present round of work began; NULL in the first."""
    restarts = Act.objects.filter(case=case, action__in=NEW_ROUND).order_by("-ledger_seq")
    return Subquery(restarts.values("at")[:1])


def _shows(purpose: str, uploaded_at: datetime, round_began: datetime | None) -> str:
    is_old = round_began is not None and uploaded_at <= round_began
    return EARLIER if purpose == AFTER and is_old else purpose
