"""Reading an e-mail that somebody sent to the platform. Pure; nothing in it is trusted.

The standard library's parser meets mail that breaks every rule; whatever it stumbles over becomes
``MailRefused`` with a reason, never an exception of its own.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser
from typing import cast

from complaints.numbers import is_case_number

LARGEST = 30_000_000
MOST_PARTS = 200
MOST_PHOTOS = 10
#: What the email package raises on mail that is broken on purpose or by accident.
BROKEN = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
NUMBER = re.compile(r"[A-Za-z]{2}-\d{8}-\d{4,8}-[A-Za-z]")
ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z0-9-]{2,40}")
REPLY_MARK = re.compile(r"^\s*((re|fw|fwd|aw|回复|答复|转发)\s*[:：]\s*)+", re.IGNORECASE)
#: Where somebody else's words begin; what stands before is the sender's own.
QUOTE_HEAD = re.compile(
    r"^\s*(-{2,}\s*(original message|原始邮件|回复的原邮件|转发邮件信息|forwarded message).*"
    r"|on .{5,120} wrote:|在.{5,120}写道[:：]|_{10,}|-- )\s*$",
    re.IGNORECASE,
)
QUOTE_FIELD = re.compile(r"^\s*[>|]?\s*(发件人|from)\s*[:：]", re.IGNORECASE)
NEXT_FIELD = re.compile(r"^\s*(发送时间|发件时间|日期|sent|date|收件人|to)\s*[:：]", re.IGNORECASE)
MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounce)", re.IGNORECASE)
PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol"}
SILENT = {"script", "style", "head", "title", "template"}


class MailRefused(Exception):
    """The mail is no report: ``reason`` says why; ``is_ignored``: nobody needs to look at it."""

    def __init__(self, reason: str, *, is_ignored: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_ignored = is_ignored


@dataclass(frozen=True)
class Attached:
    """A picture that came along, as bytes that nobody has looked at yet."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    """A mail as we understand it. ``number`` is the case its subject names, or ''."""

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    photos: tuple[Attached, ...] = ()
    number: str = ""

    @property
    def words(self) -> str:
        """The sender's own words, the subject first when it says more."""
        subject = REPLY_MARK.sub("", NUMBER.sub("", self.subject)).strip(" []【】")
        if subject and subject not in self.text:
            return f"{subject}\n{self.text}".strip()
        return self.text


def read_mail(raw: bytes, *, own: Collection[str]) -> Mail:
    """Read one RFC 822 message; ``own`` are our addresses, in lower case. Raises MailRefused."""
    if len(raw) > LARGEST:
        raise MailRefused("too_large")
    try:
        return _read(message_from_bytes(raw), own)
    except BROKEN as error:
        raise MailRefused("malformed") from error


def message_id_of(raw: bytes) -> str:
    """Return the Message-ID as far as it can be found, even in a mail that is otherwise broken."""
    head = raw[:100_000].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    match = re.search(rb"^message-id:\s*(<[^>\s]{1,400}>)", head, re.IGNORECASE | re.MULTILINE)
    return match[1].decode("ascii", "replace") if match else ""


def _read(message: Message, own: Collection[str]) -> Mail:
    name, sender = parseaddr(_header(message, "From"))
    sender = sender.strip().lower()
    _refuse_machines(message, sender, own)
    if not ADDRESS.fullmatch(sender):
        raise MailRefused("no_sender")
    parts = list(_parts(message))
    subject = " ".join(_header(message, "Subject").split())[:200]
    text = _text_of(parts)
    # An answer to our own mail quotes the number, if its subject does not name it.
    named = f"{subject}\n{text}" if message.get("In-Reply-To") else subject
    numbers = (found[0].upper() for found in NUMBER.finditer(named))
    return Mail(
        message_id=_header(message, "Message-ID").strip(),
        sender=sender,
        sender_name=" ".join(name.split())[:40],
        subject=subject,
        text=own_words(text),
        photos=tuple(_photos(parts)),
        number=next((number for number in numbers if is_case_number(number)), ""),
    )


