"""Reading tables: any encoding, delimiter and shape; whatever comes, an answer and no crash."""

import csv
from io import StringIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from complaints.sheets import Row, Sheet, SheetRefused, open_sheet
from tests.complaints.tables import HEADER, as_csv, as_workbook, row

NAMES = set(HEADER)
#: Text as people write it: Chinese, Latin, digits, signs, line breaks; no lone surrogates.
WORDS = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x9FFF, exclude_categories=["Cs", "Cn", "Co"])
    | st.sampled_from("油烟扰民施工噪音，。“”,;\t\"'\n"),
    max_size=25,
)
CELLS = st.lists(st.lists(WORDS, min_size=2, max_size=10), min_size=1, max_size=8)


def score(cells: Any) -> int:
    return len(NAMES & set(cells))


def opened(data: bytes) -> Sheet:
    return open_sheet(data, score=score)


def tidy(cells: list[str]) -> tuple[str, ...]:
    found = [cell.replace("\r", "\n").strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def read_or_refused(data: bytes) -> bool:
    """Whether a file gives rows, or a sentence that says why it does not."""
    try:
        return all(isinstance(found, Row) for found in opened(data).rows())
    except SheetRefused as refused:
        return bool(str(refused.sentence))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_usual_encodings_and_delimiters_are_told_apart(encoding: str, sep: str) -> None:
    rows = [row("CZ-1"), row("CZ-2", 诉求内容='含逗号，分号;和"引号"\n还有换行')]
    sheet = opened(as_csv(rows, encoding=encoding, sep=sep))
    assert list(sheet.header) == HEADER
    assert [list(found.cells) for found in sheet.rows()] == rows


@settings(max_examples=120, deadline=None)
@given(CELLS, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_whatever_was_written_is_read_back(rows: list[list[str]], encoding: str) -> None:
    text = StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    # Any cell that our own guard or Excel's could have made is undone; leave those out.
    if any(cell.lstrip().startswith(("'", '="')) for found in rows for cell in found):
        return
    # One short line can be both encodings; a file of Chinese rows cannot.
    body = text.getvalue() + "这一行说明编码是哪一种,第二格\r\n" * 20
    sheet = opened(body.encode(encoding))
    found = [one.cells for one in sheet.rows()][: -20 or None]
    wanted = [tidy(cells) for cells in rows]
    assert [c for c in found if any(c)] == [c for c in wanted if any(c)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(b"PK\x05\x06" + b"\x00" * 18)
@example(b'"' * 9)
@example(b"\x00" * 40)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert read_or_refused(data)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused(tail: bytes, place: int, value: int) -> None:
    data = bytearray(WORKBOOK)
    data[place % len(data)] = value
    assert read_or_refused(bytes(data) + tail)


WORKBOOK = as_workbook(lambda sheet: [sheet.append(HEADER), sheet.append(row("CZ-1"))])


def test_lines_of_another_encoding_in_one_file_are_read_and_broken_ones_marked() -> None:
    data = as_csv([row("CZ-1"), row("CZ-2")])
    data += ",".join(row("CZ-3")).encode("gb18030") + b"\r\n"
    data += b"CZ-4,\xff\xff\xfe\r\n"
    rows = list(opened(data).rows())
    assert [found.garbled for found in rows] == [False, False, False, True]
    assert list(rows[2].cells) == row("CZ-3")
    gbk = as_csv([row("CZ-1"), row("CZ-2")], encoding="gb18030")
    glued = list(opened(gbk + ",".join(row("CZ-3")).encode() + b"\n").rows())
    assert list(glued[2].cells) == row("CZ-3")


def test_ragged_and_empty_rows_keep_their_line_numbers() -> None:
    data = (
        "说明：十月\n\n" + ",".join(HEADER) + "\nCZ-1,2026-10-12\n,,,\nCZ-2,a,b,c,d,e,f,g,h,i,j,k\n"
    )
    found = {one.line: len(one.cells) for one in opened(data.encode()).rows()}
    assert found == {4: 2, 6: 12}


def test_numbers_that_excel_was_told_to_leave_alone_are_unpacked() -> None:
    data = as_csv([row('="00123"'), row("'=1+1")])
    assert [one.cells[0] for one in opened(data).rows()] == ["00123", "=1+1"]


def test_a_packed_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("complaints.sheets.LARGEST_UNPACKED", 10_000)
    data = as_workbook(lambda sheet: [sheet.append(["臭"] * 9) for _ in range(900)] and None)
    with pytest.raises(SheetRefused, match="展开"):
        opened(data)


def test_merged_cells_count_for_each_row_and_column() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["", *HEADER])
        for number in range(4):
            sheet.append(["", *row(f"CZ-{number}", 街道="")])
        sheet["H3"] = "红梅街道"
        sheet.merge_cells("H3:H4")

    rows = [one.cells[6] for one in opened(as_workbook(fill)).rows()]
    assert rows == ["", "红梅街道", "红梅街道", ""]
