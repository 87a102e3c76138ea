"""Whether a piece of evidence proves what its duty asks for: reachable, not empty, right period.

A look costs reading the page or opening the file, so each version is read once: evidence carries
the mark of the version last looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from wagtail.models import Page

from cms.models import DisclosurePage, Duty, Evidence, EvidenceKind
from cms.rota import period_names
from cms.selectors.files import file_fault
from foundation.metrics import datasets

LEAST_WORDS = 40
#: Faults that somebody made by hand; the others may pass and are looked at again the next day.
TAKEN_AWAY = frozenset({"gone", "not_public"})


@dataclass(frozen=True)
class Look:
    """What one look found: the version that was read, and a fault's code or ''."""

    evidence: Evidence
    mark: str
    fault: str


def evidence_of(duties: Sequence[Duty]) -> dict[int, list[Evidence]]:
    """Return the evidence in force by duty. 1 query."""
    found: dict[int, list[Evidence]] = {duty.pk: [] for duty in duties}
    rows = Evidence.objects.filter(duty__in=list(found), removed_at__isnull=True)
    for row in rows.select_related("document"):
        found[row.duty_id].append(row)
    return found


def public_pages(ids: Sequence[int]) -> dict[int, Page]:
    """Return those of the pages that everybody may read, as plain pages. At most 2 queries."""
    return {page.pk: page for page in Page.objects.filter(pk__in=ids).live().public()}


def look(evidence: Evidence, duty: Duty, pages: dict[int, Page]) -> Look:
    """Look at one piece of evidence. No query for what was read before, else those of its kind."""
    if evidence.kind == EvidenceKind.PAGE:
        return _look_at_page(evidence, duty, pages)
    if evidence.kind == EvidenceKind.FILE:
        return _look_at_file(evidence)
    return Look(evidence, "", _dataset_fault(evidence, duty))


def _look_at_page(evidence: Evidence, duty: Duty, pages: dict[int, Page]) -> Look:
    if evidence.page_id is None:
        return Look(evidence, "", "gone")
    page = pages.get(evidence.page_id)
    if page is None:
        return Look(evidence, "", "not_public")
    mark = f"r{page.live_revision_id}:{page.last_published_at}"
    if mark == evidence.mark:
        return Look(evidence, mark, evidence.fault)
    return Look(evidence, mark, _page_fault(page.specific, duty))


def _page_fault(page: Page, duty: Duty) -> str:
    text = getattr(page, "plain_text", page.title)
    if len("".join(text.split())) < LEAST_WORDS:
        return "empty"
    if isinstance(page, DisclosurePage):
        same = (page.item_id, page.period) == (duty.item_id, duty.period)
        return "" if same else "wrong_period"
    names = period_names(duty.period)
    joined = "".join(text.split())
    return "" if not names or any(name in joined for name in names) else "wrong_period"


def _look_at_file(evidence: Evidence) -> Look:
    if evidence.document is None:
        return Look(evidence, "", "gone")
    fault, mark = file_fault(evidence.document, known=evidence.mark, before=evidence.fault)
    return Look(evidence, mark, fault)


def _dataset_fault(evidence: Evidence, duty: Duty) -> str:
    """A dataset proves a period when it changed after the period's last day."""
    dataset = datasets.active().datasets.get(evidence.dataset)
    if dataset is None:
        return "gone"
    changed_at = dataset.updated_at()
    is_new = changed_at is not None and timezone.localdate(changed_at) >= duty.starts_on
    return "" if is_new else "no_rows"
