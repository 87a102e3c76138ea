"""The disclosure rate counted again from open data alone, and duties proved by a dataset."""

import csv
import io
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from cms.models import Duty, DutyState
from cms.selectors.catalogue import disclosure_figure
from cms.services.duties import attach_evidence, declare_none
from cms.services.rota import keep_rota
from foundation.ledger.actor import Actor
from foundation.metrics import datasets
from foundation.metrics.period import Period

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
from recompute_rate import rate

EDITOR = Actor("staff", "7", "editor")
DAY = datetime(2026, 4, 21, 2, tzinfo=UTC)


@pytest.fixture
def rota(district_pack: str) -> Iterator[None]:
    """The duties of 21 April 2026."""
    with time_machine.travel(DAY, tick=False):
        keep_rota(today=date(2026, 4, 21))
        yield


def table(client: Client, address: str) -> list[dict[str, str]]:
    answer: Any = client.get(address)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_open_data_alone_give_the_same_rate(rota: None, client: Client) -> None:
    some = Duty.objects.filter(due_on__month=3).order_by("pk")
    Duty.objects.filter(pk__in=[d.pk for d in some[:2]]).update(
        state=DutyState.MET, met_on=date(2026, 3, 2)
    )
    from cms.services.tallies import retally

    for duty in some[:2]:
        retally(item_id=duty.item_id, days=[duty.due_on])
    none = Duty.objects.get(item__code="penalty-summary", period="2026-03")
    declare_none(duty_id=none.pk, reason="本月无", actor=EDITOR)
    for period, days in {"2026-03": (1, 31), "2026-04": (1, 30)}.items():
        month = Period.parse(period)
        rows = table(
            client, f"/data/duties.csv?due_on_from={period}-01&due_on_to={period}-{days[1]}"
        )
        found = rate(
            rows, first=month.start, last=date.fromisoformat(f"{period}-{days[1]}"),
            as_of=date(2026, 4, 21),
        )  # fmt: skip
        shown = disclosure_figure(month.known_at(DAY))
        assert found == (shown.numerator, shown.denominator)
        assert found[1] or period == "2026-04"


def test_a_withdrawn_duty_is_not_in_the_data(rota: None, client: Client) -> None:
    duty = Duty.objects.first()
    assert duty is not None
    Duty.objects.filter(pk=duty.pk).update(state=DutyState.WITHDRAWN)
    assert str(duty.pk) not in {row["id"] for row in table(client, "/data/duties.csv")}


def test_a_dataset_that_is_newer_than_the_period_is_evidence(rota: None) -> None:
    duty = Duty.objects.get(item__code="environment-state", period="2026-03")
    assert attach_evidence(duty_id=duty.pk, actor=EDITOR, dataset="nothing").fault == "gone"
    columns = (datasets.Column("a", "a"),)
    with datasets.replaced() as registry:
        for code, moment in {"old": datetime(2026, 3, 2, tzinfo=UTC), "new": DAY}.items():
            entry = datasets.Dataset(
                code=code,
                title=code,
                description="",
                columns=columns,
                rows=lambda filters: iter(()),
                updated_at=lambda moment=moment: moment,
                every="month",
            )
            registry.add(entry)
        attach_evidence(duty_id=duty.pk, actor=EDITOR, dataset="old")
        duty.refresh_from_db()
        assert duty.state == DutyState.OPEN
        found = attach_evidence(duty_id=duty.pk, actor=EDITOR, dataset="new")
    assert found.state == DutyState.MET
