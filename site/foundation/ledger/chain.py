"""The arithmetic of the chain: canonical text and hashes. No ORM, no I/O.

An entry's hash is the SHA-256 of the canonical JSON list
``[seq, stream, action, {"id", "kind", "role"}, data, at, prev_hash]`` in UTF-8: sorted keys, no
spaces, no escapes beyond the necessary ones, ``at`` in UTC with six digits of a second.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, NamedTuple

GENESIS = "0" * 64
_ENCODE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


class Link(NamedTuple):
    """What is hashed besides number and previous hash; ``data`` and ``at`` as text."""

    stream: str
    action: str
    actor_kind: str
    actor_id: str
    actor_role: str
    data: str
    at: str


def canonical(value: Any) -> str:
    """Return the one JSON text of ``value``; raises ValueError or TypeError when there is none."""
    text = _ENCODE(value)
    text.encode()  # a lone surrogate has no UTF-8 and therefore no hash: UnicodeEncodeError
    return text


def moment(at: datetime) -> str:
    """Return an aware time as hashed: UTC, always 32 characters."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def entry_hash(seq: int, link: Link, prev_hash: str) -> str:
    """Return the hash (64 hex digits) of entry ``seq`` that follows ``prev_hash``."""
    stream, action, kind, actor_id, role, data, at = link
    quote = encode_basestring
    text = (
        f'[{seq},{quote(stream)},{quote(action)},{{"id":{quote(actor_id)},"kind":{quote(kind)},'
        f'"role":{quote(role)}}},{data},"{at}","{prev_hash}"]'
    )
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
