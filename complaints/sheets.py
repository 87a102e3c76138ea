"""Reading tables that other systems export: CSV in any usual encoding, XLSX, XLS. Pure.

Nothing is trusted: not the file's name, not its encoding, not that the header comes first.
"""

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from complaints.workflow import Text

#: Bytes of one file, and of everything packed into a workbook: a bomb is refused, not unpacked.
LARGEST = 60_000_000
LARGEST_UNPACKED = 400_000_000
#: A header stands behind at most so many rows of titles and notes.
HEADER_WITHIN = 20
#: One cell longer than this, or with more lines, is a quotation mark that was never closed.
LONGEST_CELL = 20_000
MOST_LINES = 200
MOST_COLUMNS = 200
DELIMITERS = ",\t;，|"
GARBLED = "\ufffd"
PROTECTED = re.compile(r'="(.*)"')
#: Our own lists of problems put an apostrophe before what a spreadsheet would take for a formula.
GUARDED = re.compile(r"^'(?=\s*[=+\-@＝＋－＠])")
#: What the zip library raises on archives that are damaged, encrypted or of an odd kind.
BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
Score = Callable[[Sequence[str]], int]


class SheetRefused(Exception):
    """The file as a whole cannot be read; ``sentence`` says what to do."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (from 1) and its cells as text. ``garbled``: not readable."""

    line: int
    cells: tuple[str, ...]
    garbled: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """A table that was opened: its header, where that stands, and its rows as often as asked."""

    header: tuple[str, ...]
    header_line: int
    name: str
    read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header that hold anything."""
        for row in self.read():
            if row.line > self.header_line and not row.is_empty:
                yield row


def open_sheet(data: bytes, *, score: Score) -> Sheet:
    """Open a file; ``score`` says how much a row looks like the header wanted (0 = not at all).

    A workbook's hidden sheets are passed over. Raises SheetRefused when it is no table at all; a
    table without a fitting header comes back with its best row, for the caller to judge.
    """
    if len(data) > LARGEST:
        raise SheetRefused(_("The file is larger than 60 MB. Please export a shorter period."))
    if not data.strip():
        raise SheetRefused(_("The file is empty."))
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _best([_workbook_sheet(sheet) for sheet in _visible_sheets(data)], score)
    return _best([_text_sheet(data, delimiter) for delimiter in _delimiters(data)], score)


@dataclass(frozen=True)
class _Source:
    name: str
    read: Callable[[], Iterator[Row]]


def _best(sources: list[_Source], score: Score) -> Sheet:
    """Choose the source and the row that look most like the header."""
    found: tuple[int, Row, _Source] | None = None
    for source in sources:
        for row in _first(source.read(), HEADER_WITHIN):
            points = score(row.cells)
            if found is None or points > found[0]:
                found = (points, row, source)
    if found is None:
        raise SheetRefused(_("The file holds no rows."))
    _points, row, source = found
    return Sheet(row.cells, row.line, source.name, source.read)


def _first(rows: Iterator[Row], count: int) -> Iterator[Row]:
    for row in rows:
        if row.is_empty:
            continue
        yield row
        count -= 1
        if not count:
            return


# -- text ---------------------------------------------------------------------------------------


def _delimiters(data: bytes) -> list[str]:
    """Return the delimiters that occur near the top at all, the comma first; at least one."""
    top = "".join(text for text, _bad in _first_lines(data))
    return [sign for sign in DELIMITERS if sign in top] or [","]


def _first_lines(data: bytes) -> list[tuple[str, bool]]:
    lines = _decoded(data[:65536])
    return [line for _place, line in zip(range(HEADER_WITHIN), lines, strict=False)]


def _text_sheet(data: bytes, delimiter: str) -> _Source:
    return _Source("", lambda: _csv_rows(data, delimiter))


def _csv_rows(data: bytes, delimiter: str) -> Iterator[Row]:
    """Yield rows; a quotation mark that never closes is refused by the line it opens on."""
    garbled: set[int] = set()
    reader = csv.reader(_noting(_decoded(data), garbled), delimiter=delimiter)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unclosed(line) from error
        if reader.line_num - line > MOST_LINES or any(len(cell) > LONGEST_CELL for cell in cells):
            raise _unclosed(line)
        lines = set(range(line, reader.line_num + 1))
        yield Row(line, _tidy(cells), bool(garbled & lines))
        garbled -= lines
        line = reader.line_num + 1


def _unclosed(line: int) -> SheetRefused:
    words = _("Row %(line)d: a quotation mark is opened and never closed. Please export it again.")
    return SheetRefused(words % {"line": line})


def _tidy(cells: Sequence[str]) -> tuple[str, ...]:
    found = [_unprotected(cell.replace("\x00", "").strip()) for cell in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _unprotected(cell: str) -> str:
    """Undo what keeps Excel from cutting zeros (``="00123"``) and from calculating (``'=1``)."""
    match = PROTECTED.fullmatch(cell)
    return match[1] if match else GUARDED.sub("", cell, count=1)


def _noting(lines: Iterator[tuple[str, bool]], garbled: set[int]) -> Iterator[str]:
    for place, (text, is_bad) in enumerate(lines, start=1):
        if is_bad:
            garbled.add(place)
        yield text


def _decoded(data: bytes) -> Iterator[tuple[str, bool]]:
    """Yield the lines as text, each with whether it could not be read whole.

    UTF-16 is told by its mark or its zero bytes. Otherwise most lines decide between UTF-8 and
    GB18030, and a line that does not fit is read as the other: exports are glued together.
    """
    wide = _wide_encoding(data)
    if wide:
        for line in StringIO(data.decode(wide, "replace").lstrip("\ufeff"), newline=None):
            yield line, GARBLED in line
        return
    data = data.removeprefix(codecs.BOM_UTF8)
    is_utf8 = _mostly_utf8(data)
    for raw in _raw_lines(data):
        yield _line(raw, is_utf8)


def _wide_encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    top = data[:2000]
    if top.count(0) < len(top) // 10:
        return ""
    return "utf-16-le" if top[1::2].count(0) >= top[0::2].count(0) else "utf-16-be"


def _raw_lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines with their ends; old Macs end a line with CR alone."""
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end


def _mostly_utf8(data: bytes) -> bool:
    """Whether most lines with Chinese are UTF-8: GB text of a few words is so only by accident."""
    good = bad = 0
    for raw in _raw_lines(data):
        if raw.isascii():
            continue
        if _fits(raw, "utf-8"):
            good += 1
        else:
            bad += 1
        if good + bad >= 2000:
            break
    return good >= bad


def _fits(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _line(raw: bytes, is_utf8: bool) -> tuple[str, bool]:
    first, second = ("utf-8", "gb18030") if is_utf8 else ("gb18030", "utf-8")
    if not is_utf8 and not raw.isascii() and _surely_utf8(raw):
        first, second = second, first
    for encoding in (first, second):
        try:
            return raw.decode(encoding), False
        except UnicodeDecodeError:
            continue
    return raw.decode(first, "replace"), True


def _surely_utf8(raw: bytes) -> bool:
    """Whether a line of a GB18030 file is UTF-8 all the same: several signs of three bytes fit."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(sign >= "\u3000" for sign in text) >= 3


# -- workbooks ----------------------------------------------------------------------------------


def _visible_sheets(data: bytes) -> list[CalamineSheet]:
    _check_size(data)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        names = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]
        sheets = [book.get_sheet_by_name(name) for name in names]
    except (CalamineError, OSError, ValueError) as error:
        raise SheetRefused(
            _("The workbook cannot be opened. Please save it again as XLSX or CSV.")
        ) from error
    found = [sheet for sheet in sheets if sheet.height and sheet.width]
    if not found:
        raise SheetRefused(_("The workbook has no visible sheet with rows."))
    if any(sheet.width > MOST_COLUMNS for sheet in found):
        raise SheetRefused(_("A sheet of the workbook is too wide to be an export."))
    return found


