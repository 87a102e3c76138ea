"""API v1: the document is valid and true, and every door refuses what it should."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from complaints.api.openapi import document
from complaints.api.operations import TABLE
from complaints.api.schemas import faults_of, validator
from complaints.models import Act, Case, PublicPoint
from complaints.services.clients import NewKey, make_client, revoke_client
from foundation.ledger.actor import Actor
from foundation.ledger.models import Entry
from foundation.places.models import Department
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
BY = Actor.system("operator")
SECRET = "老王家对面那个黄毛，电话13812345678"
REPORT = {"category": "air-cooking-fumes", "description": SECRET, "longitude": 119.98,
          "latitude": 31.78, "phone": "13912345678"}  # fmt: skip


@pytest.fixture
def key(district_pack: str) -> NewKey:
    return make_client(name="智慧城管平台", by=BY)


@pytest.fixture
def bureau(district_pack: str) -> NewKey:
    """The key of the ecology department's own system."""
    department = Department.objects.get(code="ecology")
    return make_client(name="生态环境业务系统", by=BY, department=department)


@pytest.fixture
def dispatched(key: NewKey, cast: Any, client: Client) -> Case:
    """A report by the API that the dispatcher sent to the ecology department."""
    assert send(client, key).status_code == 201
    line = Line(cast, Case.objects.get())
    line.act("dispatcher", "accept")
    return line.act("dispatcher", "dispatch", owner="department:ecology")


def bearer(key: NewKey | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key.key}"} if key else {}


def get(client: Client, path: str, key: NewKey | None = None) -> Any:
    return client.get(f"{V1}/{path}", headers=bearer(key))


def post(client: Client, path: str, key: NewKey | None, body: Any, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(
        f"{V1}/{path}", raw, content_type="application/json", headers={**bearer(key), **headers}
    )


def send(client: Client, key: NewKey | None, **headers: str) -> Any:
    return post(client, "cases", key, REPORT, **headers)


def is_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert faults_of("Problem", body) == []
    assert body["type"].endswith(f"-{code}")
    return body


def test_the_document_is_valid_openapi(client: Client, district_pack: str) -> None:
    served = get(client, "openapi.json").json()
    OpenAPIV31SpecValidator(served).validate()
    assert served == document()
    assert {f"/{path}" for path in TABLE.paths()} == set(served["paths"])


def test_the_page_for_people_names_every_operation(client: Client, district_pack: str) -> None:
    text = get(client, "").content.decode()
    for entry in TABLE.operations.values():
        assert f"{entry.method} /api/v1/{entry.path}" in text
    assert "openapi.json" in text


@pytest.mark.parametrize(
    ("path", "schema"),
    [("cases", "PublicCaseList"), ("statistics/2026-10", "Month")],
)
def test_public_reads_answer_as_documented(
    client: Client, dispatched: Case, run_jobs: Callable[[], Any], path: str, schema: str
) -> None:
    run_jobs()
    body = get(client, path).json()
    assert list(validator(schema).iter_errors(body)) == []
    assert SECRET not in json.dumps(body, ensure_ascii=False)


def test_lists_are_narrowed_and_one_case_is_found(
    client: Client, dispatched: Case, run_jobs: Callable[[], Any]
) -> None:
    run_jobs()
    point = PublicPoint.objects.get(case=dispatched)
    listed = get(client, "cases?status=open&since=2020-01-01").json()["items"]
    assert [one["id"] for one in listed] == [str(point.public_id)]
    assert get(client, "cases?status=closed").json()["items"] == []
    assert get(client, "cases?category=nothing").json()["items"] == []
    one = get(client, f"cases/{point.public_id}").json()
    assert faults_of("PublicCase", one) == []
    assert "老王" not in json.dumps(one, ensure_ascii=False)
    is_problem(get(client, f"cases/{uuid4()}"), 404, "not_found")
    for name, schema in {"categories": "Category", "areas": "Area"}.items():
        for found in get(client, name).json():
            assert faults_of(schema, found) == []


def test_pages_follow_each_other_by_key(
    client: Client, dispatched: Case, run_jobs: Callable[[], Any], monkeypatch: Any
) -> None:
    from complaints.selectors import api

    run_jobs()
    first = PublicPoint.objects.get(case=dispatched)
    assert get(client, f"cases?after={first.day},{first.public_id}").json()["items"] == []
    assert len(get(client, "cases?after=nonsense").json()["items"]) == 1
    assert api.PAGE_SIZE == 100


def test_a_report_is_taken_once_per_key(client: Client, key: NewKey) -> None:
    mark = str(uuid4())
    first = send(client, key, **{"Idempotency-Key": mark})
    again = send(client, key, **{"Idempotency-Key": mark})
    assert (first.status_code, again.status_code) == (201, 200)
    assert faults_of("Receipt", first.json()) == []
    assert first.json() == again.json()
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", ""),
        (b"[]", ""),
        (b'{"category": NaN}', ""),
        (b"[" * 5000, ""),
        (b"\xff\xfe", ""),
        ({"description": "x"}, ""),
        ({"category": "air", "colour": "red"}, ""),
        ({"category": 7, "address": "路口"}, "category"),
        ({"category": "air", "longitude": 999, "latitude": 31}, "longitude"),
        ({"category": "air", "longitude": 119.9}, "longitude"),
        ({"category": "air"}, "address"),
        ({"category": "nothing", "address": "路口"}, "category"),
        ({"category": "air", "address": "路口", "description": "a\x00b"}, ""),
    ],
)
def test_a_bad_body_is_refused_with_the_field(
    client: Client, key: NewKey, body: Any, field: str
) -> None:
    problem = is_problem_any(post(client, "cases", key, body))
    if field:
        assert problem["errors"][0]["field"] == field
    assert Case.objects.count() == 0


