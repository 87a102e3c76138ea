"""A report comes in: located, categorised, given its clocks, routed, and never lost or doubled."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from complaints import numbers
from complaints.errors import InvalidInput
from complaints.identity import Identity
from complaints.inputs import clean_text
from complaints.models import (
    Act,
    Case,
    Channel,
    Clock,
    ExternalTicket,
    LocationSource,
    System,
    Track,
)
from complaints.performer import Performer
from complaints.selectors.evidence import AFTER
from complaints.selectors.rules import category_by_code
from complaints.services.clocks import new_clock
from complaints.services.routing import route
from complaints.workflow import STATES, State
from foundation.accounts.phones import PhoneRefused, normalise
from foundation.jobs.services import Event, emit_many
from foundation.ledger.services import Record, append_many
from foundation.media.services import StagedPhoto, attach
from foundation.places.datum import Datum, convert
from foundation.places.selectors import area_by_code, current_district, locate
from foundation.vault.services import store

DESCRIPTION_LIMIT = 500
#: What others wrote down may be longer than what a form asks for.
LONG_DESCRIPTION_LIMIT = 4000
LONG_CHANNELS = frozenset({Channel.IMPORT, Channel.EMAIL, Channel.TRANSFER, Channel.API})
TICKET = re.compile(r"[\w〔〕（）()\[\]./#-]{1,64}")
ADDRESS_LIMIT = 200
PHOTO_LIMIT = 10
REPORT_PHOTO = "report"
#: Chinese landlines as dialled within the country: area code and seven or eight digits.
LANDLINE = re.compile(r"0(?!1[3-9])\d{9,11}")


@dataclass(frozen=True)
class Reading:
    """Where the reporter says it is, in degrees, as the device gave it."""

    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    source: LocationSource = LocationSource.BROWSER
    accuracy: float | None = None


@dataclass(frozen=True)
class Ticket:
    """The number under which another system knows the case, and what it asks for (aware times)."""

    system: System
    number: str
    due_at: datetime | None = None


@dataclass(frozen=True)
class Report:
    """Everything a submission holds. ``submission_key`` is random (UUID 4), made with the form.

    ``area_code`` places a report that has no reading (a call: the dispatcher picks the grid or
    town). ``contact`` goes to the vault only: ``phone`` (any way of writing it), ``name``,
    ``email`` and ``words`` (a text as it came, when ours leaves something out). ``received_at`` is
    when another system took it in: clocks run from then. ``is_settled``: put right on the spot, as
    ``after_photos`` show. ``joins``: the open case that the reporter calls the same problem.
    """

    submission_key: UUID
    category: str = ""
    description: str = ""
    address: str = ""
    reading: Reading | None = None
    photos: Sequence[StagedPhoto] = field(default_factory=tuple)
    after_photos: Sequence[StagedPhoto] = field(default_factory=tuple)
    track: Track = Track.REPORT
    channel: Channel = Channel.WEB
    account_id: int | None = None
    area_code: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    ticket: Ticket | None = None
    received_at: datetime | None = None
    is_settled: bool = False
    identity: Identity = Identity.ANONYMOUS
    joins: UUID | None = None


@dataclass(frozen=True)
class Prepared:
    """A report that passed every rule, ready to be stored: alone or with many others."""

    report: Report
    case: Case
    contact: dict[str, str]
    code: str


@dataclass(frozen=True)
class Receipt:
    """What the reporter takes home. The code is shown now and kept nowhere but as a hash."""

    case: Case
    code: str
    is_new: bool


def submit_report(*, report: Report, by: Performer) -> Receipt:
    """Store a report as a case and return its receipt.

    One submission key posted any number of times, in parallel too, gives one case and the same
    receipt. State, clocks, act, ledger entry and jobs are one transaction of at most 12 statements.
    Raises InvalidInput (naming the field) before anything is written.
    """
    ready = prepare(report)
    case = ready.case
    try:
        with transaction.atomic():
            _store(ready, by)
    except IntegrityError:
        earlier = Case.objects.filter(submission_hash=case.submission_hash).first()
        if earlier is None:
            _refuse_known(report.ticket)
            raise
        return Receipt(earlier, ready.code, is_new=False)
    return Receipt(case, ready.code, is_new=True)


def prepare(report: Report) -> Prepared:
    """Apply every rule of a submission and return it unsaved; no write, no query when warm.

    Raises InvalidInput naming the field. Whoever stores it calls :func:`first_clock`,
    :func:`submission_record` and :func:`submission_act`.
    """
    case = _checked_case(report)
    contact = contact_fields(report.contact)
    if report.ticket and not TICKET.fullmatch(report.ticket.number):
        raise InvalidInput(
            _("A ticket number has letters, digits and dashes only."), field="ticket_number"
        )
    code = numbers.receipt_code_for(report.submission_key)
    case.submission_hash = numbers.submission_hash(report.submission_key)
    case.receipt_hash = numbers.receipt_hash(code)
    return Prepared(report, case, contact, code)


class TicketKnown(InvalidInput):
    """The other system's number belongs to a case already; ``number`` is that case's."""

    code = "ticket_known"

    def __init__(self, number: str) -> None:
        self.number = number
        sentence = _("This ticket is registered already as %(number)s.") % {"number": number}
        super().__init__(sentence, field="ticket_number")


def _refuse_known(ticket: Ticket | None) -> None:
    """Say whose the ticket is, if that is why the database refused. One query."""
    if ticket is None:
        return
    known = ExternalTicket.objects.filter(number=ticket.number, system=ticket.system)
    found = known.values_list("case__number", flat=True).first()
    if found:
        raise TicketKnown(found)


def _checked_case(report: Report) -> Case:
    """Build the unsaved case from tidy inputs; no write."""
    category = category_by_code(report.category) if report.category else None
    if report.category and category is None:
        raise InvalidInput(_("Choose what kind of problem it is."), field="category")
    description = clean_text(
        report.description,
        longest=LONG_DESCRIPTION_LIMIT if report.channel in LONG_CHANNELS else DESCRIPTION_LIMIT,
        label=_("Description"),
        field="description",
    )
    address = clean_text(report.address, longest=ADDRESS_LIMIT, label=_("Address"), field="address")
    if max(len(report.photos), len(report.after_photos)) > PHOTO_LIMIT:
        raise InvalidInput(
            _("At most %(limit)d photos at once.") % {"limit": PHOTO_LIMIT}, field="photos"
        )
    if not (category or description or report.photos):
        raise InvalidInput(
            _("Take a photo, choose a kind of problem or say a few words."), field="category"
        )
    case = Case(
        uid=uuid4(),
        state=State.SUBMITTED,
        track=report.track,
        channel=report.channel,
        identity=report.identity,
        category=category,
        description=description,
        address=address,
        account_id=report.account_id,
        photo_count=len(report.photos) + len(report.after_photos),
        submitted_at=report.received_at or timezone.now(),
    )
    if category:
        case.urgency = category.urgency
    _locate(case, report)
    route(case)
    return case


def contact_fields(contact: Mapping[str, str]) -> dict[str, str]:
    """Return what the vault keeps of a caller: mobile or landline number, and the name."""
    typed = clean_text(contact.get("phone", ""), longest=60, label=_("Telephone"), field="phone")
    name = clean_text(contact.get("name", ""), longest=40, label=_("Name"), field="name")
    fields = {"name": name} if name else {}
    fields |= {key: contact[key] for key in ("email", "words") if contact.get(key)}
    if not typed:
        return fields
    digits = re.sub(r"[\s-]", "", typed)
    if LANDLINE.fullmatch(digits):
        return {**fields, "landline": digits}
    try:
        return {**fields, "phone": normalise(typed)}
    except PhoneRefused as refused:
        raise InvalidInput(refused.sentence, code=refused.code, field="phone") from refused


def _locate(case: Case, report: Report) -> None:
    """Place the case: the sent reading, else the first photo's own position, else the address."""
    reading = report.reading or _photo_reading(report.photos)
    if reading is None:
        area = area_by_code(report.area_code) if report.area_code else None
        if report.area_code and area is None:
            raise InvalidInput(_("Choose a place from the list."), field="area")
        if area is not None:
            case.area, case.area_path = area, area.path
        if case.address or area is not None:
            case.location_source = LocationSource.ADDRESS
        return
    lon, lat = convert(reading.lon, reading.lat, source=reading.datum, target=Datum.WGS84)
    place = locate(lon, lat)
    case.lon, case.lat = round(lon, 6), round(lat, 6)
    case.location_source = reading.source
    case.raw_location = {
        "lon": reading.lon,
        "lat": reading.lat,
        "datum": str(reading.datum.value),
        "accuracy": reading.accuracy,
    }
    case.is_outside = not place.in_district
    case.area = place.area
    case.area_path = place.area.path if place.area else ""


