"""Open311 GeoReport v2: two independent clients against the running server, and hostile input."""

import itertools
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from georeport import GeoReport

from complaints.models import ApiClient, ApiSubmission, ApiUse, Case, PublicPoint
from complaints.selectors.public_ids import public_id_of
from complaints.services.clients import NewKey, forget_old_uses, make_client, revoke_client
from foundation.ledger.actor import Actor
from foundation.ledger.models import Entry
from foundation.vault.services import read_for_delivery
from tests.complaints.conftest import Line, jpeg

# The last release of `three` was written for Python 2; this name is all it misses (reading JSON).
itertools.ifilter = filter  # type: ignore[attr-defined]
from three import Three  # noqa: E402

pytestmark = pytest.mark.django_db
V2 = "/open311/v2"
BY = Actor.system("operator")
PLACE = {"lat": "31.78", "long": "119.98"}
SECRET = "老王家对面那个黄毛"


@pytest.fixture
def key(district_pack: str) -> NewKey:
    return make_client(name="智慧城管平台", by=BY)


def sent(client: Client, key: NewKey, **parts: Any) -> Any:
    data = {"api_key": key.key, "service_code": "air-cooking-fumes", **PLACE, **parts}
    return client.post(f"{V2}/requests.json", {k: v for k, v in data.items() if v is not None})


def public(case: Case, cast: Any, run_jobs: Callable[[], Any]) -> PublicPoint:
    Line(cast, case).act("dispatcher", "accept")
    run_jobs()
    return PublicPoint.objects.get(case=case)


@pytest.mark.django_db(transaction=True)
def test_three_sends_and_reads(
    live_server: Any, key: NewKey, cast: Any, run_jobs: Callable[[], Any]
) -> None:
    three = Three(f"{live_server.url}{V2}/", api_key=key.key)
    services = three.services()
    assert {"service_code", "service_name", "group"} <= set(services[0])
    code = next(s["service_code"] for s in services if s["service_name"] == "餐饮油烟")
    assert three.services(code)["attributes"] == []
    answer = three.post(
        code, lat="31.78", long="119.98", description=SECRET, first_name="小明", last_name="王"
    )
    public_id = answer[0]["service_request_id"]
    case = Case.objects.get()
    assert (case.channel, case.category.code if case.category else "") == ("api", code)
    assert case.description == SECRET
    assert read_for_delivery(case.complainant_record, "name") == "王小明"
    point = public(case, cast, run_jobs)
    assert str(point.public_id) == public_id
    found = three.request(public_id)
    assert found[0]["status"] == "open"
    assert found[0]["service_name"] == "餐饮油烟"
    assert SECRET not in json.dumps(found, ensure_ascii=False)
    listed = three.requests(service_code=code)
    assert [one["service_request_id"] for one in listed] == [public_id]
    assert three.token(public_id)[0]["service_request_id"] == public_id
    wrong = Three(f"{live_server.url}{V2}/", api_key="gz_wrong").post(code, **PLACE)
    assert wrong[0]["code"] == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_georeport_reads_both_formats(
    kind: str, live_server: Any, key: NewKey, cast: Any, run_jobs: Callable[[], Any]
) -> None:
    answers = [sent(Client(), key) for _ in range(2)]
    ids = {json.loads(answer.content)[0]["service_request_id"] for answer in answers}
    for case in Case.objects.all():
        public(case, cast, run_jobs)
    client = GeoReport(f"{live_server.url}{V2}", output_format=kind)
    services = client.get_service_list()
    assert "air-cooking-fumes" in [one["service_code"] for one in services]
    definition = client.get_service_definition("air-cooking-fumes")
    assert definition["service_code"] == "air-cooking-fumes"
    requests = client.get_service_requests()
    assert {one["service_request_id"] for one in requests} == ids
    one = client.get_service_request(min(ids))
    one = one[0] if isinstance(one, list) else one
    assert one["service_request_id"] == min(ids)
    assert one["status"] == "open"


def test_a_report_is_the_same_whatever_door_it_came_by(client: Client, key: NewKey) -> None:
    answer = sent(client, key, description="油烟很大", media=jpeg(), phone="13800000009")
    assert answer.status_code == 201
    case = Case.objects.get()
    assert json.loads(answer.content)[0]["service_request_id"] == str(public_id_of(case.uid))
    assert case.photo_count == 1
    assert case.area is not None
    entry = Entry.objects.get(stream=case.stream, action="case.submit")
    assert entry.actor_kind == "client"
    assert "13800000009" not in str(entry.data)


