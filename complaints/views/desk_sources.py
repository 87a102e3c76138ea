"""What the form for calls says about where a case comes from, read into what services take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.errors import InvalidInput
from complaints.models import Channel, System, Track
from complaints.services.hotline_rows import AHEAD, moment_of
from complaints.services.intake import Ticket

#: What a dispatcher may choose; patrol findings come from the field.
TRACKS = tuple((track.value, track.label) for track in Track if track != Track.PATROL)
SOURCE_FIELDS = ("track", "system", "ticket_number", "ticket_received", "ticket_due")


@dataclass(frozen=True)
class Source:
    """By which way a case came, and under which number others know it."""

    track: Track
    channel: Channel = Channel.PHONE
    ticket: Ticket | None = None
    received_at: datetime | None = None


def source_of(posted: Mapping[str, str]) -> Source:
    """Return where a case comes from. Raises InvalidInput naming the field."""
    chosen = posted.get("track", "")
    track = Track(chosen) if chosen in dict(TRACKS) else Track.REPORT
    system, number = posted.get("system", ""), posted.get("ticket_number", "").strip()
    if not system and not number:
        return Source(track)
    if system not in System.values:
        raise InvalidInput(_("Choose who passed it on."), field="system")
    if not number:
        raise InvalidInput(_("Give their ticket number."), field="ticket_number")
    received = _moment(posted, "ticket_received")
    if received and received > timezone.now() + AHEAD:
        raise InvalidInput(_("This time is still to come."), field="ticket_received")
    ticket = Ticket(System(system), number, _moment(posted, "ticket_due"))
    return Source(track, Channel.TRANSFER, ticket, received)


def _moment(posted: Mapping[str, str], name: str) -> datetime | None:
    text = posted.get(name, "").strip()
    if not text:
        return None
    found = moment_of(text, is_end=name == "ticket_due")
    if found is None:
        raise InvalidInput(_("Write the time like 2026-10-12 09:30."), field=name)
    return found
