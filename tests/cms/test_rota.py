"""Periods and due days of duties: pure rules, and the rota that is made of them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.models import CatalogueItem, Duty, DutyRule, DutyState, DutyTally, LegalClause
from cms.models.catalogue import Rhythm
from cms.rota import BadLimit, Due, check_limit, due_day, span_named, spans
from cms.services.rota import due_of, keep_rota
from foundation.ledger.models import Entry

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
RHYTHMS = st.sampled_from([Rhythm.MONTH, Rhythm.QUARTER, Rhythm.HALF, Rhythm.YEAR])


def plain(starts_on: date, limit: str) -> Due:
    def count(start: object, text: str) -> Due:
        return Due(starts_on + timedelta(days=int(text.rstrip("wd"))), {})

    return due_day(starts_on=starts_on, limit=limit, count=count, roll_off=lambda day: day)


@pytest.mark.once
@given(rhythm=RHYTHMS, first=DAYS, length=st.integers(0, 900))
def test_periods_follow_each_other_without_gap(rhythm: str, first: date, length: int) -> None:
    until = first + timedelta(days=length)
    found = list(spans(rhythm, ended_from=first, ended_until=until))
    for before, after in pairwise(found):
        assert after.first == before.last + timedelta(days=1)
    assert all(first <= span.last <= until for span in found)
    # Nothing is left out at either end.
    if found:
        step = found[-1].last - found[-1].first + timedelta(days=4)
        assert found[-1].last + step > until


@pytest.mark.once
@given(rhythm=RHYTHMS, day=DAYS)
def test_a_period_is_found_again_by_its_name(rhythm: str, day: date) -> None:
    for span in spans(rhythm, ended_from=day, ended_until=day + timedelta(days=400)):
        assert span_named(span.name) == span


@pytest.mark.once
@pytest.mark.parametrize("name", ["2026-Q5", "2026-13", "2026-H3", "罚字1号", "", "26-01"])
def test_what_is_no_period_has_no_span(name: str) -> None:
    assert span_named(name) is None


@pytest.mark.once
@pytest.mark.parametrize(
    ("starts_on", "due"),
    [(date(2027, 12, 31), date(2028, 2, 29)), (date(2026, 12, 31), date(2027, 2, 28))],
)
def test_a_leap_day_is_the_end_of_february(starts_on: date, due: date) -> None:
    assert plain(starts_on, "02-29").day == due


@pytest.mark.once
@pytest.mark.parametrize("limit", ["", "20", "0wd", "13-01", "02-32", "4h", "wd", "1000wd"])
def test_a_bad_limit_is_refused_with_a_sentence(limit: str) -> None:
    with pytest.raises(BadLimit, match="is no limit"):
        check_limit(limit)


def test_a_fixed_day_of_rest_moves_to_the_next_working_day(district_pack: str) -> None:
    # 2026-01-31 is a Saturday; 2025-09-25 + 20 working days is example 7 of the design notes.
    assert due_of(starts_on=date(2025, 12, 31), limit="01-31").day == date(2026, 2, 2)
    assert due_of(starts_on=date(2025, 9, 25), limit="20wd").day == date(2025, 10, 29)


@pytest.fixture
def item(district_pack: str) -> CatalogueItem:
    """A monthly item of the district, alone in the catalogue."""
    CatalogueItem.objects.exclude(code="environment-state").update(is_active=False)
    return CatalogueItem.objects.get(code="environment-state")


def duties() -> dict[str, Duty]:
    return {duty.period: duty for duty in Duty.objects.all()}


def test_the_rota_makes_each_duty_once(item: CatalogueItem) -> None:
    first = keep_rota(today=date(2026, 3, 5))
    again = keep_rota(today=date(2026, 3, 5))
    assert sorted(duties()) == ["2025-12", "2026-01", "2026-02"]
    assert (first.made, again.made, again.moved, again.withdrawn) == (3, 0, 0, 0)
    assert duties()["2026-01"].due_on == date(2026, 3, 5)
    assert sum(DutyTally.objects.values_list("total", flat=True)) == 3
    made = Entry.objects.filter(stream="duties:environment-state", action="duties.made")
    assert sum(entry.data["count"] for entry in made) == 3


def test_what_was_due_before_the_platform_began_is_not_asked_for(item: CatalogueItem) -> None:
    keep_rota(today=date(2026, 3, 5), since=date(2025, 1, 1))
    assert min(duties()) == "2025-12"


def test_a_period_keeps_the_law_of_its_last_day(item: CatalogueItem) -> None:
    keep_rota(today=date(2026, 9, 1))
    clauses = {period: duty.explanation["clause"] for period, duty in duties().items()}
    assert clauses["2026-07"] == "protection-54"
    assert clauses["2026-08"] == "code-138"


def test_a_rule_edited_in_mid_period_moves_only_what_is_not_due(item: CatalogueItem) -> None:
    keep_rota(today=date(2026, 3, 5))
    DutyRule.objects.filter(item=item).update(limit="5wd")
    kept = keep_rota(today=date(2026, 3, 5))
    # December was due on 29 January: it stays. January and February were not due on 5 March.
    assert duties()["2025-12"].due_on == date(2026, 1, 29)
    assert duties()["2026-02"].due_on == date(2026, 3, 6)
    assert kept.moved == 2
    total = {row.due_on: row.total for row in DutyTally.objects.all() if row.total}
    assert total == {date(2026, 1, 29): 1, date(2026, 2, 6): 1, date(2026, 3, 6): 1}


def test_an_item_that_goes_out_of_use_withdraws_what_is_not_due(item: CatalogueItem) -> None:
    keep_rota(today=date(2026, 3, 5))
    CatalogueItem.objects.filter(pk=item.pk).update(is_active=False)
    keep_rota(today=date(2026, 3, 5))
    assert duties()["2025-12"].state == DutyState.OPEN
    assert duties()["2026-02"].state == DutyState.WITHDRAWN
    CatalogueItem.objects.filter(pk=item.pk).update(is_active=True)
    keep_rota(today=date(2026, 3, 5))
    assert duties()["2026-02"].state == DutyState.OPEN


def test_a_law_entered_after_the_fact_gives_time_to_comply(item: CatalogueItem) -> None:
    DutyRule.objects.filter(item=item).delete()
    clause = LegalClause.objects.get(code="code-138")
    first = DutyRule.objects.exclude(item=item).order_by("entered_on").first()
    assert first is not None
    rule = DutyRule.objects.create(
        item=item, clause=clause, rhythm="month", limit="20wd", valid_from=date(2026, 1, 1)
    )
    DutyRule.objects.filter(pk=rule.pk).update(entered_on=date(2026, 6, 1))
    clause.valid_from = date(2026, 1, 1)
    clause.save()
    keep_rota(today=date(2026, 6, 1))
    # January's own day (5 March) had passed: 20 working days from the entry instead.
    assert duties()["2026-01"].due_on == date(2026, 6, 30)
    assert duties()["2026-01"].explanation["entered_on"] == "2026-06-01"
    assert duties()["2026-05"].due_on == date(2026, 6, 29)


def test_a_calendar_that_changes_moves_open_duties(item: CatalogueItem) -> None:
    from foundation.ledger.actor import Actor
    from foundation.worktime.services import set_day

    keep_rota(today=date(2026, 3, 5))
    assert duties()["2026-02"].due_on == date(2026, 3, 27)
    set_day(day=date(2026, 3, 10), is_working=False, source="测试通知", actor=Actor.system("test"))
    keep_rota(today=date(2026, 3, 5))
    # 27 March is a Friday.
    assert duties()["2026-02"].due_on == date(2026, 3, 30)
