"""Inside a world of its own: five years of duties of 200 firms, and what reading them costs."""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import inside  # sets Django up
from django.db import connection, transaction
from django.utils import timezone

from cms.handlers import look_at_all
from cms.models import (
    CatalogueItem,
    DisclosureIndexPage,
    DisclosurePage,
    Duty,
    DutyRule,
    DutyState,
    DutyTally,
    Enterprise,
    EnterpriseListing,
    Evidence,
    EvidenceKind,
)
from cms.services.rota import keep_rota
from cms.services.tallies import retally
from foundation.places.models import Department

FIRMS, YEARS = 200, 5
REPEATS = 9
#: Duties that a night makes and looks at; the aim is 60 s per 100,000.
NIGHTLY = 20_000


def timed(ask: Callable[[], Any]) -> float:
    """Return the middle of nine warm runs in milliseconds."""
    ask()
    found = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)[REPEATS // 2]


def _firms() -> None:
    ecology = Department.objects.get(code="ecology")
    Enterprise.objects.bulk_create(
        Enterprise(code=f"91320402BENCH{n:05d}", name=f"企业{n}", supervisor=ecology)
        for n in range(FIRMS)
    )
    listings = [
        EnterpriseListing(enterprise=firm, list_code=code, valid_from=date(2015, 1, 1))
        for firm in Enterprise.objects.all()
        for code in ("key", "disclose")
    ]
    EnterpriseListing.objects.bulk_create(listings)


def _night() -> float:
    """Make a night's duties through the rota itself; seconds per 100,000."""
    item = CatalogueItem.objects.get(code="firm-monitoring")
    rule = item.rules.get()
    before = Duty.objects.count()
    DutyRule.objects.filter(pk=rule.pk).update(rhythm="month", entered_on=date(2018, 1, 1))
    began = time.perf_counter()
    keep_rota(today=timezone.localdate(), since=date(2018, 1, 1))
    made = Duty.objects.count() - before
    return (time.perf_counter() - began) / made * 100_000


def _evidence() -> float:
    """Give duties a page each and look at all of them as every night; seconds per 100,000."""
    index = DisclosureIndexPage.objects.get()
    item = CatalogueItem.objects.get(code="firm-monitoring")
    words = "<p>" + "监测结果达标。" * 20 + "</p>"
    page = DisclosurePage(
        title="自行监测",
        slug="bench",
        item=item,
        period="2026-Q3",
        department=Department.objects.get(code="ecology"),
        body=[("text", words)],
    )
    index.add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    duties = list(Duty.objects.filter(item=item).order_by("pk")[:NIGHTLY])
    mark = f"r{page.live_revision_id}:{page.last_published_at}"
    Evidence.objects.bulk_create(
        [
            Evidence(duty=d, kind=EvidenceKind.PAGE, page_id=page.pk, title="x", mark=mark)
            for d in duties
        ],
        batch_size=2000,
    )
    Duty.objects.filter(pk__in=[d.pk for d in duties]).update(
        state=DutyState.MET, met_on=timezone.localdate()
    )
    began = time.perf_counter()
    look_at_all(timezone.now())
    return (time.perf_counter() - began) / len(duties) * 100_000


def _fill(wanted: int) -> None:
    """Bring the database to ``wanted`` duties by copying rows: many items of many firms."""
    last = timezone.localdate().year
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cms_duty (item_id, department_id, enterprise_id, subject_key, period,"
            ' title, starts_on, due_on, "limit", explanation, state, met_on, is_late, reason,'
            " fault) SELECT i.id, e.supervisor_id, e.id, 'e:' || e.code, 'b' || n, 'bench',"
            " d.day - 20, d.day, '20wd', '{}', CASE WHEN n %% 50 = 0 THEN 'open' ELSE 'met' END,"
            " d.day - 3, false, '', ''"
            " FROM cms_catalogueitem i CROSS JOIN cms_enterprise e"
            " CROSS JOIN generate_series(1, %s) n"
            " CROSS JOIN LATERAL (SELECT date %s + (n * 1825 / %s)::int AS day) d",
            [*[_per(wanted)], f"{last - YEARS + 1}-01-01", _per(wanted)],
        )
    for item in CatalogueItem.objects.all():
        days = Duty.objects.filter(item=item).order_by().values_list("due_on", flat=True)
        with transaction.atomic():
            retally(item_id=item.pk, days=set(days.distinct()))


def _per(wanted: int) -> int:
    return max(1, wanted // (FIRMS * CatalogueItem.objects.count()))


def main() -> None:
    _firms()
    night = _night()
    look = _evidence()
    _fill(1_000_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = inside.client_of("")
    trivial = timed(lambda: client.get("/healthz", secure=True))
    pages = {}
    for path in ("/disclosure/", "/disclosure/duties/?state=overdue"):
        statements = inside.measured("", path)["statements"]
        pages[path] = [timed(lambda path=path: client.get(path, secure=True)), statements]
    result = {
        "duties": Duty.objects.count(),
        "tallies": DutyTally.objects.count(),
        "trivial_ms": trivial,
        "pages": pages,
        "made_s": night,
        "looked_s": look,
    }
    Path(sys.argv[1]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
