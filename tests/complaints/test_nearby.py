"""The hint to a reporter: what it tells, what it never tells, and joining with an own receipt."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from complaints.identity import Identity
from complaints.models import Case
from complaints.selectors.nearby import joined_by, offer_of
from complaints.services.intake import Receipt
from tests.complaints.conftest import Line, Reading

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Jobs = Callable[[], Any]
URL = "/report/nearby.json"
HERE = {"lon": "119.9800", "lat": "31.7800", "datum": "WGS84", "category": "air-barbecue"}
PLACE = {"reading": Reading(119.9801, 31.7801), "category": "air-barbecue"}


def near(client: Client, **changed: str) -> list[dict[str, str]]:
    answer = client.post(URL, {**HERE, **changed})
    assert answer.status_code == 200
    found: list[dict[str, str]] = answer.json()["near"]
    return found


def test_it_tells_kind_rough_distance_state_and_age_only(submit: Submit, client: Client) -> None:
    case = submit(**PLACE, address="翠竹新村 32 幢 401").case
    (one,) = near(client)
    assert set(one) == {"token", "kind", "far", "state", "since"}
    assert (one["kind"], one["far"], one["since"]) == ("露天烧烤", "约 100 米内", "一天内反映")
    body = json.dumps(one, ensure_ascii=False)
    for private in (case.number, str(case.uid), "翠竹", "油烟", "119.98"):
        assert private not in body


def test_a_little_step_aside_tells_no_more_than_the_cell(submit: Submit, client: Client) -> None:
    submit(**PLACE)
    said = {
        (found[0]["far"] if (found := near(client, lon=f"119.98{n:02}")) else "")
        for n in range(0, 3)
    }
    assert len(said) == 1


def test_others_kinds_far_ended_confidential_and_joined_ones_are_not_told(
    submit: Submit, client: Client, cast: Any
) -> None:
    submit(**{**PLACE, "category": "noise"})
    submit(**{**PLACE, "reading": Reading(119.99, 31.78)})
    submit(**PLACE, identity=Identity.CONFIDENTIAL)
    ended = submit(**PLACE).case
    Line(cast, ended).act("dispatcher", "reject", reason_code="in_court", message="已起诉")
    old = submit(**PLACE).case
    Case.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - timedelta(days=90))
    assert near(client) == []
    main, member = submit(**PLACE).case, submit(**PLACE).case
    Line(cast, member).act("dispatcher", "merge", main_number=main.number)
    assert len(near(client)) == 1


@pytest.mark.parametrize(
    "changed", [{"lon": "x"}, {"lat": "nan"}, {"lon": "500"}, {"datum": "Mars"}]
)
def test_nonsense_is_refused_calmly(client: Client, changed: dict[str, str]) -> None:
    answer = client.post(URL, {**HERE, **changed})
    assert (answer.status_code, answer.json()) == (400, {"near": []})


def test_a_survey_of_the_district_soon_gets_no_answer(submit: Submit, client: Client) -> None:
    submit(**PLACE)
    codes = [client.post(URL, HERE).status_code for _ in range(18)]
    assert codes[:16] == [200] * 16
    assert codes[-1] == 429
    assert client.get(URL).status_code == 405


def test_who_joins_has_an_own_receipt_and_is_merged_by_a_job(
    submit: Submit, client: Client, run_jobs: Jobs
) -> None:
    main = submit(**PLACE).case
    (one,) = near(client)
    data = {
        "key": str(uuid4()), "category": "air-barbecue", "description": "我也闻到了",
        "lon": "119.98", "lat": "31.78", "datum": "WGS84", "joins": one["token"],
    }  # fmt: skip
    answer = client.post("/report/", data)
    assert answer.status_code == 302
    assert "/receipt/" in answer["Location"]
    run_jobs()
    joined = Case.objects.exclude(pk=main.pk).get()
    assert (joined.state, joined.main_case) == ("merged", main)
    assert joined.receipt_hash != main.receipt_hash


def test_a_far_report_or_one_of_another_kind_waits_for_the_dispatcher(
    submit: Submit, run_jobs: Jobs
) -> None:
    main = submit(**PLACE).case
    far = submit(category="air-barbecue", reading=Reading(119.99, 31.79), joins=main.uid).case
    other = submit(category="noise", reading=Reading(119.98, 31.78), joins=main.uid).case
    run_jobs()
    for case in (far, other):
        case.refresh_from_db()
        assert case.state == "submitted"


def test_a_case_that_ended_meanwhile_is_not_joined(
    submit: Submit, cast: Any, run_jobs: Jobs
) -> None:
    main = submit(**PLACE).case
    Line(cast, main).act("dispatcher", "reject", reason_code="in_court", message="已起诉")
    case = submit(**PLACE, joins=main.uid).case
    run_jobs()
    case.refresh_from_db()
    assert case.state == "submitted"


def test_tokens_are_sealed_and_age(submit: Submit) -> None:
    uid, now = uuid4(), timezone.now()
    assert joined_by(offer_of(uid, now)) == uid
    assert joined_by(offer_of(uid, now - timedelta(days=3))) is None
    for wrong in ("", "AAAA", "x" * 300, offer_of(uid, now)[:-4] + "AAAA", "汉字"):
        assert joined_by(wrong) is None
