"""E-mail becomes a report, or more words for one: once per Message-ID, and nothing gets lost."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.errors import CaseError
from complaints.inputs import clean_text
from complaints.mailparse import LARGEST, Mail, MailRefused, message_id_of, read_mail
from complaints.models import Case, Channel, IncomingMail
from complaints.numbers import grouped
from complaints.performer import Performer
from complaints.services.acts import add_supplement
from complaints.services.hotline_rows import without_persons
from complaints.services.intake import LONG_DESCRIPTION_LIMIT, Report, submit_report
from foundation.ledger.actor import Actor
from foundation.media.errors import UploadRefused
from foundation.media.files import write_whole
from foundation.media.services import StagedPhoto, discard, stage
from foundation.notices.services import queue
from foundation.vault.crypto import keyed_hash
from foundation.vault.services import open_sealed, seal

KEPT_ASIDE = timedelta(days=30)
SUPPLEMENT_LIMIT = 500
GUEST = Actor(kind="resident", id="mail")
State = IncomingMail.State


@dataclass(frozen=True)
class Received:
    """What became of a mail; ``is_new`` is False when it came a second time."""

    record: IncomingMail
    is_new: bool = True


def receive_mail(*, raw: bytes) -> Received:
    """Take one RFC 822 message in. Never raises for what stands in it.

    A new report is answered with its receipt; an answer to ``TN-…`` by the same sender becomes a
    supplement. Machines' mail is ignored; what cannot be read lies sealed for a person to look at.
    """
    message_hash = _message_hash(raw)
    known = IncomingMail.objects.filter(message_hash=message_hash).first()
    if known is not None:
        return Received(known, is_new=False)
    try:
        mail = read_mail(raw, own=own_addresses())
    except MailRefused as refused:
        return _put_away(message_hash, raw, refused)
    photos, refusals = _staged(mail)
    try:
        return _taken(mail, message_hash, photos)
    except CaseError as error:
        discard(photos)
        reason = "no_photo" if refusals else error.code
        return _put_away(message_hash, raw, MailRefused(reason), sender=mail.sender)
    except IntegrityError:
        discard(photos)
        return Received(IncomingMail.objects.get(message_hash=message_hash), is_new=False)


def own_addresses() -> frozenset[str]:
    """Return the addresses that we send from: their mail is never a report."""
    addresses = (settings.DEFAULT_FROM_EMAIL, settings.SERVER_EMAIL)
    return frozenset(parseaddr(address)[1].lower() for address in addresses)


def _message_hash(raw: bytes) -> str:
    name = message_id_of(raw) or hashlib.sha256(raw).hexdigest()
    return keyed_hash("message-id", name)


def _staged(mail: Mail) -> tuple[list[StagedPhoto], int]:
    """Stage the photos; one that is none is left out."""
    staged: list[StagedPhoto] = []
    refusals = 0
    for attached in mail.photos:
        try:
            staged.append(stage(SimpleUploadedFile(attached.name, attached.data)))
        except UploadRefused:
            refusals += 1
    return staged, refusals


def _taken(mail: Mail, message_hash: str, photos: list[StagedPhoto]) -> Received:
    case = _case_of(mail)
    if case is not None and case.is_open:
        return _supplemented(case, mail, message_hash, photos)
    return _reported(mail, message_hash, photos)


def _case_of(mail: Mail) -> Case | None:
    """Return the case that the subject names, if this sender made it by e-mail. One query."""
    if not mail.number:
        return None
    same = IncomingMail.objects.filter(
        case__number=mail.number, sender_hash=_sender_hash(mail.sender)
    )
    found = same.select_related("case").first()
    return found.case if found else None


def _supplemented(case: Case, mail: Mail, message_hash: str, photos: list[StagedPhoto]) -> Received:
    words = without_persons(mail.text, {})[0]
    if len(words) > SUPPLEMENT_LIMIT:
        words = words[: SUPPLEMENT_LIMIT - 1] + "…"
    with transaction.atomic():
        record = _record(message_hash, State.SUPPLEMENTED, mail.sender, case=case)
        add_supplement(
            case_id=case.pk,
            by=Performer(GUEST, receipts=frozenset({case.uid})),
            message=words,
            photos=photos,
        )
    return Received(record)


def _reported(mail: Mail, message_hash: str, photos: list[StagedPhoto]) -> Received:
    name = clean_text(mail.sender_name, longest=40, label=_("Name"))
    contact = {"email": mail.sender, "name": name}
    words = clean_text(mail.words, longest=len(mail.words) + 1, label=_("Description"))
    told, kept = without_persons(words, contact)
    if kept or len(told) > LONG_DESCRIPTION_LIMIT:
        contact["words"] = words
    report = Report(
        submission_key=UUID(message_hash[:32], version=4),
        description=_cut(told),
        photos=photos,
        channel=Channel.EMAIL,
        contact=contact,
    )
    with transaction.atomic():
        receipt = submit_report(report=report, by=Performer(GUEST))
        record = _record(message_hash, State.REPORTED, mail.sender, case=receipt.case)
        queue(
            code="mail.received",
            key=f"{receipt.case.uid}:mail.received",
            stream=receipt.case.stream,
            context={"number": receipt.case.number, "receipt": grouped(receipt.code)},
            to={"email": mail.sender},
        )
    return Received(record)


def _cut(words: str) -> str:
    """Return what the case page shows of a very long letter; the whole lies in the vault."""
    if len(words) <= LONG_DESCRIPTION_LIMIT:
        return words
    return words[: LONG_DESCRIPTION_LIMIT - 1] + "…"


def _sender_hash(address: str) -> str:
    return keyed_hash("mail-sender", address)


def _record(
    message_hash: str, state: str, sender: str = "", *, reason: str = "", case: Case | None = None
) -> IncomingMail:
    return IncomingMail.objects.create(
        message_hash=message_hash,
        sender_hash=_sender_hash(sender) if sender else "",
        state=state,
        reason=reason,
        case=case,
        received_at=timezone.now(),
    )


def _put_away(message_hash: str, raw: bytes, refused: MailRefused, *, sender: str = "") -> Received:
    """Write down why a mail is no report; unless it can be ignored, keep it sealed for a person."""
    state = State.IGNORED if refused.is_ignored else State.ASIDE
    record = IncomingMail(
        uid=uuid4(),
        message_hash=message_hash,
        sender_hash=_sender_hash(sender) if sender else "",
        state=state,
        reason=refused.reason[:40],
        received_at=timezone.now(),
    )
    if state == State.ASIDE:
        write_whole(_file(record), seal(raw[: LARGEST + 1], context=_context(record)))
    record.save(force_insert=True)
    return Received(record)


def mail_set_aside(uid: UUID) -> bytes:
    """Return a mail that was set aside, for a person at the server's own console."""
    record = IncomingMail.objects.get(pk=uid, state=State.ASIDE)
    return open_sealed(_file(record).read_bytes(), context=_context(record))


def forget_mail() -> int:
    """Delete mail that was set aside a month ago, and what tells of ignored mail."""
    before = timezone.now() - KEPT_ASIDE
    old = list(
        IncomingMail.objects.filter(
            received_at__lt=before, state__in=[State.ASIDE, State.IGNORED], case=None
        )[:1000]
    )
    for record in old:
        _file(record).unlink(missing_ok=True)
    return IncomingMail.objects.filter(pk__in=[record.pk for record in old]).delete()[0]


def _file(record: IncomingMail) -> Path:
    return Path(settings.SEALED_ROOT) / "mail" / f"{record.uid.hex}.sealed"


def _context(record: IncomingMail) -> str:
    return f"mail:{record.uid}"
