"""Many prepared reports stored at once: every batch whole, or not at all."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from complaints import numbers
from complaints.models import Case, ExternalTicket, ImportRun
from complaints.performer import Performer
from complaints.services.bulk import insert_objects, next_ids
from complaints.services.intake import (
    Prepared,
    case_prefix,
    first_clock,
    submission_act,
    submission_event,
    submission_record,
    take_numbers,
    ticket_row,
)
from foundation.jobs.services import emit_many
from foundation.ledger.services import append_bulk
from foundation.vault.services import store_many

#: Everybody who reports meanwhile waits for a batch's numbers: about a sixth of a second.
BATCH = 500


def store_batch(
    batch: Sequence[Prepared], *, by: Performer, run: ImportRun | None = None
) -> list[Case]:
    """Store what is not known yet by its ticket; return the new cases.

    The same rules, columns, ledger entries and jobs as a single report. One transaction of about
    ten statements and one for each day of receipt; when somebody else stores the same ticket at the
    same moment, the batch looks again.
    """
    try:
        return _store(batch, by, run)
    except IntegrityError:
        return _store(batch, by, run)


def known_tickets(tickets: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those (system, number) that belong to a case already. One query."""
    found = ExternalTicket.objects.filter(number__in={number for _system, number in tickets})
    return set(found.values_list("system", "number")) & set(tickets)


def _store(batch: Sequence[Prepared], by: Performer, run: ImportRun | None) -> list[Case]:
    with transaction.atomic():
        known = known_tickets([_key(ready) for ready in batch])
        fresh = [ready for ready in batch if _key(ready) not in known]
        if fresh:
            _write(fresh, by, run)
    return [ready.case for ready in fresh]


def _key(ready: Prepared) -> tuple[str, str]:
    ticket = ready.report.ticket
    return (str(ticket.system), ticket.number) if ticket else ("", "")


def _write(fresh: Sequence[Prepared], by: Performer, run: ImportRun | None) -> None:
    clocks = [first_clock(ready.case) for ready in fresh]
    _keep_contacts(fresh)
    emit_many([submission_event(ready.case) for ready in fresh])
    _number([ready.case for ready in fresh])
    for pk, ready, clock in zip(next_ids(Case, len(fresh)), fresh, clocks, strict=True):
        ready.case.pk = pk
        # Set when the case had no key yet.
        clock.case = ready.case
    insert_objects([ready.case for ready in fresh])
    insert_objects(clocks)
    insert_objects([_ticket(ready, run) for ready in fresh])
    entries = append_bulk([submission_record(ready, by) for ready in fresh])
    acts = [submission_act(r, by, seq=seq) for r, seq in zip(fresh, entries, strict=True)]
    insert_objects(acts)


def _ticket(ready: Prepared, run: ImportRun | None) -> ExternalTicket:
    row = ticket_row(ready)
    row.run = run
    return row


def _keep_contacts(fresh: Sequence[Prepared]) -> None:
    reached = [ready for ready in fresh if ready.contact]
    orders = [(ready.case.stream, ready.contact) for ready in reached]
    for ready, record in zip(reached, store_many(kind="complainant", orders=orders), strict=True):
        ready.case.complainant_record = record.id


def _number(cases: Sequence[Case]) -> None:
    """Hand out numbers day by day; the days in order, so that two imports never lock crosswise."""
    by_day: dict[date, list[Case]] = defaultdict(list)
    for case in cases:
        by_day[localdate(case.submitted_at)].append(case)
    for day in sorted(by_day):
        first = take_numbers(day, len(by_day[day])) - len(by_day[day]) + 1
        for running, case in enumerate(by_day[day], start=first):
            case.number = numbers.case_number(case_prefix(), day, running)
