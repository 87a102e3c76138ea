"""Months, quarters and years of local time (Asia/Shanghai). No ORM, no I/O."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

ZONE = ZoneInfo("Asia/Shanghai")
Kind = Literal["month", "quarter", "year"]
MONTHS: dict[Kind, int] = {"month": 1, "quarter": 3, "year": 12}
PATTERN = re.compile(
    r"(?P<year>20\d\d|19\d\d)(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?"
)


@dataclass(frozen=True)
class Period:
    """A stretch of days from ``start`` to before ``end``.

    ``as_of`` limits what may be known: a metric counts only what had happened at ``horizon``, and
    so the figure of any past moment can be computed again.
    """

    start: date
    end: date
    as_of: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read ``2026-10``, ``2026-Q4`` or ``2026``; raises ValueError with a sentence."""
        match = PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a period: write 2026-10, 2026-Q4 or 2026.")
        year = int(match["year"])
        if match["month"]:
            return cls._of(year, int(match["month"]), 1)
        if match["quarter"]:
            return cls._of(year, 3 * int(match["quarter"]) - 2, 3)
        return cls._of(year, 1, 12)

    @classmethod
    def holding(cls, moment: datetime, kind: Kind = "month") -> "Period":
        """Return the period of ``kind`` that holds an aware ``moment``, by local time."""
        local = moment.astimezone(ZONE)
        length = MONTHS[kind]
        return cls._of(local.year, (local.month - 1) // length * length + 1, length)

    @classmethod
    def _of(cls, year: int, month: int, length: int) -> "Period":
        return cls(date(year, month, 1), _first_of(year, month + length))

    @property
    def kind(self) -> Kind:
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        return {1: "month", 3: "quarter", 12: "year"}[months]  # type: ignore[return-value]

    @property
    def start_at(self) -> datetime:
        """First moment (aware, Asia/Shanghai)."""
        return datetime.combine(self.start, time(), ZONE)

    @property
    def end_at(self) -> datetime:
        """First moment after the period (aware, Asia/Shanghai)."""
        return datetime.combine(self.end, time(), ZONE)

    @property
    def horizon(self) -> datetime:
        """The moment whose knowledge counts: ``as_of``, or now (aware)."""
        return self.as_of or datetime.now(UTC)

    def previous(self) -> "Period":
        """Return the period of the same kind just before."""
        length = MONTHS[self.kind]
        first = _first_of(self.start.year, self.start.month - length)
        return Period(first, self.start)

    def known_at(self, moment: datetime) -> "Period":
        """Return the same period as it was known at ``moment`` (aware)."""
        return replace(self, as_of=moment)

    @property
    def label(self) -> str:
        """The period as people say it: 2026年11月, 2026年第4季度, 2026年."""
        words = {
            "month": date_format(self.start, "YEAR_MONTH_FORMAT"),
            "quarter": _("quarter %(quarter)d of %(year)d"),
            "year": pgettext("period", "%(year)d"),
        }[self.kind]
        return words % {"year": self.start.year, "quarter": (self.start.month + 2) // 3}

    def __str__(self) -> str:
        if self.kind == "month":
            return f"{self.start:%Y-%m}"
        if self.kind == "quarter":
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        return str(self.start.year)


def _first_of(year: int, month: int) -> date:
    """First day of ``month``, which may lie outside 1…12."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
