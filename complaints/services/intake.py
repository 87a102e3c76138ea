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
from complaints.inputs import clean_text
from complaints.models import Act, Case, Channel, Clock, LocationSource, Track
from complaints.performer import Performer
from complaints.selectors.rules import category_by_code
from complaints.services.clocks import new_clock
from complaints.services.routing import route
from complaints.workflow import STATES, State
from foundation.accounts.phones import PhoneRefused, normalise
from foundation.jobs.services import emit
from foundation.ledger.services import append
from foundation.media.services import StagedPhoto, attach
from foundation.places.datum import Datum, convert
from foundation.places.selectors import area_by_code, current_district, locate
from foundation.vault.services import store

DESCRIPTION_LIMIT = 500
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
class Report:
    """Everything a submission holds. ``submission_key`` is random (UUID 4), made with the form.

    ``area_code`` places a report that has no reading (a call: the dispatcher picks the grid or
    town). ``contact`` goes to the vault only: ``phone`` (any way of writing it) and ``name``.
    """

    submission_key: UUID
    category: str = ""
    description: str = ""
    address: str = ""
    reading: Reading | None = None
    photos: Sequence[StagedPhoto] = field(default_factory=tuple)
    track: Track = Track.REPORT
    channel: Channel = Channel.WEB
    account_id: int | None = None
    area_code: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)


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
    case = _checked_case(report)
    contact = _checked_contact(report.contact)
    code = numbers.receipt_code_for(report.submission_key)
    case.submission_hash = numbers.submission_hash(report.submission_key)
    case.receipt_hash = numbers.receipt_hash(code)
    try:
        with transaction.atomic():
            _store(case, report, by, contact)
    except IntegrityError:
        earlier = Case.objects.filter(submission_hash=case.submission_hash).first()
        if earlier is None:
            raise
        return Receipt(earlier, code, is_new=False)
    return Receipt(case, code, is_new=True)


def _checked_case(report: Report) -> Case:
    """Build the unsaved case from tidy inputs; no write."""
    category = category_by_code(report.category) if report.category else None
    if report.category and category is None:
        raise InvalidInput(_("Choose what kind of problem it is."), field="category")
    description = clean_text(
        report.description, longest=DESCRIPTION_LIMIT, label=_("Description"), field="description"
    )
    address = clean_text(report.address, longest=ADDRESS_LIMIT, label=_("Address"), field="address")
    if len(report.photos) > PHOTO_LIMIT:
        raise InvalidInput(
            _("At most %(limit)d photos at once.") % {"limit": PHOTO_LIMIT}, field="photos"
        )
    if not (category or description or report.photos):
        raise InvalidInput(
            _("Take a photo, choose a kind of problem or say a few words."), field="category"
        )
    now = timezone.now()
    case = Case(
        uid=uuid4(),
        state=State.SUBMITTED,
        track=report.track,
        channel=report.channel,
        category=category,
        description=description,
        address=address,
        account_id=report.account_id,
        photo_count=len(report.photos),
        submitted_at=now,
    )
    if category:
        case.urgency = category.urgency
    _locate(case, report)
    route(case)
    return case


def _checked_contact(contact: Mapping[str, str]) -> dict[str, str]:
    """Return what the vault keeps of a caller: mobile or landline number, and the name."""
    typed = clean_text(contact.get("phone", ""), longest=60, label=_("Telephone"), field="phone")
    name = clean_text(contact.get("name", ""), longest=40, label=_("Name"), field="name")
    fields = {"name": name} if name else {}
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


def _store(case: Case, report: Report, by: Performer, contact: dict[str, str]) -> None:
    """Write everything; what needs no number comes first: all reports of a day wait for its row."""
    spec = STATES[State.SUBMITTED]
    case.next_party = str(spec.next_party)
    clock = new_clock(case, spec.clock, start=case.submitted_at)
    case.due_at = clock.due_at
    if contact:
        record = store(kind="complainant", stream=case.stream, fields=contact)
        case.complainant_record = record.id
    if report.photos:
        attach(list(report.photos), stream=case.stream, purpose=REPORT_PHOTO, actor=by.actor)
    emit(
        "case.submitted",
        key=f"{case.uid}:1",
        payload={"case": str(case.uid), "action": "submit", "state": case.state},
    )
    _number(case)
    case.save(force_insert=True)
    Clock.objects.bulk_create([clock])
    _record_submission(case, by)


def _number(case: Case) -> None:
    day = localdate(case.submitted_at)
    prefix = current_district().case_prefix or "GZ"
    case.number = numbers.case_number(prefix, day, _next_running_number(day))


def _next_running_number(day: date) -> int:
    """Hand out the day's next number. One upsert; the row stays locked until commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO complaints_casecounter (day, value) VALUES (%s, 1) "
            "ON CONFLICT (day) DO UPDATE SET value = complaints_casecounter.value + 1 "
            "RETURNING value",
            [day],
        )
        return int(cursor.fetchone()[0])


def _record_submission(case: Case, by: Performer) -> None:
    entry = append(
        stream=case.stream,
        action="case.submit",
        actor=by.actor,
        at=case.submitted_at,
        data={
            "number": case.number,
            "to": case.state,
            "track": case.track,
            "channel": case.channel,
            "category": case.category.code if case.category else "",
            "area": case.area.code if case.area else "",
            "outside": case.is_outside,
            "photos": case.photo_count,
            "due": _iso(case.due_at),
        },
    )
    Act.objects.create(
        case=case,
        ledger_seq=entry.seq,
        action="submit",
        target=case.state,
        actor_kind=by.actor.kind,
        actor_id=by.actor.id,
        actor_role=by.actor.role,
        at=case.submitted_at,
    )


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
