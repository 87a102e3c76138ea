"""Numbers that other systems gave to a case."""

import unicodedata

from complaints.models import Case, Channel, ExternalTicket
from complaints.performer import Performer
from complaints.policies import visible

#: Ways in that bring a ticket along: other cases are not asked for one.
WITH_TICKET = frozenset({Channel.IMPORT, Channel.TRANSFER})


def tickets_of(case: Case) -> tuple[ExternalTicket, ...]:
    """Return the tickets of ``case``: one query for cases that others passed on, else none."""
    if case.channel not in WITH_TICKET:
        return ()
    return tuple(ExternalTicket.objects.filter(case=case).order_by("pk"))


def number_by_ticket(performer: Performer, typed: str) -> str:
    """Return the number of the one case that has the ticket ``typed`` exactly, or ''.

    Only cases that the performer may see today; nothing when two systems use the number. One query
    on the index of tickets.
    """
    number = unicodedata.normalize("NFKC", typed.replace("\x00", "")).strip()[:64]
    if not number:
        return ""
    found = Case.objects.filter(visible(performer.access), tickets__number=number)
    numbers = list(found.values_list("number", flat=True)[:2])
    return numbers[0] if len(numbers) == 1 else ""
