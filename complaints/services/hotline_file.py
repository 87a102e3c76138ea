"""A whole 12345 file: checked row by row first, then stored in batches; nothing half-imported.

docs/adr/0011: a wrong file is refused before anything is written; a row is stored whole or listed
with its problems; a batch is one transaction; a second run goes on where the first one ended,
because a ticket's number belongs to one case.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from complaints.hotline import profile
from complaints.models import ImportRun
from complaints.performer import Performer
from complaints.services.hotline_rows import Checked, RowReader
from complaints.services.hotline_store import BATCH, known_tickets, store_batch
from complaints.services.intake import Prepared
from complaints.sheets import Row, Sheet, SheetRefused, open_sheet

#: Whoever opens the list of problems in a spreadsheet must not run what a caller dictated.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
MOST_ROWS = 100_000
CHECK_STEP = 1000


@dataclass
class Progress:
    """How far it is. ``problems`` is the list of rows that were not taken, as CSV text."""

    total: int = 0
    checked: int = 0
    stored: int = 0
    known: int = 0
    bad: int = 0
    is_storing: bool = False
    is_stopped: bool = False
    problems: StringIO = field(default_factory=StringIO, repr=False)

    @property
    def problems_file(self) -> bytes:
        """The rows with problems for a spreadsheet: UTF-8 with its mark."""
        return self.problems.getvalue().encode("utf-8-sig")


#: Hears how far it is; returns False to stop.
Told = Callable[[Progress], bool]


def import_hotline(
    *,
    data: bytes,
    by: Performer,
    run: ImportRun | None = None,
    dry_run: bool = False,
    tell: Told = lambda progress: True,
) -> Progress:
    """Check the whole file, then store its good rows. Raises SheetRefused when it is no export.

    ``dry_run`` writes nothing. Doing it again stores only what is not there yet. One query per
    thousand rows while checking, about fifteen statements per ``BATCH`` rows while storing.
    """
    wanted = profile()
    sheet = open_sheet(data, score=wanted.score)
    complaint = wanted.complaint(sheet.header)
    if complaint:
        raise SheetRefused(complaint)
    progress, reader = Progress(), RowReader(sheet, wanted)
    done_with = _check_all(reader, progress, tell)
    if dry_run or progress.is_stopped:
        return progress
    progress.is_storing = True
    _store_all(reader, done_with, progress, by=by, run=run, tell=tell)
    return progress


def _check_all(reader: RowReader, progress: Progress, tell: Told) -> set[int]:
    """Check every row; return the lines that need no storing: known already, or with problems.

    The problems are written down.
    """
    done_with: set[int] = set()
    seen: dict[str, int] = {}
    writer = csv.writer(progress.problems)
    writer.writerow(
        [
            pgettext("import", "Row"),
            *map(guarded, reader.sheet.header),
            pgettext("import", "Problem"),
        ]
    )
    for rows in _lots(reader.sheet.rows(), CHECK_STEP):
        checked = [_without_double(reader.check(row), seen) for row in rows]
        for one in checked:
            if one.problems:
                done_with.add(one.row.line)
                writer.writerow(_problem_row(one, reader.sheet))
        progress.total = progress.checked = progress.checked + len(checked)
        if progress.total > MOST_ROWS:
            raise SheetRefused(_("The file has more than 100,000 rows. Please split it."))
        progress.bad += sum(bool(one.problems) for one in checked)
        known = _known_lines(checked, reader.profile.system)
        progress.known += len(known)
        done_with |= known
        if not tell(progress):
            progress.is_stopped = True
            break
    return done_with


def _known_lines(checked: list[Checked], system: str) -> set[int]:
    good = {(system, one.number): one.row.line for one in checked if not one.problems}
    return {good[ticket] for ticket in known_tickets(list(good))}


def _without_double(one: Checked, seen: dict[str, int]) -> Checked:
    """Refuse a second row with a ticket number that a good row before it has."""
    if one.problems:
        return one
    first = seen.setdefault(one.number, one.row.line)
    if first == one.row.line:
        return one
    words = _("Row %(line)d has the same ticket number.") % {"line": first}
    return Checked(one.row, one.number, problems=(words,))


def _store_all(
    reader: RowReader,
    done_with: set[int],
    progress: Progress,
    *,
    by: Performer,
    run: ImportRun | None,
    tell: Told,
) -> None:
    left = (row for row in reader.sheet.rows() if row.line not in done_with)
    for rows in _lots(left, BATCH):
        batch: list[Prepared] = [one.ready for one in map(reader.check, rows) if one.ready]
        made = len(store_batch(batch, by=by, run=run))
        progress.stored += made
        progress.known += len(batch) - made
        if not tell(progress):
            progress.is_stopped = True
            return


def _lots(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    lot: list[Row] = []
    for row in rows:
        lot.append(row)
        if len(lot) == size:
            yield lot
            lot = []
    if lot:
        yield lot


def _problem_row(one: Checked, sheet: Sheet) -> list[str | int]:
    """Return the row as it came, its line first and all of its problems last."""
    cells = list(one.row.cells) + [""] * (len(sheet.header) - len(one.row.cells))
    told = pgettext("list", "; ").join(p.rstrip(".。") for p in one.problems)
    return [one.row.line, *map(guarded, cells), guarded(told)]


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula (threats.md 10)."""
    return f"'{cell}" if cell.lstrip(" \n").startswith(FORMULA_SIGNS) else cell
