"""Open cases that may be the same problem as one, each with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.likeness import LONGEST_GAP, Likeness, Sketch, likeness
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import visible
from complaints.selectors.casefile import distance
from complaints.selectors.relations import attach_relations
from complaints.selectors.rules import category_by_id
from foundation.media.models import Photo
from foundation.media.selectors import photos_by_stream

LIMIT = 5
#: So many of the nearest are compared in memory; a busy corner has more open cases than that.
CANDIDATES = 60
#: The box of the candidates: 300 m north-south, and as much east-west at the district's latitude.
LAT_DEGREES, LON_DEGREES = 0.0027, 0.0032
#: A point does not tell its likeness when nothing but the neighbourhood is common.
WORTH_SHOWING = 0.35
#: Common words below this share are chance.
TELLING_WORDS = 0.2
COLUMNS = (
    "uid",
    "number",
    "state",
    "description",
    "address",
    "lon",
    "lat",
    "submitted_at",
    "photo_count",
    "category_id",
    "area_id",
    "owner_grid_id",
    "owner_department_id",
    "suggested_grid_id",
    "suggested_department_id",
)


@dataclass(frozen=True)
class Twin:
    """An open case beside another, how alike they are, why, and its first photo."""

    case: Case
    likeness: Likeness
    reasons: tuple[str, ...] = ()
    photo: Photo | None = None


@dataclass(frozen=True)
class Twins:
    """Open cases beside one: ``likely`` the same problem, ``nearby`` not alike enough."""

    likely: tuple[Twin, ...] = ()
    nearby: tuple[Twin, ...] = ()

    @property
    def all(self) -> tuple[Twin, ...]:
        return (*self.likely, *self.nearby)

    @property
    def best(self) -> str:
        """The number of the likeliest one; '' when none is likely."""
        return self.likely[0].case.number if self.likely else ""


def twins_of(performer: Performer, case: Case, *, with_photos: bool = True) -> Twins:
    """Return open main cases near ``case``, or at its address when it has no position.

    The likeliest first; at most five. Without photos they neither count nor are shown. One query
    for the box among open cases (partial index), one
    for photos of those found and of the case itself if there are any.
    """
    near = beside(case.lon, case.lat, case.address)
    if near is None:
        return Twins()
    found = Case.objects.filter(visible(performer.access), near)
    nearest = nearest_open(found.exclude(pk=case.pk), case)
    if not nearest:
        return Twins()
    streams = [one.stream for one in (case, *nearest) if one.photo_count]
    shots = photos_by_stream(streams) if streams and with_photos else {}
    own = sketch_of(case, shots.get(case.stream, ()))
    twins = [_twin(case, own, other, shots.get(other.stream, ())) for other in nearest]
    ranked = sorted(twins, key=lambda twin: (-twin.likeness.percent, twin.case.submitted_at))
    worth = [twin for twin in ranked if twin.likeness.total >= WORTH_SHOWING][:LIMIT]
    attach_relations([twin.case for twin in worth])
    return Twins(
        likely=tuple(twin for twin in worth if twin.likeness.is_likely),
        nearby=tuple(twin for twin in worth if not twin.likeness.is_likely),
    )


def nearest_open(found: QuerySet[Case], case: Case) -> list[Case]:
    """Return those of ``found`` that are open main cases of the same weeks, the nearest first."""
    found = found.filter(is_open=True, main_case__isnull=True)
    found = found.filter(
        submitted_at__gte=case.submitted_at - LONGEST_GAP,
        submitted_at__lte=case.submitted_at + LONGEST_GAP,
    )
    if case.lat is not None and case.lon is not None:
        north, east = F("lat") - case.lat, F("lon") - case.lon
        found = found.order_by(north * north + east * east, "submitted_at")
    else:
        found = found.order_by("submitted_at")
    return list(found.only(*COLUMNS)[:CANDIDATES])


def beside(lon: float | None, lat: float | None, address: str) -> Q | None:
    """Match what is in the box around a position, else at the same address; None without both."""
    if lat is not None and lon is not None:
        return Q(
            lat__range=(lat - LAT_DEGREES, lat + LAT_DEGREES),
            lon__range=(lon - LON_DEGREES, lon + LON_DEGREES),
        )
    return Q(address=address) & ~Q(address="") if address else None


def sketch_of(case: Case, photos: Sequence[Photo] = ()) -> Sketch:
    """Return what is compared of a case. No query."""
    category = category_by_id(case.category_id)
    return Sketch(
        at=case.submitted_at,
        lon=case.lon,
        lat=case.lat,
        kind=case.category_id,
        family=category.parent_id if category else None,
        text=case.description,
        address=case.address,
        hashes=tuple(photo.dhash for photo in photos if photo.dhash is not None),
    )


def _twin(case: Case, own: Sketch, other: Case, photos: Sequence[Photo]) -> Twin:
    alike = likeness(own, sketch_of(other, photos))
    reasons = reasons_of(alike, is_earlier=other.submitted_at <= case.submitted_at)
    return Twin(other, alike, reasons, photos[0] if photos else None)


def reasons_of(alike: Likeness, *, is_earlier: bool) -> tuple[str, ...]:
    """Say in words what speaks for it: distance, time, kind, words, photos."""
    said = []
    if alike.is_same_address:
        said.append(_("same address"))
    if alike.metres is not None:
        said.append(_("%(far)s away") % {"far": distance(max(10, 10 * round(alike.metres / 10)))})
    said.append(_gap(alike.gap, is_earlier=is_earlier))
    said += _kind_words(alike.kind)
    if alike.words >= TELLING_WORDS:
        said.append(_("words %(n)d%% alike") % {"n": round(100 * alike.words)})
    if alike.photo > 0:
        said.append(_("photos look alike"))
    return tuple(said)


def _kind_words(kind: float) -> list[str]:
    if kind == 1:
        return [_("same kind")]
    return [] if kind else [_("another kind")]


def _gap(gap: timedelta, *, is_earlier: bool) -> str:
    hours = round(gap / timedelta(hours=1))
    if gap < timedelta(hours=1):
        return _("within one hour")
    if hours < 48:
        earlier = ngettext("%(n)d hour earlier", "%(n)d hours earlier", hours)
        later = ngettext("%(n)d hour later", "%(n)d hours later", hours)
        return (earlier if is_earlier else later) % {"n": hours}
    earlier = ngettext("%(n)d day earlier", "%(n)d days earlier", gap.days)
    later = ngettext("%(n)d day later", "%(n)d days later", gap.days)
    return (earlier if is_earlier else later) % {"n": gap.days}
