"""The public cases as a dataset: the map's rows, and none of the words or people behind them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from complaints.datasets import cases
from complaints.identity import Identity
from complaints.models import PublicPoint
from complaints.selectors.public_map import Wanted, listing
from complaints.services.intake import Reading
from foundation.metrics.datasets import Filters
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db

CANARY = "金丝雀：楼下烧烤店，请联系张三13912345678，家住5幢302室"


@pytest.fixture
def accepted(submit: Callable[..., Any], cast: Any) -> Callable[..., Line]:
    def making(**parts: Any) -> Line:
        line = Line(cast, submit(reading=Reading(119.9712, 31.7744), **parts).case)
        line.act("dispatcher", "accept")
        return line

    return making


def _json(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"/data/cases.json{query}")
    found: dict[str, Any] = json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    return found


def test_the_file_holds_what_the_map_shows(
    client: Client, accepted: Callable[..., Line], run_jobs: Callable[[], Any]
) -> None:
    accepted()
    accepted()
    run_jobs()
    rows = _json(client)["rows"]
    shown = listing(Wanted()).items
    assert [row["id"] for row in rows] == [item.public_id for item in shown]
    assert [row["place"] for row in rows] == [item.place for item in shown]


def test_no_word_and_no_person_of_a_case_is_in_it(
    client: Client, accepted: Callable[..., Line], run_jobs: Callable[[], Any]
) -> None:
    line = accepted(description=CANARY)
    accepted(description=CANARY, identity=Identity.CONFIDENTIAL)
    run_jobs()
    rows = _json(client)["rows"]
    assert len(rows) == 1, "what was told in confidence is not even a point"
    said = json.dumps(rows, ensure_ascii=False)
    for private in ("金丝雀", "张三", "13912345678", "5幢302室", line.case.number):
        assert private not in said
    # Short keys may stand inside a longer value by chance; as a value they never do.
    assert not {line.case.pk, str(line.case.pk)} & set(rows[0].values())


def test_cases_are_filtered_by_state_and_day(
    client: Client, accepted: Callable[..., Line], run_jobs: Callable[[], Any]
) -> None:
    accepted()
    run_jobs()
    day = PublicPoint.objects.get().day
    assert _json(client, "?state=waiting")["count"] == 1
    assert _json(client, "?state=done")["count"] == 0
    assert _json(client, f"?reported_on_from={day + timedelta(days=1)}")["count"] == 0
    assert client.get("/data/cases.json?state=secret").status_code == 400


def test_every_case_is_read_once_however_small_the_lots(
    accepted: Callable[..., Line], run_jobs: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        accepted()
    run_jobs()
    monkeypatch.setattr("complaints.datasets.LOT", 2)
    assert len({row[0] for row in cases(Filters())}) == 5
