"""One row of a 12345 export: checked in full, with all its problems, and made a report of ours."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.errors import InvalidInput
from complaints.hotline import Profile, plain
from complaints.identity import Identity
from complaints.inputs import clean_text
from complaints.models import Channel, LocationSource, System, Track
from complaints.selectors.rules import categories
from complaints.services.intake import (
    ADDRESS_LIMIT,
    LONG_DESCRIPTION_LIMIT,
    TICKET,
    Prepared,
    Reading,
    Report,
    Ticket,
    contact_fields,
    prepare,
)
from complaints.sheets import Row, Sheet
from foundation.places.models import Area
from foundation.places.selectors import snapshot

MOMENT = re.compile(
    r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?(?:[T\s]*(\d{1,2})\D{1,2}(\d{1,2})(?:\D(\d{1,2}))?.*)?"
)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
SERIAL = re.compile(r"\d{5}(\.\d+)?")
SERIAL_ORIGIN = date(1899, 12, 30)
#: A number that a spreadsheet program turned into ``3.2E+17``: its last digits are gone.
SHORTENED = re.compile(r"[\d.]+E\+\d+", re.IGNORECASE)
MOBILES = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
SEPARATORS = re.compile(r"[、,，;；/|\s]+")
LEVELS = re.compile(r"[/>＞\\|→·—]+|--+")
YEARS = range(2000, 2100)
#: Their clock may go a little before ours.
AHEAD = timedelta(hours=1)


@dataclass(frozen=True)
class Checked:
    """What became of a row: a report ready to be stored, or everything that is wrong with it."""

    row: Row
    number: str
    ready: Prepared | None = None
    problems: tuple[str, ...] = ()


@dataclass
class RowReader:
    """Reads the rows of one sheet. Places and words are looked up once for all of them."""

    sheet: Sheet
    profile: Profile
    places: dict[str, int] = field(init=False)
    category_codes: dict[str, str] = field(init=False)
    area_names: dict[str, Area] = field(init=False)

    def __post_init__(self) -> None:
        self.places = self.profile.places(self.sheet.header)
        known = {c.code for c in categories()}
        words = {word: code for word, code in self.profile.categories.items() if code in known}
        self.category_codes = {plain(c.name): c.code for c in categories()} | words
        self.area_names = _area_names()

    def check(self, row: Row) -> Checked:
        """Return the row's report, or all of its problems. Writes nothing; no query when warm."""
        cells = Cells(row, self.places, len(self.sheet.header))
        number = cells.get("number")
        report = self._report(cells)
        if cells.problems or report is None:
            return Checked(row, number, problems=tuple(cells.problems))
        try:
            return Checked(row, number, ready=prepare(report))
        except InvalidInput as error:
            return Checked(row, number, problems=(str(error.message),))

    def _report(self, cells: "Cells") -> Report | None:
        number, received = cells.number(), cells.moment("received_at")
        if not cells.get("received_at"):
            cells.problems.append(_("The time of receipt is missing."))
        words = cells.text("content", LONG_DESCRIPTION_LIMIT, _("Content"))
        if not words:
            cells.problems.append(_("The content is missing."))
        address = cells.text("address", ADDRESS_LIMIT, _("Address"))
        due, reading = cells.moment("due_at", is_end=True), cells.reading(self.profile)
        contact = cells.contact(self.profile)
        if received is None or cells.problems:
            return None
        told, kept = without_persons(words, contact)
        if kept:
            contact["words"] = words
        area = self._area(cells.get("area"))
        return Report(
            submission_key=uuid4(),
            category=self._category(cells.get("category")),
            description=told,
            address=without_persons(address, contact)[0],
            reading=reading,
            track=Track(self.profile.tracks.get(plain(cells.get("track")), Track.HOTLINE)),
            channel=Channel.IMPORT,
            area_code=area.code if area else "",
            contact=contact,
            ticket=Ticket(System(self.profile.system), number, due),
            received_at=received,
            identity=self._identity(cells.get("confidential"), contact),
        )

    def _identity(self, word: str, contact: dict[str, str]) -> Identity:
        """Return how the caller wants to be known: who gave name and number is owed an answer."""
        if plain(word) in self.profile.confidential:
            return Identity.CONFIDENTIAL
        is_reachable = bool(contact.get("phone") or contact.get("landline"))
        known = bool(contact.get("name")) and is_reachable
        return Identity.REAL_NAME if known else Identity.ANONYMOUS

    def _category(self, words: str) -> str:
        """Return our code for their words, the last of several levels first; '' if none fits."""
        whole = self.category_codes.get(plain(words))
        levels = [level for level in LEVELS.split(words) if level.strip()]
        found = (self.category_codes.get(plain(level)) for level in reversed(levels))
        return whole or next((code for code in found if code), "")

    def _area(self, words: str) -> Area | None:
        """Return the town or community that ``words`` end in ("天宁区红梅街道" → 红梅街道)."""
        name = plain(words)
        if not name:
            return None
        if name in self.area_names:
            return self.area_names[name]
        ends = (area for known, area in self.area_names.items() if name.endswith(known))
        return next(ends, None)