def test_a_repeated_key_gives_the_same_request(client: Client, key: NewKey) -> None:
    mark = str(uuid4())
    data = {"api_key": key.key, "service_code": "air-cooking-fumes", **PLACE}
    answers = [
        client.post(f"{V2}/requests.json", data, headers={"Idempotency-Key": mark})
        for _ in range(3)
    ]
    assert len({answer.content for answer in answers}) == 1
    assert Case.objects.count() == ApiSubmission.objects.count() == 1


def test_the_sender_asks_before_the_public_may(client: Client, key: NewKey) -> None:
    public_id = json.loads(sent(client, key).content)[0]["service_request_id"]
    path = f"{V2}/requests/{public_id}.json"
    assert client.get(path).status_code == 404
    other = make_client(name="别的系统", by=BY)
    assert client.get(path, {"api_key": other.key}).status_code == 404
    own = client.get(path, {"api_key": key.key})
    assert own.status_code == 200
    assert json.loads(own.content)[0]["status"] == "open"


@pytest.mark.parametrize(
    ("parts", "status", "said"),
    [
        ({"api_key": ""}, 403, "密钥"),
        ({"api_key": "gz_no"}, 403, "密钥"),
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "no-such-thing"}, 400, "问题"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"lat": "nan"}, 400, "WGS-84"),
        ({"lat": "91", "long": "200"}, 400, "WGS-84"),
        ({"lat": "三十一"}, 400, "WGS-84"),
        ({"description": "油" * 5000}, 400, "1000"),
        ({"phone": "12"}, 400, "手机号"),
    ],
)
def test_wrong_input_is_told_in_words_and_stores_nothing(
    parts: dict[str, Any], status: int, said: str, client: Client, key: NewKey
) -> None:
    answer = sent(client, key, **parts)
    assert answer.status_code == status
    body = json.loads(answer.content)
    assert body[0]["code"] == status
    assert said in body[0]["description"]
    assert not Case.objects.exists()


def test_errors_come_in_the_format_that_was_asked_for(client: Client, key: NewKey) -> None:
    answer = client.post(f"{V2}/requests.xml", {"api_key": "gz_no"})
    tree = ET.fromstring(answer.content)
    assert answer["Content-Type"].startswith("text/xml")
    assert (tree.tag, tree[0].tag, tree[0][0].text) == ("errors", "error", "403")
    assert client.put(f"{V2}/requests.json").status_code == 405
    for path in ("services/none.xml", "requests/none.xml", f"requests/{uuid4()}.json"):
        assert client.get(f"{V2}/{path}").status_code == 404
    for query in ("status=broken", "start_date=gestern", "end_date=2026-13-45T00:00:00Z"):
        assert client.get(f"{V2}/requests.json?{query}").status_code == 400
    strange = client.get(f"{V2}/requests.json?page_size=5&service_request_id=x,y&foo=%00")
    assert (strange.status_code, json.loads(strange.content)) == (200, [])


def test_discovery_names_this_server(client: Client, key: NewKey, settings: Any) -> None:
    found = json.loads(client.get(f"{V2}/discovery.json").content)
    assert found["endpoints"][0]["url"] == f"{settings.PUBLIC_URL}/open311/v2"
    tree = ET.fromstring(client.get(f"{V2}/discovery.xml").content)
    formats = [node.text for node in tree.iter("format")]
    assert formats == ["text/xml", "application/json"]


def test_limits_hold_by_minute_and_by_day(client: Client, district_pack: str, clock: Any) -> None:
    key = make_client(name="忙碌的系统", by=BY, minute_limit=2, day_limit=3)
    statuses = [sent(client, key).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    refused = sent(client, key)
    assert int(refused["Retry-After"]) == 60
    clock.tick(minutes=1)
    assert sent(client, key).status_code == 201
    assert int(sent(client, key)["Retry-After"]) > 3600
    clock.tick(days=1)
    assert sent(client, key).status_code == 201
    clock.tick(days=60)
    assert forget_old_uses() > 0
    assert not ApiUse.objects.exists()


def test_a_revoked_key_opens_nothing(client: Client, key: NewKey) -> None:
    assert revoke_client(name="智慧城管平台", by=BY)
    assert not revoke_client(name="智慧城管平台", by=BY)
    assert sent(client, key).status_code == 403


def test_the_command_shows_a_key_once_and_keeps_its_hash(
    district_pack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("api_client", "add", "气象局", "--day-limit", "10")
    told = capsys.readouterr().out
    made = ApiClient.objects.get()
    assert told.startswith("gz_")
    assert told.split()[0] not in made.key_hash
    with pytest.raises(CommandError, match="already"):
        call_command("api_client", "add", "气象局")
    call_command("api_client", "list")
    listed = capsys.readouterr().out
    assert "10/day" in listed
    assert "gz_" not in listed
    call_command("api_client", "revoke", "气象局")
    with pytest.raises(CommandError, match="No client in use"):
        call_command("api_client", "revoke", "气象局")
