"""The registry of datasets: declared filters only, whole files, promises counted in days."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.metrics import datasets
from foundation.metrics.dataset_files import as_csv, as_json, cell, dictionary_csv, number
from foundation.metrics.dataset_query import BadFilter, filters_of, rows_of
from foundation.metrics.datasets import FREQUENCIES, Column, Dataset, Filters, Registry, Row
from foundation.metrics.timeliness import timeliness

COLUMNS = (
    Column("name", "名称", filter=True),
    Column("kind", "类型", choices={"air": "空气", "water": "水"}, filter=True),
    Column("day", "日期", "date", filter=True),
    Column("at", "时间", "datetime", filter=True),
    Column("value", "数值", "decimal", unit="µg/m³", filter=True),
    Column("secret", "说明"),
)
ROWS: tuple[Row, ...] = (
    ("=1+1", "air", date(2026, 1, 1), datetime(2026, 1, 1, 16, tzinfo=UTC), Decimal("-3.50"), "a"),
    ("甲站", "water", date(2026, 2, 1), None, None, '逗号, "引号"\n换行'),
    ("乙站", "air", date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC), Decimal("NaN"), None),
)


def _entry(**more: Any) -> Dataset:
    def rows(filters: Filters) -> Iterator[Row]:
        yield from ROWS

    return Dataset("stations", "站点", "说明", COLUMNS, rows, lambda: None, "month", **more)


def _read(lines: Iterator[str]) -> list[dict[str, str]]:
    text = "".join(lines)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.once
def test_a_csv_file_says_what_the_rows_say() -> None:
    rows = _read(as_csv(_entry(), Filters()))
    assert [row["name"] for row in rows] == ["'=1+1", "甲站", "乙站"]
    assert rows[0]["at"] == "2026-01-02T00:00:00+08:00"
    assert rows[0]["value"] == "-3.5", "a negative number is no formula"
    assert rows[1]["secret"] == '逗号, "引号"\n换行'
    assert rows[2]["value"] == ""


@pytest.mark.once
def test_a_json_file_says_the_same() -> None:
    said = json.loads("".join(as_json(_entry(), Filters(), {"dataset": "stations"})))
    assert (said["dataset"], said["count"]) == ("stations", 3)
    assert said["rows"][0] == {
        "name": "=1+1", "kind": "air", "day": "2026-01-01", "at": "2026-01-02T00:00:00+08:00",
        "value": -3.5, "secret": "a",
    }  # fmt: skip
    assert said["rows"][2]["value"] is None


@pytest.mark.once
def test_a_file_without_rows_is_whole() -> None:
    wanted = Filters(equal={"name": "nobody"})
    assert _read(as_csv(_entry(), wanted)) == []
    assert json.loads("".join(as_json(_entry(), wanted, {"a": 1}))) == {
        "a": 1, "rows": [], "count": 0,
    }  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "air"}, ["=1+1", "乙站"]),
        ({"day_from": "2026-02-01"}, ["甲站", "乙站"]),
        ({"day_from": "2026-02-01", "day_to": "2026-02-28"}, ["甲站"]),
        ({"at_to": "2026-01-02"}, ["=1+1"]),
        ({"at_from": "2026-01-02T00:00:00 08:00"}, ["=1+1", "乙站"]),
        ({"name": "甲站", "kind": ""}, ["甲站"]),
        ({"limit": "1"}, ["=1+1"]),
    ],
)
def test_filters_hold_even_where_the_dataset_forgot_them(
    query: dict[str, str], found: list[str]
) -> None:
    entry = _entry()
    assert [row[0] for row in rows_of(entry, filters_of(entry, query))] == found


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"secret": "a"}, "没有“secret”这个筛选条件"),
        ({"name__contains": "a"}, "没有“name__contains”这个筛选条件"),
        ({"name_from": "a"}, "没有“name_from”这个筛选条件"),
        ({"kind": "earth"}, "可选：air、water"),
        ({"day": "2026-02-30"}, "请写成 2026-10-31"),
        ({"day": "yesterday"}, "请写成 2026-10-31"),
        ({"at": "9" * 30}, "请写成 2026-10-31T08:00+08:00"),
        ({"value": "NaN"}, "请写成 12.5"),
        ({"value": "1e9"}, "请写成 12.5"),
        ({"value": "١٢"}, "请写成 12.5"),
        ({"name": "a\x00b"}, "内容太长或无法识别"),
        ({"name": "a" * 201}, "内容太长或无法识别"),
        ({"limit": "0"}, "limit 必须是大于 0 的整数"),
        ({"limit": "-1"}, "limit 必须是大于 0 的整数"),
    ],
)
def test_what_is_not_declared_is_refused_in_words(query: dict[str, str], said: str) -> None:
    with pytest.raises(BadFilter, match=re.escape(said)):
        filters_of(_entry(), query)


@pytest.mark.once
@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=4))
def test_no_query_breaks_the_reader(query: dict[str, str]) -> None:
    entry = _entry()
    try:
        wanted = filters_of(entry, query)
    except BadFilter:
        return
    assert set(wanted.equal) <= {column.code for column in entry.filterable}


@pytest.mark.once
@given(st.text())
def test_no_text_starts_a_formula(text: str) -> None:
    bare = cell(text).lstrip(" \n")
    assert len(bare) < 2 or not bare.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.once
@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=4))
def test_numbers_stay_exact(value: Decimal) -> None:
    assert Decimal(number(value)) == value


@pytest.mark.once
def test_the_dictionary_names_every_column() -> None:
    rows = _read(dictionary_csv(_entry()))
    assert [row["column"] for row in rows] == [column.code for column in COLUMNS]
    assert rows[1]["choices"] == "air=空气；water=水"


@pytest.mark.once
@given(st.integers(0, 800), st.sampled_from(sorted(FREQUENCIES)))
def test_late_days_are_those_after_the_promise(age: int, every: str) -> None:
    today = date(2026, 6, 30)
    updated = datetime(2026, 6, 30, 1, tzinfo=UTC) - timedelta(days=age)
    stands = timeliness(FREQUENCIES[every], updated, today)
    days = FREQUENCIES[every].days
    assert stands.late == (0 if days is None else max(0, age - days))
    assert stands.is_kept is (stands.late == 0)


@pytest.mark.once
def test_an_update_counts_on_its_local_day() -> None:
    late_evening = datetime(2026, 6, 29, 17, tzinfo=UTC)  # 01:00 of the 30th in Shanghai
    assert timeliness(FREQUENCIES["day"], late_evening, date(2026, 7, 1)).is_kept
    assert timeliness(FREQUENCIES["day"], late_evening, date(2026, 7, 3)).late == 2


@pytest.mark.once
def test_a_dataset_that_was_never_filled_is_not_late() -> None:
    assert timeliness(FREQUENCIES["month"], None, date(2026, 7, 1)).is_kept


@pytest.mark.once
def test_two_datasets_never_share_a_code() -> None:
    own = Registry()
    own.add(_entry())
    with pytest.raises(ValueError, match="exists already"):
        own.add(_entry())


@pytest.mark.once
@pytest.mark.parametrize("column", ["limit", "Name", "a-b", "名称", ""])
def test_a_column_has_a_name_for_addresses(column: str) -> None:
    entry = Dataset("x", "", "", (Column(column, ""),), lambda f: iter(()), lambda: None, "day")
    with pytest.raises(ValueError, match="columns need names"):
        Registry().add(entry)


@pytest.mark.django_db
def test_every_registered_dataset_gives_rows_of_its_own_shape(district_pack: str) -> None:
    """Types, choices, required and unique, as the dictionary promises them."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str, "url": str, "period": str, "integer": int, "decimal": Decimal,
        "boolean": bool, "date": date, "datetime": datetime,
    }  # fmt: skip
    for entry in datasets.active().ordered():
        seen: dict[str, set[Any]] = {column.code: set() for column in entry.columns}
        for row in rows_of(entry, Filters(limit=300)):
            for column, value in zip(entry.columns, row, strict=True):
                where = f"{entry.code}.{column.code}: {value!r}"
                assert value is None or isinstance(value, kinds[column.type]), where
                assert not column.required or value not in (None, ""), where
                assert not column.choices or value in (*column.choices, "", None), where
                assert not column.unique or value not in seen[column.code], where
                seen[column.code].add(value)


@pytest.mark.django_db
def test_keyset_reads_every_row_once(district_pack: str) -> None:
    from foundation.places.models import Area

    codes = [row[0] for row in datasets.keyset(Area.objects.all(), "code", size=3)]
    assert codes == list(Area.objects.order_by("pk").values_list("code", flat=True))
