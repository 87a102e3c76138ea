"""Publishing figures: revisions, the ledger, and counting again."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from foundation.ledger.selectors import entries_of, verify
from foundation.metrics import registry, selectors, services
from foundation.metrics.models import Snapshot
from foundation.metrics.registry import Figure, Metric, Period, Registry
from foundation.metrics.selectors import UnknownMetric

MARCH = Period.parse("2026-03")


class Reports:
    """A small world: moments of answered and of all reports."""

    def __init__(self) -> None:
        self.answered: list[datetime] = []
        self.all: list[datetime] = []

    def rate(self, period: Period) -> Figure:
        def count(moments: list[datetime]) -> Decimal:
            until = min(period.end_at, period.horizon)
            return Decimal(sum(1 for at in moments if period.start_at <= at <= until))

        return Figure(count(self.answered), count(self.all), period.horizon)


@pytest.fixture
def reports(db: None, clock: Any) -> Iterator[Reports]:
    world = Reports()
    with registry.replaced(Registry()) as own:
        own.add_metric(Metric("reply_rate", "Replies", world.rate, target=Decimal(100)))
        world.all = [timezone.now()] * 4
        world.answered = [timezone.now()] * 3
        yield world


def test_an_unpublished_figure_is_counted_now(reports: Reports) -> None:
    figure = selectors.figure("reply_rate", MARCH)
    assert (figure.text, figure.published) == ("3/4 75%", False)


def test_a_published_figure_stays_until_it_is_published_again(reports: Reports, clock: Any) -> None:
    services.publish_snapshot("reply_rate", MARCH)
    clock.tick(hours=1)
    reports.answered.append(timezone.now())
    figure = selectors.figure("reply_rate", MARCH)
    assert (figure.text, figure.published) == ("3/4 75%", True)
    services.publish_snapshot("reply_rate", MARCH)
    assert selectors.figure("reply_rate", MARCH).text == "4/4 100%"


def test_a_correction_is_a_new_revision_and_a_ledger_entry(reports: Reports, clock: Any) -> None:
    services.publish_snapshot("reply_rate", MARCH)
    clock.tick(hours=1)
    reports.answered.append(timezone.now())
    services.publish_snapshot("reply_rate", MARCH)
    assert [row.revision for row in Snapshot.objects.order_by("revision")] == [1, 2]
    entries = entries_of("figure:reply_rate/2026-03")
    assert [entry.data["numerator"] for entry in entries] == ["3.0000", "4.0000"]
    assert verify().ok


def test_unchanged_counts_only_move_the_time(reports: Reports, clock: Any) -> None:
    services.publish_snapshot("reply_rate", MARCH)
    clock.tick(hours=1)
    services.publish_snapshot("reply_rate", MARCH)
    assert Snapshot.objects.get().as_of == timezone.now()
    assert entries_of("figure:reply_rate/2026-03").count() == 1


def test_all_current_and_previous_periods_are_published(reports: Reports) -> None:
    assert services.publish_all() == 2
    assert set(Snapshot.objects.values_list("period", flat=True)) == {"2026-02", "2026-03"}


def test_an_unknown_code_is_named(reports: Reports) -> None:
    with pytest.raises(UnknownMetric, match="nobody"):
        selectors.figure("nobody", MARCH)


def test_shown_figures_take_one_query_when_published(
    reports: Reports, django_assert_num_queries: Any
) -> None:
    services.publish_snapshot("reply_rate", MARCH)
    with django_assert_num_queries(1):
        [shown] = selectors.shown_figures(MARCH)
    assert shown.on_target is False


def test_the_command_counts_again_as_of_the_same_moment(
    reports: Reports, clock: Any, capsys: Any
) -> None:
    services.publish_snapshot("reply_rate", MARCH)
    clock.tick(hours=1)
    reports.all.append(timezone.now())
    call_command("figures", "--period", "2026-03", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["same"] is True
    assert answer["figures"][0]["shown"]["text"] == "3/4 75%"


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_the_command_exits_1_when_a_published_figure_was_bent(
    reports: Reports, capsys: Any, arguments: list[str]
) -> None:
    services.publish_snapshot("reply_rate", MARCH)
    Snapshot.objects.update(numerator=4)
    with pytest.raises(SystemExit) as exit_:
        call_command("figures", "--period", "2026-03", *arguments)
    assert exit_.value.code == 1
    assert "reply_rate" in capsys.readouterr().out


def test_the_command_explains_a_bad_period(reports: Reports) -> None:
    with pytest.raises(CommandError, match="2026-Q4"):
        call_command("figures", "--period", "October")
