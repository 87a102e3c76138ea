"""Count the disclosure rate again from open data alone, and compare it with what is published.

    python3 scripts/recompute_rate.py http://127.0.0.1:8000 2026-09

Reads nothing but /data/duties.csv and /data/figures.csv; needs no package. Exit code 1 when the
two differ, 2 when nothing was published for the month.
"""

import csv
import io
import sys
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from urllib.request import urlopen

SHANGHAI = timezone(timedelta(hours=8))
Rows = Iterable[Mapping[str, str]]


def rate(duties: Rows, *, first: date, last: date, as_of: date) -> tuple[int, int]:
    """Return on time and due among ``duties`` due from ``first`` to ``last`` and before ``as_of``.

    What did not arise counts on neither side, unless it was declared late.
    """
    part = whole = 0
    for row in duties:
        due = date.fromisoformat(row["due_on"])
        is_late = row["late"] == "true"
        if not first <= due <= last or due >= as_of or (row["state"] == "none" and not is_late):
            continue
        whole += 1
        part += row["state"] == "met" and not is_late
    return part, whole


def table(address: str) -> list[dict[str, str]]:
    """Fetch one CSV."""
    with urlopen(address, timeout=60) as answer:
        return list(csv.DictReader(io.TextIOWrapper(answer, "utf-8-sig")))


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    site, period = sys.argv[1].rstrip("/"), sys.argv[2]
    first = date.fromisoformat(f"{period}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    figures = table(f"{site}/data/figures.csv?metric=disclosure_rate&period={period}")
    current = [row for row in figures if row["is_current"] == "true"]
    if not current:
        print(f"No disclosure rate is published for {period}.")
        return 2
    shown = current[-1]
    as_of = datetime.fromisoformat(shown["as_of"]).astimezone(SHANGHAI).date()
    duties = table(f"{site}/data/duties.csv?due_on_from={first}&due_on_to={last}")
    part, whole = rate(duties, first=first, last=last, as_of=as_of)
    published = int(float(shown["numerator"])), int(float(shown["denominator"]))
    print(f"{period}: counted again {part}/{whole}, published {published[0]}/{published[1]}")
    return int((part, whole) != published)


if __name__ == "__main__":
    sys.exit(main())
