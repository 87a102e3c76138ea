"""Signed anchors: what the head of the chain was at a time, written outside the database.

Whoever owns the database can rewrite the whole chain or cut its tail; the anchors find that. Each
line of ``settings.LEDGER_ANCHOR_FILE`` is canonical JSON ``{at, hash, key, mac, prev, seq}``:
``mac`` is an HMAC-SHA256 over the others, ``prev`` the mac of the line before. Keep a copy of the
file on another machine or on write-once storage: lines taken from its end cannot be missed here.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from foundation.ledger.chain import canonical, moment
from foundation.ledger.errors import LedgerBroken

LONGEST_LINE = 1000


@dataclass(frozen=True)
class Anchor:
    """Entry ``seq`` had ``hash`` when this was written (``at``, UTC text)."""

    seq: int
    hash: str
    at: str
    prev: str
    key: str
    mac: str


def read() -> list[Anchor]:
    """Return all anchors, oldest first; raises ``LedgerBroken`` for a line that is not ours.

    A last line without its end (power failed while it was written) is passed over.
    """
    path = _path()
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    found: list[Anchor] = []
    for number, line in enumerate(lines, start=1):
        anchor = _parse(line, number)
        if anchor.prev != (found[-1].mac if found else ""):
            raise LedgerBroken(f"Line {number} of the anchor file does not follow the one before.")
        found.append(anchor)
    return found


def last() -> Anchor | None:
    """Return the newest anchor, checked by itself; reads only the end of the file."""
    path = _path()
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * LONGEST_LINE))
        lines = file.read().split(b"\n")[:-1]
    return _parse(lines[-1], 0) if lines else None


def write(seq: int, digest: str, *, now: datetime | None = None) -> Anchor | None:
    """Append an anchor for the head ``(seq, digest)`` and flush it to disk.

    Returns None when nothing was appended: the ledger is empty or already anchored up to ``seq``.
    """
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path) as descriptor:
        before = last()
        if seq == 0 or (before and before.seq >= seq):
            return None
        anchor = _signed(seq, digest, moment(now or timezone.now()), before.mac if before else "")
        _cut_torn_line(descriptor)
        os.write(descriptor, canonical(asdict(anchor)).encode() + b"\n")
        os.fsync(descriptor)
    return anchor


def _path() -> Path:
    return Path(settings.LEDGER_ANCHOR_FILE)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _cut_torn_line(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    start = max(0, size - LONGEST_LINE)
    tail = os.pread(descriptor, size - start, start)
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(descriptor, start + tail.rfind(b"\n") + 1)


def _signed(seq: int, digest: str, at: str, prev: str) -> Anchor:
    secret = _secrets()[0]
    unsigned = Anchor(seq, digest, at, prev, _key_id(secret), "")
    return Anchor(seq, digest, at, prev, unsigned.key, _mac(secret, unsigned))


def _parse(line: bytes, number: int) -> Anchor:
    try:
        anchor = Anchor(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise LedgerBroken(f"Line {number} of the anchor file cannot be read.") from error
    secret = next((s for s in _secrets() if _key_id(s) == anchor.key), None)
    if secret is None:
        raise LedgerBroken(f"Line {number} of the anchor file is signed with an unknown key.")
    if not hmac.compare_digest(_mac(secret, anchor), str(anchor.mac)):
        raise LedgerBroken(f"Line {number} of the anchor file has a wrong signature.")
    return anchor


def _mac(secret: bytes, anchor: Anchor) -> str:
    text = canonical({**asdict(anchor), "mac": ""})
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def _secrets() -> list[bytes]:
    """Return the signing keys, newest first: derived, the vault's key itself signs nothing."""
    sources = [settings.VAULT_KEY or settings.SECRET_KEY, *settings.LEDGER_ANCHOR_RETIRED_KEYS]
    return [
        hmac.new(s.encode(), b"gongzhi ledger anchor 1", hashlib.sha256).digest() for s in sources
    ]


def _key_id(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()[:8]