def _area_names() -> dict[str, Area]:
    """Return towns and communities by name; a name that two places have counts for none."""
    found: dict[str, Area] = {}
    double: set[str] = set()
    for area in snapshot().areas.values():
        if area.kind not in {"town", "community"}:
            continue
        name = plain(area.name)
        if name in found:
            double.add(name)
        found[name] = area
    return {name: area for name, area in found.items() if name not in double}


class Cells:
    """The cells of a row by field, and the problems found in them so far."""

    def __init__(self, row: Row, places: dict[str, int], width: int) -> None:
        self.row, self.places = row, places
        self.problems: list[str] = []
        if row.garbled:
            self.problems.append(_("The text of this row cannot be read (mixed encodings)."))
        if len(row.cells) > width:
            self.problems.append(
                _("The row has %(n)d cells more than the header: is a comma not in quotes?")
                % {"n": len(row.cells) - width}
            )

    def get(self, name: str) -> str:
        """Return the cell of a field as it stands; '' when missing."""
        place = self.places.get(name)
        if place is None or place >= len(self.row.cells):
            return ""
        return self.row.cells[place].strip()

    def text(self, name: str, longest: int, label: str) -> str:
        """Return the tidy text of a field."""
        try:
            return clean_text(self.get(name), longest=longest, label=label, field=name)
        except InvalidInput as error:
            self.problems.append(str(error.message))
            return ""

    def number(self) -> str:
        """Return the ticket number."""
        number = unicodedata.normalize("NFKC", self.get("number"))
        if not number:
            self.problems.append(_("The ticket number is missing."))
        elif SHORTENED.fullmatch(number):
            self.problems.append(
                _("The ticket number was cut by a spreadsheet (%(n)s). Export it as text.")
                % {"n": number}
            )
        elif not TICKET.fullmatch(number):
            self.problems.append(_("A ticket number has letters, digits and dashes only."))
        return number

    def moment(self, name: str, *, is_end: bool = False) -> datetime | None:
        """Return a time (aware, Asia/Shanghai); a date alone means its start or its end."""
        text = self.get(name)
        if not text:
            return None
        found = moment_of(text, is_end=is_end)
        if found is None or (not is_end and found > timezone.now() + AHEAD):
            words = {
                "received_at": _("The time of receipt is no past time: %(text)s"),
                "due_at": _("The due time cannot be read: %(text)s"),
            }
            self.problems.append(words[name] % {"text": text[:30]})
            return None
        return found

    def reading(self, profile: Profile) -> Reading | None:
        """Return the position; zeros count as none."""
        lon, lat = self.get("lon"), self.get("lat")
        if not lon and not lat:
            return None
        try:
            place = (float(lon), float(lat))
        except ValueError:
            place = (999.0, 999.0)
        if place == (0.0, 0.0):
            return None
        if not (73 <= place[0] <= 136 and 3 <= place[1] <= 54):
            self.problems.append(
                _("The position is no place in China: %(text)s")
                % {"text": f"{lon[:15]}, {lat[:15]}"}
            )
            return None
        return Reading(*place, datum=profile.datum, source=LocationSource.PIN)

    def contact(self, profile: Profile) -> dict[str, str]:
        """Return what the vault keeps; a number they masked (138****0000) is none."""
        name, phones = self.get("name"), SEPARATORS.split(self.get("phone"))
        phone = next((p for p in phones if p and "*" not in p), "")
        name = "" if "*" in name or plain(name) in profile.nobody else name
        try:
            return contact_fields({"name": name, "phone": phone})
        except InvalidInput as error:
            self.problems.append(str(error.message))
            return {}


def moment_of(text: str, *, is_end: bool = False) -> datetime | None:
    """Read a time as exports write it, or as a spreadsheet's day number; None if it is none.

    Returns aware times (Asia/Shanghai). A date alone means 00:00, or 23:59 with ``is_end``.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    zone = timezone.get_current_timezone()
    if SERIAL.fullmatch(text):
        origin = datetime.combine(SERIAL_ORIGIN, time(), tzinfo=zone)
        # Arithmetic of one zone counts the hours of its clocks, as spreadsheets do.
        found = origin + timedelta(seconds=round(float(text) * 86400))
        has_time = "." in text
    else:
        match = MOMENT.fullmatch(text) or COMPACT.fullmatch(text)
        if match is None:
            return None
        parts = [int(part) for part in match.groups() if part is not None]
        has_time = len(parts) > 3
        hour, minute, second = [*parts[3:], 0, 0, 0][:3]
        try:
            clock = time(hour, minute, second, tzinfo=zone)
            found = datetime.combine(date(*parts[:3]), clock)
        except ValueError:
            return None
    if is_end and not has_time:
        found = found.replace(hour=23, minute=59)
    return found if found.year in YEARS else None


def without_persons(words: str, contact: dict[str, str]) -> tuple[str, bool]:
    """Return ``words`` without mobile numbers and the caller's own name or number.

    Operators write "来电人张三，电话138…" into the content; that belongs into the vault. Also says
    whether anything was taken out.
    """
    told = MOBILES.sub(_("[number withheld]"), words)
    own = contact.get("landline", "")
    name = contact.get("name", "")
    if own:
        told = told.replace(own, _("[number withheld]"))
    if len(name) >= 2:
        told = told.replace(name, _("[name withheld]"))
    return told, told != words
