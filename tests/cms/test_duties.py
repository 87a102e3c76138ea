"""One duty: evidence comes and goes, what did not arise is declared, the figure follows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from wagtail.documents.models import Document

from cms.errors import DutyError
from cms.models import (
    CatalogueItem,
    DisclosureIndexPage,
    DisclosurePage,
    Duty,
    DutyState,
    DutyTally,
    Evidence,
)
from cms.selectors.catalogue import catalogue, disclosure_figure
from cms.selectors.ledger_duties import disclosure_figure as recounted
from cms.services.duties import (
    attach_evidence,
    declare_none,
    look_again,
    open_occasion,
    remove_evidence,
    withdraw_declaration,
)
from cms.services.rota import keep_rota
from foundation.ledger.actor import Actor
from foundation.metrics.period import Period

EDITOR = Actor("staff", "7", "editor")
WORDS = "2026年2月，全区空气质量优良天数24天，地表水国省考断面全部达到三类，声环境达标。" * 2
IN_TIME = datetime(2026, 3, 6, 2, tzinfo=UTC)
TOO_LATE = datetime(2026, 4, 20, 2, tzinfo=UTC)


@pytest.fixture
def duty(district_pack: str) -> Duty:
    """The state of the environment in February 2026, due on 27 March."""
    CatalogueItem.objects.exclude(code__in=["environment-state", "penalty-summary"]).update(
        is_active=False
    )
    with time_machine.travel(datetime(2026, 3, 5, 2, tzinfo=UTC), tick=False):
        keep_rota(today=date(2026, 3, 5))
    return Duty.objects.get(item__code="environment-state", period="2026-02")


@pytest.fixture
def write(duty: Duty) -> Callable[..., DisclosurePage]:
    """Write a disclosure for the duty's item; published unless ``live`` is false."""

    def make(*, live: bool = True, period: str = "2026-02", text: str = WORDS) -> DisclosurePage:
        page = DisclosurePage(
            title=f"环境状况（{period}）",
            slug=f"state-{period}-{DisclosurePage.objects.count()}",
            item=duty.item,
            period=period,
            department=duty.department,
            live=live,
            body=[("text", f"<p>{text}</p>")] if text else [],
        )
        DisclosureIndexPage.objects.get().add_child(instance=page)
        if live:
            page.save_revision().publish()
        return page

    return make


Write = Callable[..., DisclosurePage]
Jobs = Callable[[], Any]


def fresh(duty: Duty) -> Duty:
    return Duty.objects.select_related("item").get(pk=duty.pk)


def test_a_published_page_meets_its_duty_by_itself(
    duty: Duty, write: Write, run_jobs: Jobs
) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        write()
        run_jobs()
    found = fresh(duty)
    assert (found.state, found.met_on, found.is_late) == ("met", date(2026, 3, 6), False)


def test_a_page_published_after_the_day_is_late_for_ever(
    duty: Duty, write: Write, run_jobs: Jobs
) -> None:
    with time_machine.travel(TOO_LATE, tick=False):
        write()
        run_jobs()
        look_again(duty_ids=[duty.pk])
    assert fresh(duty).is_late
    assert catalogue(year=2026, today=date(2026, 4, 21)).standing.late == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"live": False}, "not_public"),
        ({"text": ""}, "empty"),
        ({"period": "2026-01"}, "wrong_period"),
    ],
)
def test_evidence_that_proves_nothing_leaves_the_duty_open(
    duty: Duty, write: Write, changes: dict[str, Any], fault: str
) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        found = attach_evidence(duty_id=duty.pk, actor=EDITOR, page=write(**changes))
    assert (found.state, found.fault) == (DutyState.OPEN, fault)


def test_withdrawing_the_page_reopens_the_duty_at_once(
    duty: Duty, write: Write, run_jobs: Jobs
) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        page = write()
        run_jobs()
    with time_machine.travel(TOO_LATE, tick=False):
        page.unpublish()
        run_jobs()
        assert (fresh(duty).state, fresh(duty).met_on) == (DutyState.OPEN, None)
        assert fresh(duty).is_overdue
        page.refresh_from_db()
        page.save_revision().publish()
        run_jobs()
    # Put back after the day: published, and late.
    assert (fresh(duty).state, fresh(duty).is_late) == (DutyState.MET, True)


def test_deleting_the_page_reopens_the_duty(duty: Duty, write: Write, run_jobs: Jobs) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        page = write()
        run_jobs()
        page.delete()
        run_jobs()
    assert fresh(duty).state == DutyState.OPEN
    assert Evidence.objects.get().title == "环境状况（2026-02）"


def make_file(
    name: str = "state.csv", data: bytes = "月份,天数\n2026年2月,24\n".encode()
) -> Document:
    return Document.objects.create(title="2026年2月环境状况", file=ContentFile(data, name=name))


def test_a_file_that_is_away_for_a_day_takes_no_mark(duty: Duty, own_folders: Any) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        document = make_file()
        assert attach_evidence(duty_id=duty.pk, actor=EDITOR, document=document).state == "met"
        path = document.file.path
        data = document.file.read()
        document.file.storage.delete(document.file.name)
        look_again(duty_ids=[duty.pk])
        assert (fresh(duty).state, fresh(duty).fault) == ("met", "file_missing")
        with open(path, "wb") as back:
            back.write(data)
        look_again(duty_ids=[duty.pk])
    assert (fresh(duty).state, fresh(duty).fault, fresh(duty).fault_since) == ("met", "", None)


