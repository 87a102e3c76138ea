"""Keeps search in step with what editors publish, withdraw, move and delete.

Wagtail's views publish inside a transaction; the nested block joins it, so a change that is rolled
back leaves no job. Where a caller has none, the block is a transaction of its own.
"""

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.documents.models import Document
from wagtail.models import Page
from wagtail.signals import (
    page_published,
    page_slug_changed,
    page_unpublished,
    post_page_move,
    published,
    unpublished,
)

from cms.models import DisclosurePage, Evidence, Indicator, NewsPage, PublishedResult
from foundation.jobs.services import emit
from search.services import touch, touch_many


def _kind(page: Page) -> str:
    return {NewsPage: "news", DisclosurePage: "disclosure"}.get(page.specific_class, "page")


def _page_changed(sender: Any, instance: Page, **kwargs: Any) -> None:
    with transaction.atomic():
        touch(_kind(instance), instance.pk)


def _branch_moved(sender: Any, instance: Page, **kwargs: Any) -> None:
    """A page's address changed, and with it the address of every page below."""
    kinds: dict[str, list[int]] = {"page": [], "news": [], "disclosure": []}
    for page in Page.objects.descendant_of(instance, inclusive=True):
        kinds[_kind(page)].append(page.pk)
    with transaction.atomic():
        for kind, keys in kinds.items():
            touch_many(kind, keys)


def _result_changed(sender: Any, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, PublishedResult):
        with transaction.atomic():
            touch("result", instance.pk)
            _tell_of_result(instance)


def _tell_of_result(result: PublishedResult) -> None:
    """Say where the result of a case is public, or that it is not: the public map links it."""
    if result.case_id is None or result.pk is None:
        return
    path = result.get_absolute_url() if result.live else ""
    payload = {"case": str(result.case_id), "path": path}
    emit("result.changed", key=f"{result.pk}:{uuid4()}", payload=payload)


def _indicator_changed(sender: Any, instance: Indicator, **kwargs: Any) -> None:
    with transaction.atomic():
        touch("indicator", instance.pk)


def _duties_of(**evidence: Any) -> list[int]:
    rows = Evidence.objects.filter(removed_at__isnull=True, **evidence)
    return list(rows.values_list("duty", flat=True))


def _evidence_changed(sender: Any, instance: Page, **kwargs: Any) -> None:
    """Let the duty engine look at what a page proves, or prove something new with it."""
    duties = _duties_of(page=instance.pk)
    if duties or isinstance(instance, DisclosurePage):
        _tell_duties(duties, page=instance.pk)


def _file_changed(sender: Any, instance: Document, **kwargs: Any) -> None:
    duties = _duties_of(document=instance.pk)
    if duties:
        _tell_duties(duties)


def _tell_duties(duties: list[int], page: int | None = None) -> None:
    with transaction.atomic():
        payload = {"duties": duties, "page": page}
        emit("disclosure.evidence_changed", key=str(uuid4()), payload=payload)


def connect() -> None:
    """Listen; called once when the app is ready."""
    for signal in (page_published, page_unpublished):
        signal.connect(_page_changed, dispatch_uid="cms.search.page")
    for signal in (page_published, page_unpublished):
        signal.connect(_evidence_changed, dispatch_uid="cms.duties.page")
    # Before, because deleting takes the page out of its evidence.
    pre_delete.connect(_evidence_changed, dispatch_uid="cms.duties.deleted", sender=Page)
    for signal in (post_save, pre_delete):
        signal.connect(_file_changed, sender=Document, dispatch_uid="cms.duties.file")
    for signal in (page_slug_changed, post_page_move):
        signal.connect(_branch_moved, dispatch_uid="cms.search.branch")
    post_delete.connect(_page_changed, sender=Page, dispatch_uid="cms.search.page")
    for signal in (published, unpublished):
        signal.connect(_result_changed, dispatch_uid="cms.search.result")
    post_delete.connect(_result_changed, sender=PublishedResult, dispatch_uid="cms.search.result")
    for signal in (post_save, post_delete):
        signal.connect(_indicator_changed, sender=Indicator, dispatch_uid="cms.search.indicator")