def _check_size(data: bytes) -> None:
    """Unpack once and count, because what a packed file says of its own size may be a lie."""
    if not data.startswith(b"PK"):
        return
    unpacked = 0
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    while part := file.read(1 << 20):
                        unpacked += len(part)
                        if unpacked > LARGEST_UNPACKED:
                            raise SheetRefused(_("The workbook is too large when unpacked."))
    except BROKEN_ARCHIVE as error:
        raise SheetRefused(
            _("The workbook cannot be opened. Please save it again as XLSX or CSV.")
        ) from error


def _workbook_sheet(sheet: CalamineSheet) -> _Source:
    return _Source(sheet.name, lambda: _workbook_rows(sheet))


def _workbook_rows(sheet: CalamineSheet) -> Iterator[Row]:
    """Yield rows; what stands in merged cells counts for each of them."""
    merged = _Merged(sheet)
    for place, values in enumerate(sheet.iter_rows()):
        cells = merged.filled(place, [_text(value) for value in values])
        yield Row(place + 1, _tidy(cells), any(GARBLED in cell for cell in cells))


class _Merged:
    """Merged cells of a sheet: (first row, first column) to (last row, last column), from 0."""

    def __init__(self, sheet: CalamineSheet) -> None:
        try:
            ranges = sheet.merged_cell_ranges or []
        except CalamineError:
            ranges = []
        self.by_row: dict[int, list[Any]] = {}
        for found in ranges:
            # Rows come from the sheet's first column that holds anything; boxes count from A.
            first = sheet.start[1] if sheet.start else 0
            top, bottom = found[0][0], found[1][0]
            left, right = found[0][1] - first, found[1][1] - first
            # A box over the whole sheet is a frame, not a value.
            if bottom - top > 100_000 or left < 0 or right >= MOST_COLUMNS:
                continue
            self.by_row.setdefault(top, []).append([bottom, left, right, ""])
        self.open: list[Any] = []

    def filled(self, place: int, cells: list[str]) -> list[str]:
        """Return ``cells`` of row ``place`` with the values of the boxes that it is part of."""
        fresh = self.by_row.get(place, [])
        for box in fresh:
            box[3] = cells[box[1]] if box[1] < len(cells) else ""
        self.open = [box for box in self.open if box[0] >= place] + fresh
        for _bottom, left, right, value in self.open:
            cells[left : right + 1] = [cell or value for cell in cells[left : right + 1]]
        return cells


def _text(value: Any) -> str:
    """Return a cell as text. A number too long for Excel to keep is written ``3.2E+17``."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        if abs(value) >= 1e15:
            return f"{value:E}"
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value)
