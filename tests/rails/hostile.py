"""Bodies that no page of ours sends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

FORM = "application/x-www-form-urlencoded"
#: Every name that a form of ours reads; each body fills all of them.
NAMES = [
    "key", "category", "description", "address", "lon", "lat", "accuracy", "location_source",
    "datum", "kept", "code", "phone", "message", "rating", "rating_text", "version", "reply",
    "owner", "proposed_owner", "reason_code", "reason", "main_number", "body", "outcome_code",
    "followup_result", "contact_way", "track", "no_photo_reason", "extension", "login",
    "password", "email", "action",
    "next", "theme", "text_size", "username", "display_name", "role", "area", "department",
    "starts_on", "ends_on", "password1", "password2", "oldpassword", "sure", "unsafe", "purpose",
    "outcome", "at", "name", "q", "undo", "tab",
]  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """One body and its content type; with ``uploads``, a multipart form with these sizes."""

    name: str
    body: bytes = b""
    kind: str = FORM
    uploads: tuple[int, ...] = field(default=())


def _every(value: bytes) -> bytes:
    return b"&".join(name.encode() + b"=" + value for name in NAMES)


def _multipart(*sizes: int) -> bytes:
    parts = []
    for name in ("photos", "before", "after"):
        for n, size in enumerate(sizes):
            head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{n}.jpg"\r\n'
            body = b"Content-Type: image/jpeg\r\n\r\n" + b"\xff" * size + b"\r\n"
            parts.append(head.encode() + body)
    return b"".join(parts) + b"--x--\r\n"


MULTIPART = "multipart/form-data; boundary=x"
BODIES = [
    Hostile("empty"),
    Hostile("blanks", _every(b"+++")),
    Hostile("wrong types", _every(b"not-a-number")),
    Hostile("10,000 signs", _every(b"a" * 10_000)),
    Hostile("NUL", _every(b"a%00b")),
    Hostile("controls", _every(b"%1b%5b%07%7f%c2%85%e2%80%a8%e2%80%ae")),
    Hostile("emoji", _every("🐟🏳️‍🌈".encode())),
    Hostile("4-byte hanzi", _every("𠮷𡈽𪚥".encode())),
    Hostile("lone surrogate", _every(b"%ed%a0%80")),
    Hostile("broken percent", _every(b"%ff%fe%zz%")),
    Hostile("arrays", b"&".join(f"{n}=1&{n}=2&{n}[]=3&{n}[a]=4".encode() for n in NAMES)),
    Hostile("negative", _every(b"-1")),
    Hostile("NaN", _every(b"NaN")),
    Hostile("infinite", _every(b"1e999")),
    Hostile("huge number", _every(b"9" * 400)),
    Hostile("bigger than a column", _every(b"9223372036854775808")),
    Hostile("other digits", _every("٣٤५²½".encode())),
    Hostile("markup", _every(b"%3Cscript%3Ealert(1)%3C/script%3E")),
    Hostile("templates", _every(b"%7B%7B7*7%7D%7D%7B%25+debug+%25%7D")),
    Hostile("quotes", _every(b"%27+OR+1%3D1;--")),
    Hostile("strange dates", _every(b"0000-13-45")),
    Hostile("1,001 fields", b"&".join(b"f%d=1" % n for n in range(1001))),
    Hostile("JSON", b'{"key": [1, {"a": null}]}', "application/json"),
    Hostile("no type", b"\x00\x01\x02", ""),
    Hostile("unknown charset", _every(b"x"), FORM + "; charset=utf-99"),
    Hostile("UTF-7", _every(b"+ADw-"), FORM + "; charset=utf-7"),
    Hostile("no boundary", b"--x\r\n", "multipart/form-data"),
    Hostile("broken multipart", b'--x\r\nContent-Disposition: form-data; name="key', MULTIPART),
    Hostile("cut multipart", _multipart(100)[:-40], MULTIPART),
    Hostile("wrong encoding",
            b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n%%%\r\n--x--\r\n", MULTIPART),
    Hostile("path as file name",
            b'--x\r\nContent-Disposition: form-data; name="photos"; filename="../../etc/x"\r\n\r\n'
            b"x\r\n--x--\r\n", MULTIPART),
    Hostile("eleven files", uploads=(10,) * 11, kind=MULTIPART),
    Hostile("empty files", uploads=(0, 0), kind=MULTIPART),
    Hostile("25 MB", uploads=(25 * 1024 * 1024,), kind=MULTIPART),
]  # fmt: skip


def bodies(*, takes_files: bool) -> Iterator[dict[str, Any]]:
    """Arguments of ``Client.generic`` for each body; big files only where files are taken."""
    for hostile in BODIES:
        big = sum(hostile.uploads) > 1_000_000
        if big and not takes_files:
            continue
        headers = {"X-Name": hostile.name}
        yield {"data": _data(hostile), "content_type": hostile.kind, "headers": headers}


@cache
def _data(hostile: Hostile) -> bytes:
    """The bytes of a body, made once: each goes to many forms."""
    if sum(hostile.uploads) > 1_000_000:
        return _one_file(hostile.uploads[0])
    return _multipart(*hostile.uploads) if hostile.uploads else hostile.body


def _one_file(size: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="photos"; filename="big.jpg"\r\n'
    return head + b"Content-Type: image/jpeg\r\n\r\n" + b"\xff" * size + b"\r\n--x--\r\n"
