"""What the columns and words of a 12345 export mean: data of the district pack (hotline.toml)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from complaints.tracks import Track
from complaints.workflow import Text
from foundation.places.datum import Datum
from foundation.places.pack import Pack, PackError, Row

FIELDS = frozenset(
    {
        "number",
        "received_at",
        "content",
        "track",
        "category",
        "address",
        "area",
        "name",
        "phone",
        "due_at",
        "confidential",
        "lon",
        "lat",
    }
)
REMARK = re.compile(r"[(\[【].*?[)\]】]|[\s*:：★]")


@dataclass(frozen=True)
class Column:
    """One thing that a column may hold, under any of several names; the first counts most."""

    field: str
    names: tuple[str, ...]
    is_required: bool = False


@dataclass(frozen=True)
class Profile:
    """How a hotline's export looks."""

    system: str
    datum: Datum
    columns: tuple[Column, ...]
    categories: Mapping[str, str]
    tracks: Mapping[str, str]
    confidential: frozenset[str]
    nobody: frozenset[str]

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Return field → place of its column in ``header``."""
        known: dict[str, int] = {}
        for place, name in enumerate(header):
            known.setdefault(plain(name), place)
        found: dict[str, int] = {}
        for column in self.columns:
            names = [plain(name) for name in column.names]
            fitting = next((name for name in names if name in known), "")
            if fitting:
                found[column.field] = known[fitting]
        return found

    def score(self, header: Sequence[str]) -> int:
        """Return how much a row looks like the header: required columns count ten times."""
        found = self.places(header)
        needed = {column.field for column in self.columns if column.is_required}
        return len(found) + 9 * len(needed & found.keys())

    def complaint(self, header: Sequence[str]) -> str:
        """Return the sentence about required columns that are not there, or ''."""
        found = self.places(header)
        missing = [c for c in self.columns if c.is_required and c.field not in found]
        if not missing:
            return ""
        comma, alternative = pgettext("list", ", "), pgettext("list", " or ")
        return _(
            "The file has no column for %(missing)s. Columns found: %(found)s. "
            "Please rename the columns or export again."
        ) % {
            "missing": comma.join(
                f"{LABELS[c.field]}（{alternative.join(c.names[:3])}）" for c in missing
            ),
            "found": comma.join(name[:20] for name in header if name)[:200]
            or pgettext("list", "none"),
        }


LABELS: dict[str, Text] = {
    "number": gettext_lazy("the ticket number"),
    "received_at": gettext_lazy("the time of receipt"),
    "content": gettext_lazy("what it is about"),
}


def plain(name: str) -> str:
    """Return the name of a column, or a word, without width, blanks, stars and remarks."""
    return REMARK.sub("", unicodedata.normalize("NFKC", name)).casefold()


def profile() -> Profile:
    """Return the profile of the district in use; read once per version of the file.

    Raises PackError (with file and line) when the pack has none, or a wrong one.
    """
    path = Path(settings.DISTRICT_PACK) / "hotline.toml"
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _profile(str(settings.DISTRICT_PACK), changed)


def is_configured() -> bool:
    """Whether the district in use says how its hotline's files look."""
    return (Path(settings.DISTRICT_PACK) / "hotline.toml").is_file()


@lru_cache(maxsize=2)
def _profile(root: str, changed: int) -> Profile:
    return read_profile(Pack(root))


def read_profile(pack: Pack) -> Profile:
    """Read ``hotline.toml`` of ``pack`` strictly."""
    head = pack.row("hotline")
    made = Profile(
        system=head.text("system"),
        datum=Datum(head.choice("datum", {d.value for d in Datum}, Datum.WGS84.value)),
        columns=tuple(_column(row) for row in pack.rows("hotline", "column")),
        categories=_words(head, "categories"),
        tracks=_words(head, "tracks"),
        confidential=frozenset(plain(word) for word in head.texts("confidential", ())),
        nobody=frozenset(plain(word) for word in head.texts("nobody", ())),
    )
    head.raw("column", [])
    head.finish()
    for word, track in made.tracks.items():
        if track not in Track.values:
            raise PackError("hotline.toml", "tracks", f"{word!r}: {track!r} is no track")
    return made


def _column(row: Row) -> Column:
    column = Column(
        row.choice("field", FIELDS), tuple(row.texts("names")), bool(row.raw("required", False))
    )
    row.finish()
    return column


def _words(head: Row, name: str) -> dict[str, str]:
    table = head.raw(name, {})
    if not isinstance(table, dict) or not all(isinstance(code, str) for code in table.values()):
        raise head.error(name, "must be a table of words and codes")
    return {plain(word): code for word, code in table.items()}