def _photo_reading(photos: Sequence[StagedPhoto]) -> Reading | None:
    for photo in photos:
        if photo.lon is not None and photo.lat is not None:
            return Reading(photo.lon, photo.lat, source=LocationSource.PHOTO)
    return None


def _store(ready: Prepared, by: Performer) -> None:
    """Write everything; what needs no number comes first: all reports of a day wait for its row."""
    case, report = ready.case, ready.report
    clock = first_clock(case)
    if ready.contact:
        record = store(kind="complainant", stream=case.stream, fields=ready.contact)
        case.complainant_record = record.id
    if report.photos:
        attach(list(report.photos), stream=case.stream, purpose=REPORT_PHOTO, actor=by.actor)
    if report.after_photos:
        attach(list(report.after_photos), stream=case.stream, purpose=AFTER, actor=by.actor)
    event = submission_event(case)
    emit_many([event, *_joining(ready)])
    _number(case)
    case.save(force_insert=True)
    Clock.objects.bulk_create([clock])
    if report.ticket:
        ticket_row(ready).save(force_insert=True)
    entry = append_many([submission_record(ready, by)])[0]
    submission_act(ready, by, seq=entry.seq).save(force_insert=True)


def _joining(ready: Prepared) -> list[Event]:
    """Return the event that lets a job join the report to the one its reporter pointed at."""
    case, main = ready.case, ready.report.joins
    if main is None:
        return []
    return [Event("case.joined", str(case.uid), {"case": str(case.uid), "main": str(main)})]


