"""How alike two reports are, with what speaks for it. Pure: no ORM, no I/O.

Each factor lies between 0 (nothing alike) and 1. The total is a weighted sum of place, kind, words
and time; photos that look alike close a share of what is missing, and reports without photos lose
nothing. Same place and time of another kind, with no common words, reach 0.63: just not
:data:`LIKELY`. Same place, time and kind reach 0.75 without a word in common.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.plausibility import metres_between

PLACE, KIND, WORDS, TIME = 0.40, 0.20, 0.25, 0.15
#: How much of what is missing two equal photos make up for.
PHOTO = 0.60
#: From here on two reports may be the same problem.
LIKELY = 0.65

#: Up to here two positions are one place (phones are off by as much); beyond FAR nothing is alike.
HERE_METRES, FAR_METRES = 30.0, 300.0
LONGEST_GAP = timedelta(days=60)
FAMILY_SHARE, UNKNOWN_SHARE = 0.4, 0.5
#: Texts with fewer pairs of characters than this say little; what they share counts for less.
TELLING_PAIRS = 6
#: Bits of 64 in which hashes of one scene may differ.
PHOTO_BITS = 12
#: Hashes of plain areas have hardly any bits, or hardly any without: they say nothing.
PLAIN_BITS = 6
MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Sketch:
    """What is compared of a report: WGS-84 degrees, aware time, category with its parent."""

    at: datetime
    lon: float | None = None
    lat: float | None = None
    kind: int | None = None
    family: int | None = None
    text: str = ""
    address: str = ""
    hashes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """The factors of two reports. ``metres`` is None when a position is missing."""

    place: float = 0.0
    kind: float = 0.0
    words: float = 0.0
    time: float = 0.0
    photo: float = 0.0
    metres: float | None = None
    gap: timedelta = timedelta()
    is_same_address: bool = False

    @property
    def total(self) -> float:
        """The weighted total, between 0 and 1; it grows with each factor."""
        base = PLACE * self.place + KIND * self.kind + WORDS * self.words + TIME * self.time
        return min(1.0, base + (1 - base) * PHOTO * self.photo)

    @property
    def is_likely(self) -> bool:
        return self.total >= LIKELY

    @property
    def percent(self) -> int:
        return round(100 * self.total)


def likeness(one: Sketch, other: Sketch) -> Likeness:
    """Compare two reports; the order does not matter."""
    metres = _metres(one, other)
    same = bool(one.address) and normalised(one.address) == normalised(other.address)
    gap = abs(one.at - other.at)
    return Likeness(
        place=max(_nearness(metres), 1.0 if same else 0.0),
        kind=_kinship(one, other),
        words=overlap(one.text, other.text),
        time=max(0.0, 1 - gap / LONGEST_GAP),
        photo=photo_likeness(one.hashes, other.hashes),
        metres=metres,
        gap=gap,
        is_same_address=same,
    )


def _metres(one: Sketch, other: Sketch) -> float | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return metres_between((one.lon, one.lat), (other.lon, other.lat))


def _nearness(metres: float | None) -> float:
    if metres is None:
        return 0.0
    return min(1.0, max(0.0, (FAR_METRES - metres) / (FAR_METRES - HERE_METRES)))


def _kinship(one: Sketch, other: Sketch) -> float:
    """1 for the same kind, or one that names the other more exactly; less within a family."""
    if one.kind is None or other.kind is None:
        return UNKNOWN_SHARE
    if one.kind == other.kind or one.kind == other.family or other.kind == one.family:
        return 1.0
    return FAMILY_SHARE if one.family is not None and one.family == other.family else 0.0


def normalised(text: str) -> str:
    """Return ``text`` folded for comparison: one width, lower case, letters and digits only."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in folded if character.isalnum())


def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters: good enough for Chinese without a dictionary."""
    plain = normalised(text)
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def overlap(one: str, other: str) -> float:
    """Return how alike two texts are: half by all their pairs, half by those of the shorter."""
    first, second = pairs(one), pairs(other)
    fewer = min(len(first), len(second))
    if not fewer:
        return 0.0
    common = len(first & second)
    alike = (common / len(first | second) + common / fewer) / 2
    return alike * min(1.0, fewer / TELLING_PAIRS)


def photo_likeness(one: Iterable[int], other: Iterable[int]) -> float:
    """Return how alike the likest two photos are, by 64-bit difference hashes (any sign)."""
    mine, theirs = list(filter(_tells, one)), list(filter(_tells, other))
    nearest = min((hamming(a, b) for a in mine for b in theirs), default=64)
    return max(0.0, 1 - nearest / (PHOTO_BITS + 1))


def hamming(one: int, other: int) -> int:
    """Return in how many of 64 bits two hashes differ."""
    return ((one ^ other) & MASK).bit_count()


def _tells(value: int) -> bool:
    return PLAIN_BITS <= (value & MASK).bit_count() <= 64 - PLAIN_BITS
