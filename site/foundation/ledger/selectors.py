"""Reading and verifying the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from foundation.ledger import anchors
from foundation.ledger.chain import GENESIS, Link, entry_hash, moment
from foundation.ledger.errors import LedgerBroken
from foundation.ledger.models import Entry, Head

BATCH = 5000
Row = tuple[Any, ...]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Problem:
    """The first thing found wrong: entry number, a stable code and a sentence."""

    seq: int
    code: str
    text: str


@dataclass(frozen=True)
class Verification:
    """Outcome of a walk over the whole ledger. ``entries`` counts those found good."""

    entries: int
    head_seq: int
    head_hash: str
    anchors: int
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None


def entries_of(stream: str) -> QuerySet[Entry]:
    """Entries of one stream in the order they were written (1 query when read, indexed)."""
    return Entry.objects.filter(stream=stream).order_by("seq")


def head() -> Head:
    """The head row (1 query)."""
    return Head.objects.get(pk=1)


def head_agrees() -> bool:
    """Whether the head row names the last entry, number and hash (2 queries, for health checks)."""
    seq, digest, newest = _head_and_newest()
    if seq == 0:
        return newest == 0 and digest == GENESIS
    return newest == seq and Entry.objects.filter(seq=seq, hash=digest).exists()


def anchored_hash_stands(anchor: anchors.Anchor) -> bool:
    """Whether the anchored entry is still there with the same hash (1 query)."""
    return Entry.objects.filter(seq=anchor.seq, hash=anchor.hash).exists()


def verify(*, progress: Progress | None = None) -> Verification:
    """Walk the whole chain and compare it with the head row and the anchors.

    Finds a changed byte in any column, a deleted, inserted or moved row, a cut tail and a chain
    written anew. Streams 5,000 rows a query; entries appended meanwhile are left to the next walk.
    ``progress(done, total)`` is called after every batch.
    """
    try:
        signed = anchors.read()  # before the head, or a newer anchor would look like a cut tail
    except LedgerBroken as error:
        return Verification(0, *_head_and_newest()[:2], 0, Problem(0, "anchor", str(error)))
    seq, digest, newest = _head_and_newest()
    walk = _Walk({anchor.seq: anchor.hash for anchor in signed})
    problem = walk.run(seq, progress) or walk.check_end(seq, digest, newest)
    return Verification(walk.seq, seq, digest, len(signed), problem)


class _Walk:
    """State of one walk: the last good entry and the anchors not yet passed."""

    def __init__(self, anchored: dict[int, str]) -> None:
        self.seq = 0
        self.hash = GENESIS
        self.anchored = anchored

    def run(self, upto: int, progress: Progress | None) -> Problem | None:
        for batch in _batches(upto):
            for row in batch:
                problem = self._step(row)
                if problem:
                    return problem
            if progress:
                progress(self.seq, upto)
        return None

    def _step(self, row: Row) -> Problem | None:
        """Check one row against its predecessor; this loop is the hot path."""
        expected = self.seq + 1
        if row[0] != expected:
            return self._out_of_order(expected, row[0])
        try:
            digest = entry_hash(expected, Link(*row[1:8]), self.hash)
        except TypeError:
            return Problem(expected, "changed", _("A column of this entry holds no text."))
        if row[8] != self.hash or row[9] != digest:
            return Problem(expected, "changed", _("This entry was changed after it was written."))
        if self.anchored and self.anchored.pop(expected, digest) != digest:
            return Problem(expected, "anchor", _("The chain was written anew: an anchor differs."))
        self.seq, self.hash = expected, digest
        return None

    def _out_of_order(self, expected: int, found: object) -> Problem:
        if isinstance(found, int) and found > expected:
            return Problem(expected, "missing", _("This entry is missing."))
        return Problem(expected, "inserted", _("An entry stands where none was written."))

    def check_end(self, seq: int, digest: str, newest: int) -> Problem | None:
        if self.seq < seq:
            return Problem(self.seq + 1, "missing", _("The end of the ledger was cut off."))
        if newest > seq:
            return Problem(seq + 1, "inserted", _("Entries stand behind the head of the chain."))
        if self.hash != digest:
            return Problem(seq, "head", _("The head row does not name the last entry."))
        if self.anchored:
            return Problem(self.seq + 1, "missing", _("An anchor names entries that are gone."))
        return None


def _head_and_newest() -> tuple[int, str, int]:
    """Head number, head hash and newest entry's number in one statement, thus of one moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT seq, hash, (SELECT max(seq) FROM {Entry._meta.db_table}) "  # noqa: S608
            f"FROM {Head._meta.db_table} WHERE id = 1"
        )
        row = cursor.fetchone()
    return (row[0], row[1], row[2] or 0) if row else (0, "", 0)


def _batches(upto: int) -> Iterator[list[Row]]:
    at = "at" if connection.vendor == "postgresql" else "CAST(at AS TEXT)"
    columns = f"seq, stream, action, actor_kind, actor_id, actor_role, data, {at}, prev_hash, hash"
    sql = (
        f"SELECT {columns} FROM {Entry._meta.db_table} "  # noqa: S608
        f"WHERE seq <= %s AND (%s OR seq > %s) ORDER BY seq LIMIT {BATCH}"
    )
    after: int | None = None
    while True:
        with _any_bytes(), connection.cursor() as cursor:
            cursor.execute(sql, [upto, after is None, after or 0])
            rows = cursor.fetchall()
        if rows:
            yield [(*row[:7], _moment_text(row[7]), *row[8:]) for row in rows]
        if len(rows) < BATCH or not isinstance(rows[-1][0], int):
            return
        after = rows[-1][0]


@contextmanager
def _any_bytes() -> Iterator[None]:
    """Let SQLite hand out text that is not UTF-8, so that such a forgery is named, not a crash."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    before, raw.text_factory = raw.text_factory, _decode
    try:
        yield
    finally:
        raw.text_factory = before


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _moment_text(raw: Any) -> Any:
    """Return the stored time as it was hashed; whatever else stands there fails the comparison."""
    if not isinstance(raw, str):
        return moment(raw) if raw is not None else ""
    fraction = "" if "." in raw else ".000000"
    return f"{raw[:10]}T{raw[11:]}{fraction}+00:00" if raw[10:11] == " " else raw