def first_clock(case: Case) -> Clock:
    """Say who acts next on an unsaved case and by when; return the unsaved clock of that."""
    spec = STATES[State.SUBMITTED]
    case.next_party = str(spec.next_party)
    clock = new_clock(case, spec.clock, start=case.submitted_at)
    case.due_at = clock.due_at
    return clock


def submission_event(case: Case) -> Event:
    """Return the event that tells of a new case."""
    payload = {"case": str(case.uid), "action": "submit", "state": case.state}
    return Event("case.submitted", f"{case.uid}:1", payload)


def ticket_row(ready: Prepared) -> ExternalTicket:
    """Return the unsaved ticket of a report that has one."""
    ticket = ready.report.ticket
    if ticket is None:
        raise LookupError("This report came without a ticket.")
    return ExternalTicket(
        case=ready.case,
        system=ticket.system,
        number=ticket.number,
        received_at=ready.report.received_at,
        due_at=ticket.due_at,
    )


def _number(case: Case) -> None:
    day = localdate(case.submitted_at)
    case.number = numbers.case_number(case_prefix(), day, take_numbers(day))


def case_prefix() -> str:
    """Return the letters that public numbers begin with."""
    return current_district().case_prefix or "GZ"


def take_numbers(day: date, count: int = 1) -> int:
    """Hand out the day's next ``count`` numbers and return the last of them.

    One upsert; the row stays locked until commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO complaints_casecounter (day, value) VALUES (%s, %s) "
            "ON CONFLICT (day) DO UPDATE SET value = complaints_casecounter.value + excluded.value "
            "RETURNING value",
            [day, count],
        )
        return int(cursor.fetchone()[0])


def submission_record(ready: Prepared, by: Performer) -> Record:
    """Return the ledger's entry of a numbered case."""
    case, ticket = ready.case, ready.report.ticket
    data: dict[str, object] = {
        "number": case.number,
        "to": case.state,
        "track": case.track,
        "channel": case.channel,
        "category": case.category.code if case.category else "",
        "area": case.area.code if case.area else "",
        "outside": case.is_outside,
        "photos": case.photo_count,
        "due": _iso(case.due_at),
    }
    if ticket:
        data["ticket"] = {"system": str(ticket.system), "number": ticket.number}
    if ready.report.is_settled:
        data["settled"] = True
    return Record(case.stream, "case.submit", by.actor, data, case.submitted_at)


def submission_act(ready: Prepared, by: Performer, *, seq: int) -> Act:
    """Return the unsaved act of a submission whose ledger entry has the number ``seq``."""
    return Act(
        case=ready.case,
        ledger_seq=seq,
        action="submit",
        target=ready.case.state,
        actor_kind=by.actor.kind,
        actor_id=by.actor.id,
        actor_role=by.actor.role,
        at=ready.case.submitted_at,
        data={"settled": True} if ready.report.is_settled else {},
    )


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
