"""Work on site in one go: photos from before and after, the outcome, and the case is handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from complaints.inputs import OUTCOMES
from complaints.models import Case
from complaints.performer import Performer
from complaints.plausibility import Misfit, Sighting, doubts_in, misfit_of, point_of
from complaints.selectors.evidence import AFTER, BEFORE
from complaints.services.acts import add_evidence
from complaints.services.transition import perform
from foundation.media.services import StagedPhoto

NOTHING_SEEN = Sighting()


@dataclass(frozen=True)
class SiteWork:
    """What the handler brings from the site.

    ``seen`` is where and when the phone says the photos were taken; it is compared and forgotten.
    Without words the outcome speaks for itself.
    """

    outcome_code: str = ""
    message: str = ""
    no_photo_reason: str = ""
    no_photo_code: str = ""
    before: Sequence[StagedPhoto] = ()
    after: Sequence[StagedPhoto] = ()
    seen: Sighting = NOTHING_SEEN


def finish_on_site(
    *,
    case_id: int,
    by: Performer,
    work: SiteWork,
    version: int | None = None,
    key: UUID | None = None,
) -> Case:
    """Add the photos and perform ``complete``: all of it, or nothing.

    Errors, lock and idempotency as :func:`complaints.services.transition.perform`; ``version`` is
    what the person saw before any of it.
    """
    with transaction.atomic():
        added = 0
        for purpose, photos in ((BEFORE, work.before), (AFTER, work.after)):
            if photos:
                add_site_photos(
                    case_id=case_id,
                    by=by,
                    purpose=purpose,
                    photos=photos,
                    seen=work.seen,
                    key=uuid5(key, purpose) if key else None,
                )
                added += 1
        return perform(
            case_id=case_id,
            action="complete",
            by=by,
            data=_inputs(work),
            # Each lot of photos is an act of its own and moved the version by one.
            version=None if version is None else version + added,
            key=key,
        )


def add_site_photos(
    *,
    case_id: int,
    by: Performer,
    purpose: str,
    photos: Sequence[StagedPhoto],
    seen: Sighting = NOTHING_SEEN,
    key: UUID | None = None,
) -> Case:
    """Add evidence and note when its place or time does not fit the case (no refusal).

    Errors as :func:`complaints.services.acts.add_evidence`. One query more than that.
    """
    place = Case.objects.filter(pk=case_id).values_list("lon", "lat").first()
    misfits = _misfits(photos, seen, place)
    return add_evidence(
        case_id=case_id, by=by, purpose=purpose, photos=photos, key=key, misfits=misfits
    )


def doubts_of(
    photos: Sequence[StagedPhoto],
    *,
    seen: Sighting,
    place: tuple[float | None, float | None] | None,
) -> tuple[str, ...]:
    """Return what does not fit (``far``, ``old``); a photo's own data go before the phone's."""
    return doubts_in(_misfits(photos, seen, place))


def _misfits(
    photos: Sequence[StagedPhoto], seen: Sighting, place: tuple[float | None, float | None] | None
) -> list[Misfit]:
    where, now = point_of(*place) if place else None, timezone.now()
    return [misfit_of(_sighting(photo, seen), place=where, now=now) for photo in photos]


def _sighting(photo: StagedPhoto, seen: Sighting) -> Sighting:
    return Sighting(point_of(photo.lon, photo.lat) or seen.point, photo.taken_at or seen.at)


def _inputs(work: SiteWork) -> dict[str, object]:
    words = work.message.strip() or str(OUTCOMES.get(work.outcome_code, ""))
    return {
        "outcome_code": work.outcome_code,
        "message": words,
        "no_photo_reason": work.no_photo_reason,
        "no_photo_code": work.no_photo_code,
    }
