"""The desk's list as a file: made in the background, sealed, fetched by who asked, then deleted.

No column holds words of a reporter or a person; a file is a copy that nobody can call back.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput
from complaints.models import Case, Export
from complaints.performer import Performer
from complaints.policies import DESK_ROLES
from complaints.selectors.desk import QueueFilter, matching
from complaints.selectors.relations import attach_relations
from complaints.services.hotline_file import guarded
from foundation.accounts.access import access_of
from foundation.jobs.services import emit
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.media.files import write_whole
from foundation.places.selectors import full_name
from foundation.vault.services import open_sealed, seal

TOPIC = "export.asked"
KEPT = timedelta(days=7)
CHUNK = 2000
#: One person has so many files under way at once.
AT_ONCE = 3
State = Export.State
Told = Callable[[int], bool]


def ask_export(*, by: Performer, query: str, file_format: str) -> Export:
    """Queue a file of the cases that ``query`` (the desk's query string) shows.

    Raises InvalidInput (no such format) and ActionRefused (too many under way).
    """
    if file_format not in Export.Format.values:
        raise InvalidInput(_("Choose CSV or Excel."), field="format")
    person = int(by.actor.id)
    under_way = Export.objects.filter(
        asked_by_id=person, state__in=[State.WAITING, State.RUNNING]
    ).count()
    if under_way >= AT_ONCE:
        raise ActionRefused(_("Three files are being made for you; wait for one of them."))
    with transaction.atomic():
        made = Export.objects.create(
            asked_by_id=person, query=query[:400], format=file_format, asked_at=timezone.now()
        )
        emit(TOPIC, key=str(made.uid), payload={"export": str(made.uid)})
        _write_down(made, "asked", by.actor)
    return made


def make_export(*, uid: UUID) -> None:
    """Make the file; the worker's part. Idempotent: a second go begins anew."""
    export = Export.objects.select_related("asked_by").filter(pk=uid).first()
    if export is None or export.is_over:
        return
    cases = _cases(export)
    Export.objects.filter(pk=uid).update(state=State.RUNNING, total=len(cases), done=0)
    with translation.override(settings.LANGUAGE_CODE):
        made = _as_file(export, cases, lambda done: _noted(export, done))
    state = State.STOPPED if made is None else State.DONE
    if made is not None:
        write_whole(_path(export), seal(made, context=_context(export)))
    with transaction.atomic():
        Export.objects.filter(pk=uid).update(state=state, finished_at=timezone.now())
        _write_down(export, str(state), Actor.system("worker"))


def _cases(export: Export) -> list[int]:
    """Return the ids of the cases that the person may see today and the filter shows."""
    access = access_of(export.asked_by)
    if not access.has(*DESK_ROLES):
        return []
    by = Performer(Actor("staff", str(export.asked_by_id)), access=access)
    wanted = QueueFilter.from_query(QueryDict(export.query).dict())
    return list(matching(by, wanted).order_by("pk").values_list("pk", flat=True))


def _noted(export: Export, done: int) -> bool:
    """Write down how far it is; False when somebody asked to stop. Two statements."""
    Export.objects.filter(pk=export.pk).update(done=done)
    return not Export.objects.filter(pk=export.pk, is_stopping=True).exists()


def _as_file(export: Export, ids: Sequence[int], tell: Told) -> bytes | None:
    write = _csv if export.format == Export.Format.CSV else _xlsx
    rows = _rows(ids, tell)
    try:
        return write(rows)
    except _Stopped:
        return None


class _Stopped(Exception):
    """Somebody asked to stop."""


def _rows(ids: Sequence[int], tell: Told) -> Iterator[list[str]]:
    """Yield the heading and a row a case; two queries a chunk. Memory: one chunk."""
    yield [str(heading) for heading in headings()]
    for start in range(0, len(ids), CHUNK):
        if not tell(start):
            raise _Stopped
        cases = list(Case.objects.filter(pk__in=ids[start : start + CHUNK]).order_by("pk"))
        attach_relations(cases)
        for case in cases:
            yield [guarded(cell) for cell in _cells(case)]
    tell(len(ids))


def headings() -> list[str]:
    """Return what the columns are called."""
    return [
        _("Case number"), _("State"), _("Category"), _("Urgency"), _("Track"), _("Channel"),
        _("Place"), _("Owner"), _("Submitted"), _("Accepted"), _("Answer due"), _("Answered"),
        _("Closed on"), _("Rating"), _("Times urged"), _("Times reopened"), _("Supervised"),
    ]  # fmt: skip


def _cells(case: Case) -> list[str]:
    owner = full_name(case.owner_grid) if case.owner_grid else case.owner_department
    return [
        case.number,
        str(case.spec.label),
        case.category.name if case.category else "",
        str(case.get_urgency_display()),
        str(case.get_track_display()),
        str(case.get_channel_display()),
        full_name(case.area) if case.area else "",
        str(owner or ""),
        _moment(case.submitted_at),
        _moment(case.accepted_at),
        _moment(case.handling_due_at),
        _moment(case.replied_at),
        _moment(case.closed_at),
        str(case.rating or ""),
        str(case.urge_count or ""),
        str(case.reopen_count or ""),
        _("yes") if case.is_supervised else "",
    ]


def _moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _csv(rows: Iterator[list[str]]) -> bytes:
    """CSV as spreadsheet programs here open it: UTF-8 with a mark, CRLF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _xlsx(rows: Iterator[list[str]]) -> bytes:
    """A workbook whose cells are all texts; rows leave the memory as they are written."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False,
               "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return buffer.getvalue()


def stop_export(*, export: Export, by: Performer) -> None:
    """Stop a file under way. Raises ActionRefused when it is over."""
    if export.is_over:
        raise ActionRefused(_("This file is over already."))
    with transaction.atomic():
        Export.objects.filter(pk=export.pk).update(is_stopping=True)
        _write_down(export, "stop_asked", by.actor)


def fetch_export(*, export: Export, by: Performer) -> bytes:
    """Return the finished file to who asked for it; written down. Raises CaseNotFound."""
    try:
        sealed = _path(export).read_bytes()
    except FileNotFoundError as gone:
        raise CaseNotFound(_("The file was deleted after seven days.")) from gone
    with transaction.atomic():
        _write_down(export, "taken", by.actor)
    return open_sealed(sealed, context=_context(export))


def forget_exports() -> int:
    """Delete files older than a week; return how many."""
    old = Export.objects.filter(asked_at__lt=timezone.now() - KEPT).exclude(state=State.GONE)
    exports = list(old[:1000])
    for export in exports:
        _path(export).unlink(missing_ok=True)
    Export.objects.filter(pk__in=[e.pk for e in exports]).update(state=State.GONE)
    return len(exports)


def _path(export: Export) -> Path:
    return Path(settings.SEALED_ROOT) / "exports" / f"{export.uid.hex}.sealed"


def _context(export: Export) -> str:
    return f"export:{export.uid}"


def _write_down(export: Export, what: str, actor: Actor) -> None:
    data = {"format": export.format, "query": export.query, "count": export.total}
    append(stream=f"export:{export.uid}", action=f"export.{what}", actor=actor, data=data)
