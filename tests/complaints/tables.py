"""Hotline exports for tests: rows as CSV bytes in any encoding, or as a workbook."""

import csv
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook

HEADER = ["工单编号", "受理时间", "诉求类型", "问题分类", "诉求内容", "发生地址", "街道", "来电人",
          "联系电话", "办理期限"]  # fmt: skip


def row(number: str, **but: str) -> list[str]:
    """A good row; ``but`` replaces columns by their Chinese names."""
    known = {
        "工单编号": number,
        "受理时间": "2026-10-12 09:30:00",
        "诉求类型": "投诉",
        "问题分类": "餐饮油烟扰民",
        "诉求内容": "楼下饭店油烟直排，影响居民生活",
        "发生地址": "红梅南路18号",
        "街道": "天宁区红梅街道",
        "来电人": "钱多多",
        "联系电话": "13861234567",
        "办理期限": "2026-10-20",
    }
    return list({**known, **but}.values())


def as_csv(rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", sep: str = ",") -> bytes:
    """``rows`` below the usual header as CSV bytes."""
    text = StringIO()
    csv.writer(text, delimiter=sep).writerows([HEADER, *rows])
    return text.getvalue().encode(encoding)


def as_workbook(fill: Callable[[Any], None], *, sheet: str = "工单") -> bytes:
    """A workbook whose one sheet ``fill`` fills (openpyxl)."""
    book = Workbook()
    book.active.title = sheet
    fill(book.active)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()
