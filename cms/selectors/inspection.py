"""What a site inspection would veto, found before it does (国办秘函〔2019〕19号).

Home page without news for two weeks, columns without news for two weeks (动态) or six months
(通知、科普), columns and sections with nothing in them, requests that nobody answered for three
months.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max
from django.utils import timezone

from cms.models import NewsColumn, NewsPage, SectionPage

FRESH = timedelta(days=14)
SLOW = timedelta(days=183)
STALE_AFTER = {NewsColumn.NEWS: FRESH, NewsColumn.NOTICE: SLOW, NewsColumn.GUIDE: SLOW}


@dataclass(frozen=True)
class Alarm:
    """One finding: "empty" or "stale", what it is about, and since when (None: ever)."""

    code: str
    name: str
    href: str
    since: date | None = None


def alarms(today: date | None = None) -> list[Alarm]:
    """Return what an inspection would find today. 2 queries."""
    today = today or timezone.localdate()
    return [*_columns(today), *_sections()]


def _columns(today: date) -> list[Alarm]:
    newest = {
        row["column"]: row["newest"]
        for row in NewsPage.objects.live()
        .order_by()
        .values("column")
        .annotate(newest=Max("published_on"))
    }
    found = []
    for column, longest in STALE_AFTER.items():
        href, name = f"/news/?column={column}", str(column.label)
        if column not in newest:
            found.append(Alarm("empty", name, href))
        elif today - newest[column] > longest:
            found.append(Alarm("stale", name, href, newest[column]))
    return found


def _sections() -> list[Alarm]:
    """Sections that open to nothing: their own words do not make up for it."""
    empty = SectionPage.objects.live().filter(numchild=0)
    return [Alarm("empty", page.title, page.url or "/") for page in empty]