def is_problem_any(answer: Any) -> dict[str, Any]:
    assert 400 <= answer.status_code < 500
    body: dict[str, Any] = answer.json()
    assert faults_of("Problem", body) == []
    assert body["detail"]
    return body


def test_doors_say_what_is_missing(client: Client, key: NewKey, bureau: NewKey) -> None:
    is_problem(send(client, None), 401, "wrong_key")
    is_problem(get(client, "work/cases", key), 403, "may_not_work")
    assert is_problem(client.put(f"{V1}/cases"), 405, "method")["detail"]
    assert "GET" in client.put(f"{V1}/cases")["Allow"]
    is_problem(get(client, "cases?colour=red"), 400, "bad_request")
    is_problem(get(client, "cases?since=yesterday"), 400, "invalid_input")
    is_problem(get(client, "cases?status=lost"), 400, "invalid_input")
    is_problem(get(client, "cases/x"), 400, "invalid_input")
    is_problem(get(client, "statistics/2026"), 400, "invalid_input")
    is_problem(get(client, "work/cases/NOTHING", bureau), 404, "not_found")
    revoke_client(name="生态环境业务系统", by=BY)
    is_problem(get(client, "work/cases", bureau), 401, "wrong_key")


def test_limits_hold(client: Client, district_pack: str) -> None:
    key = make_client(name="急性子", by=BY, minute_limit=1)
    get(client, "work/cases", key)
    answer = get(client, "work/cases", key)
    is_problem(answer, 429, "too_many")
    assert int(answer["Retry-After"]) > 0


def test_a_department_works_on_its_cases(client: Client, dispatched: Case, bureau: NewKey) -> None:
    listed = get(client, "work/cases", bureau).json()
    assert faults_of_deep("WorkCaseList", listed) == []
    assert [one["number"] for one in listed["items"]] == [dispatched.number]
    # Numbers of people are masked, and no contact is told.
    assert "13812345678" not in json.dumps(listed)
    assert "13912345678" not in json.dumps(listed)
    whole = get(client, f"work/cases/{dispatched.number}", bureau).json()
    assert "sign_for" in [offer["action"] for offer in whole["offers"]]
    act = {"action": "sign_for", "version": whole["case"]["version"], "key": str(uuid4())}
    done = post(client, f"work/cases/{dispatched.number}/acts", bureau, act)
    assert done.status_code == 200, done.content.decode()
    assert done.json()["case"]["state"] == "in_progress"
    row = Act.objects.filter(case=dispatched).latest("pk")
    assert (row.actor_kind, row.actor_id) == ("client", str(bureau.client.pk))
    entry = Entry.objects.latest("seq")
    assert (entry.actor_kind, entry.action) == ("client", "case.sign_for")
    # Sent again: nothing more happens.
    post(client, f"work/cases/{dispatched.number}/acts", bureau, act)
    assert Act.objects.filter(case=dispatched, action="sign_for").count() == 1


def faults_of_deep(name: str, value: Any) -> list[Any]:
    return [error.message for error in validator(name).iter_errors(value)]


def test_the_slower_one_is_told_the_present_version(
    client: Client, dispatched: Case, bureau: NewKey, cast: Any
) -> None:
    act = {"action": "sign_for", "version": dispatched.version - 1}
    body = is_problem(
        post(client, f"work/cases/{dispatched.number}/acts", bureau, act), 409, "version_conflict"
    )
    assert body["version"] == dispatched.version


def test_only_the_departments_own_acts_are_open_to_it(
    client: Client, dispatched: Case, bureau: NewKey
) -> None:
    address = f"work/cases/{dispatched.number}/acts"
    version = dispatched.version
    is_problem(
        post(client, address, bureau, {"action": "close", "version": version}), 403, "not_permitted"
    )
    body = is_problem(
        post(
            client, address, bureau,
            {"action": "sign_for", "version": version, "inputs": {"phone": "1"}},
        ), 400, "bad_request",
    )  # fmt: skip
    assert body["errors"][0]["field"] == "inputs.phone"


def test_another_departments_case_is_not_there(
    client: Client, dispatched: Case, district_pack: str
) -> None:
    other = make_client(name="水利系统", by=BY, department=Department.objects.get(code="water"))
    assert get(client, "work/cases", other).json()["items"] == []
    is_problem(get(client, f"work/cases/{dispatched.number}", other), 404, "not_found")
    act = {"action": "sign_for", "version": dispatched.version}
    is_problem(post(client, f"work/cases/{dispatched.number}/acts", other, act), 404, "not_found")