def _header(message: Message, name: str) -> str:
    # As it came: bytes beyond ASCII stand there as surrogates, and get() would replace them.
    named = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
    text = next(named, "")
    raw = text.encode("utf-8", "surrogateescape")
    if any("\udc80" <= sign <= "\udcff" for sign in text):
        return _decoded(raw, "")
    return str(make_header(decode_header(text)))


def _refuse_machines(message: Message, sender: str, own: Collection[str]) -> None:
    """Refuse what nobody typed (RFC 3834): answering it would begin a loop."""
    automatic = _header(message, "Auto-Submitted").strip().lower()
    precedence = _header(message, "Precedence").strip().lower()
    if automatic not in {"", "no"} or message.get("X-Autoreply") or message.get("X-Autorespond"):
        raise MailRefused("automatic", is_ignored=True)
    if precedence in {"bulk", "junk", "list", "auto_reply"}:
        raise MailRefused("bulk", is_ignored=True)
    if any(message.get(name) for name in ("List-Id", "List-Unsubscribe", "List-Post")):
        raise MailRefused("list", is_ignored=True)
    senders = [sender, *(a.lower() for _n, a in getaddresses([_header(message, "Return-Path")]))]
    if any(one in own for one in senders):
        raise MailRefused("own", is_ignored=True)
    if message.get("Return-Path", "").strip() == "<>" or MACHINES.match(sender):
        raise MailRefused("bounce", is_ignored=True)


def _parts(message: Message) -> Iterator[Message]:
    for count, part in enumerate(message.walk()):
        if count >= MOST_PARTS:
            raise MailRefused("too_many_parts")
        # What another mail that was attached says is not the sender's own words.
        if part.get_content_maintype() not in {"multipart", "message"}:
            yield part


def _payload(part: Message) -> bytes:
    return cast("bytes | None", part.get_payload(decode=True)) or b""


def _text_of(parts: list[Message]) -> str:
    texts = [p for p in parts if "attachment" not in str(p.get("Content-Disposition", ""))]
    plain = [p for p in texts if p.get_content_type() == "text/plain"]
    if plain:
        return "\n".join(_decoded(_payload(p), p.get_content_charset("")) for p in plain)
    html = [p for p in texts if p.get_content_type() == "text/html"]
    return "\n".join(text_of_html(_decoded(_payload(p), p.get_content_charset(""))) for p in html)


def _decoded(data: bytes, charset: str) -> str:
    """Decode by the charset named, else as UTF-8, else as GB18030, which "GB2312" means too."""
    named = "gb18030" if charset.lower() in {"gb2312", "gbk", "x-gbk", "cp936"} else charset
    for encoding in (named, "utf-8", "gb18030"):
        try:
            return data.decode(encoding) if encoding else data.decode("utf-8")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-8", "replace")


class _Plain(HTMLParser):
    """Collects the text of HTML; scripts, styles and quoted mail are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT or tag == "blockquote":
            self.silent += 1
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT or tag == "blockquote":
            self.silent = max(0, self.silent - 1)
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def text_of_html(html: str) -> str:
    """Return the text that a reader of ``html`` sees, line by line."""
    parser = _Plain()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def own_words(text: str) -> str:
    """Return ``text`` without quoted mail and signature; all of it when nothing else stands there.

    Modest on purpose: rather a quotation too much than a sentence of the complaint too little.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    for place, line in enumerate(lines):
        following = "\n".join(lines[place + 1 : place + 4])
        is_head = QUOTE_FIELD.match(line) and any(
            NEXT_FIELD.match(one) for one in following.split("\n")
        )
        if QUOTE_HEAD.match(line) or is_head:
            break
        if not line.lstrip().startswith((">", "＞")):
            kept.append(line.rstrip())
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return own or text.strip()


def _photos(parts: list[Message]) -> Iterator[Attached]:
    found = 0
    for part in parts:
        name = _file_name(part)
        is_photo = part.get_content_maintype() == "image" or name.lower().endswith(PHOTO_ENDINGS)
        if is_photo and found < MOST_PHOTOS:
            found += 1
            yield Attached(name or "photo.jpg", _payload(part))


def _file_name(part: Message) -> str:
    """Return only the ending of a file's name: names tell who took the photo, and where."""
    name = str(part.get_filename("") or "")
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return f"photo{ending}" if ending in PHOTO_ENDINGS else ""