def test_a_file_that_stays_away_reopens_the_duty(duty: Duty, own_folders: Any) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        document = make_file()
        attach_evidence(duty_id=duty.pk, actor=EDITOR, document=document)
        document.file.storage.delete(document.file.name)
        look_again(duty_ids=[duty.pk])
    with time_machine.travel(datetime(2026, 3, 7, 2, tzinfo=UTC), tick=False):
        look_again(duty_ids=[duty.pk])
    assert (fresh(duty).state, fresh(duty).fault) == ("open", "file_missing")


def test_what_nobody_touched_is_not_read_again(
    duty: Duty, write: Write, run_jobs: Jobs, django_assert_num_queries: Any
) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        write()
        run_jobs()
        with django_assert_num_queries(7):
            look_again(duty_ids=[duty.pk])


def test_taking_the_evidence_away_reopens_the_duty(duty: Duty, write: Write) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        page = write()
        attach_evidence(duty_id=duty.pk, actor=EDITOR, page=page)
        attach_evidence(duty_id=duty.pk, actor=EDITOR, page=page)
        found = remove_evidence(evidence_id=Evidence.objects.get().pk, actor=EDITOR)
    assert found.state == DutyState.OPEN


def test_what_did_not_arise_counts_on_neither_side(duty: Duty) -> None:
    none = Duty.objects.get(item__code="penalty-summary", period="2026-02")
    with time_machine.travel(IN_TIME, tick=False):
        declare_none(duty_id=none.pk, reason="本月无行政处罚", actor=EDITOR)
    standing = catalogue(year=2026, today=date(2026, 4, 21)).standing
    assert (standing.part, standing.whole, standing.none) == (0, 5, 1)
    with time_machine.travel(IN_TIME, tick=False):
        withdraw_declaration(duty_id=none.pk, actor=EDITOR)
    assert catalogue(year=2026, today=date(2026, 4, 21)).standing.whole == 6


def test_a_declaration_after_the_day_is_late(duty: Duty) -> None:
    none = Duty.objects.get(item__code="penalty-summary", period="2026-02")
    with time_machine.travel(TOO_LATE, tick=False):
        declare_none(duty_id=none.pk, reason="本月无行政处罚", actor=EDITOR)
    standing = catalogue(year=2026, today=date(2026, 4, 21)).standing
    assert (standing.whole, standing.late, standing.none) == (6, 1, 0)


def test_a_declaration_needs_a_reason_and_an_item_that_may_be_empty(duty: Duty) -> None:
    none = Duty.objects.get(item__code="penalty-summary", period="2026-02")
    with pytest.raises(DutyError) as refused:
        declare_none(duty_id=none.pk, reason="  ", actor=EDITOR)
    assert refused.value.sentence == "请简单写明本期为什么没有。"
    with pytest.raises(DutyError) as refused:
        declare_none(duty_id=duty.pk, reason="无", actor=EDITOR)
    assert refused.value.sentence == "此事项每期都有，必须公开。"


def test_an_occasion_brings_its_own_duty_once(district_pack: str) -> None:
    item = CatalogueItem.objects.get(code="penalty-decisions")
    wanted: dict[str, Any] = {
        "item": item,
        "happened_on": date(2026, 3, 2),
        "mark": "天环罚〔2026〕1号",
        "title": "行政处罚决定",
        "subject_key": "e:91320402DEMO00001X",
        "actor": EDITOR,
    }
    with time_machine.travel(IN_TIME, tick=False):
        duty = open_occasion(**wanted)
        assert duty.due_on == date(2026, 3, 30)
        with pytest.raises(DutyError, match="exists"):
            open_occasion(**wanted)
        with pytest.raises(DutyError, match="in_future"):
            open_occasion(**{**wanted, "happened_on": date(2026, 3, 7), "mark": "2"})


def test_the_ledger_tells_the_same_rate(duty: Duty, write: Write, run_jobs: Jobs) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        page = write()
        run_jobs()
        none = Duty.objects.get(item__code="penalty-summary", period="2026-02")
        declare_none(duty_id=none.pk, reason="本月无行政处罚", actor=EDITOR)
    period = Period.parse("2026-03").known_at(datetime(2026, 4, 21, tzinfo=UTC))
    shown, proof = disclosure_figure(period), recounted(period)
    # Due in March: January (2 items, both missed) and February (1 met, 1 did not arise).
    assert (shown.numerator, shown.denominator) == (1, 3)
    assert shown.same_counts(proof)
    with time_machine.travel(TOO_LATE, tick=False):
        page.unpublish()
        run_jobs()
    now = period.known_at(datetime(2026, 4, 22, tzinfo=UTC))
    shown = disclosure_figure(now)
    assert (shown.numerator, shown.denominator) == (0, 3)
    assert shown.same_counts(recounted(now))


def test_tallies_agree_with_the_duties(duty: Duty, write: Write, run_jobs: Jobs) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        write()
        run_jobs()
    assert sum(DutyTally.objects.values_list("total", flat=True)) == Duty.objects.count()
    assert sum(DutyTally.objects.values_list("on_time", flat=True)) == 1
