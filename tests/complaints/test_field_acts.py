"""What grid staff do from their phones: once per key, nothing lost, every refusal in words."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from complaints.models import Act, Case
from complaints.plausibility import Sighting, doubts_about, metres_between
from complaints.services.acts import add_supplement
from complaints.workflow import State
from foundation.ledger.selectors import entries_of
from foundation.media.models import Photo
from tests.complaints.conftest import complainant, jpeg
from tests.complaints.field_cases import grid_of, middle_of, send, signed, task

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(staff_client: Any) -> Client:
    return staff_client("grid")


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def purposes(case: Case) -> list[str]:
    return sorted(Photo.objects.filter(stream=case.stream).values_list("purpose", flat=True))


# -- the main line ----------------------------------------------------------------------------


def test_the_whole_line_by_plain_posts(phone: Client, cast: Any, submit: Any) -> None:
    case = task(cast, submit).case
    answer = send(phone, case, "sign_for", json=False)
    assert answer.url == f"/field/{case.number}/"
    answer = send(phone, fresh(case), "evidence", json=False, before=jpeg())
    assert answer.url == f"/field/{case.number}/"
    fields = {"after": jpeg(colour="green"), "outcome_code": "solved", "message": "已清走"}
    answer = send(phone, fresh(case), "complete", json=False, **fields)
    assert answer.url == "/field/"
    case = fresh(case)
    assert (case.state, case.outcome) == (State.PENDING_REVIEW, "solved")
    assert purposes(case) == ["after", "before", "report"]
    page = phone.get("/field/").content.decode()
    assert "已提交，等人核查。" in page
    assert "1 件等别人办" in page


def test_a_photo_and_a_chip_are_enough(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit).case
    answer = send(phone, case, "complete", after=jpeg(), outcome_code="solved")
    assert answer.status_code == 200
    assert answer.json()["said"] == "已提交，等人核查。"
    act = Act.objects.get(case=case, action="complete")
    assert act.internal_text == "已解决"


def test_handing_back_needs_a_reason_and_an_owner(phone: Client, cast: Any, submit: Any) -> None:
    case = task(cast, submit).case
    answer = send(phone, case, "request_return")
    assert (answer.status_code, answer.json()["field"]) == (400, "reason")
    answer = send(phone, case, "request_return", reason="other_duty")
    assert (answer.status_code, answer.json()["field"]) == (400, "proposed_owner")
    fields = {"reason": "other_duty", "proposed_owner": "department:ecology", "message": "是工厂"}
    assert send(phone, case, "request_return", **fields).status_code == 200
    act = Act.objects.get(case=case, action="request_return")
    assert act.internal_text == "不归我们管：是工厂"
    assert act.data["proposed_owner"] == "department:ecology"


def test_somebody_else_may_be_proposed_from_the_whole_list(
    phone: Client, cast: Any, submit: Any
) -> None:
    case = task(cast, submit).case
    fields = {"reason": "other_duty", "other_owner": "department:urban-management"}
    assert send(phone, case, "request_return", **fields).status_code == 200
    act = Act.objects.get(case=case, action="request_return")
    assert act.data["proposed_owner"] == "department:urban-management"


@pytest.mark.parametrize(
    ("action", "fields", "state"),
    [
        (
            "blow_whistle",
            {"reason_code": "joint_enforcement", "departments": ["water"], "message": "要联合"},
            "whistled",
        ),
        ("request_extension", {"message": "等设备"}, "extension_requested"),
        ("suspend", {"message": "业主出差"}, "suspended"),
        ("consult", {"message": "两家都管"}, "in_consultation"),
    ],
)
def test_seldom_acts_stand_behind_more(
    phone: Client, cast: Any, submit: Any, action: str, fields: dict[str, str], state: str
) -> None:
    case = signed(cast, submit).case
    page = phone.get(f"/field/{case.number}/").content.decode()
    assert f"/field/{case.number}/{action}/" in page
    assert send(phone, case, action, **fields).status_code == 200
    assert fresh(case).state == state


# -- once per key -----------------------------------------------------------------------------


def test_an_act_sent_twice_happens_once(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit).case
    key = str(uuid4())
    fields = {"outcome_code": "solved", "key": key}
    first = send(phone, case, "complete", after=jpeg(), **fields)
    again = send(phone, case, "complete", after=jpeg(), **fields)
    assert first.json()["version"] == again.json()["version"]
    assert Act.objects.filter(case=case, action="complete").count() == 1
    assert purposes(case) == ["after", "report"]
    actions = [entry.action for entry in entries_of(case.stream)]
    assert actions.count("case.complete") == 1


def test_a_replay_answers_the_version_of_its_own_act(phone: Client, cast: Any, submit: Any) -> None:
    """Later acts of the outbox follow it; a stranger's change in between must not slip through."""
    case = task(cast, submit).case
    key = str(uuid4())
    first = send(phone, case, "sign_for", key=key).json()
    assert first["was"] == case.version
    add_supplement(case_id=case.pk, by=complainant(case), message="又来了")
    assert send(phone, case, "sign_for", key=key).json()["version"] == first["version"]
    answer = send(phone, case, "complete", version=first["version"], outcome_code="solved")
    assert answer.status_code == 409


# -- conflicts and refusals -------------------------------------------------------------------


def test_signing_holds_whatever_was_added_meanwhile(phone: Client, cast: Any, submit: Any) -> None:
    case = task(cast, submit).case
    add_supplement(case_id=case.pk, by=complainant(case), message="今天又有味道")
    assert send(phone, case, "sign_for").status_code == 200


def test_a_changed_case_is_a_conflict_that_tells_the_new_state(
    phone: Client, cast: Any, submit: Any
) -> None:
    line = signed(cast, submit)
    seen = line.case.version
    add_supplement(case_id=line.case.pk, by=complainant(line.case), message="垃圾又多了")
    answer = send(phone, line.case, "complete", after=jpeg(), outcome_code="solved", version=seen)
    problem = answer.json()
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == "version_conflict"
    assert problem["state"] == "办理中"
    assert problem["version"] == fresh(line.case).version
    assert purposes(line.case) == ["report"]
    answer = send(
        phone,
        line.case,
        "complete",
        after=jpeg(),
        outcome_code="solved",
        version=problem["version"],
    )
    assert answer.status_code == 200


def test_a_plain_conflict_keeps_words_and_photos(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit).case
    add_supplement(case_id=case.pk, by=complainant(case), message="垃圾又多了")
    fields = {"after": jpeg(), "outcome_code": "ordered", "message": "已责令三天内整改"}
    answer = send(phone, case, "complete", json=False, **fields)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "案件已有变化" in page
    assert "已责令三天内整改" in page
    assert re.search(r'value="ordered"[^>]*checked', page)
    ticket = re.search(r'name="kept_after" value="([^"]+)"', page)
    assert ticket
    fields = {"kept_after": ticket[1], "outcome_code": "ordered", "message": "已责令三天内整改"}
    assert send(phone, fresh(case), "complete", json=False, **fields).status_code == 302
    assert purposes(case) == ["after", "report"]


def test_without_photos_or_a_reason_it_is_refused(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit, photo=False).case
    answer = send(phone, case, "complete", outcome_code="solved")
    assert (answer.status_code, answer.json()["code"]) == (422, "evidence_missing")
    fields = {"outcome_code": "not_found", "no_photo_reason": "现场没有发现"}
    assert send(phone, case, "complete", **fields).status_code == 200


def test_no_outcome_names_the_field(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit).case
    answer = send(phone, case, "complete", json=False, after=jpeg())
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'href="#complete-outcome_code"' in page
    assert "kept_after" in page


def test_missing_outcome_and_photo_are_told_together_at_their_places(
    phone: Client, cast: Any, submit: Any
) -> None:
    case = signed(cast, submit).case
    page = send(phone, case, "complete", json=False, message="好了").content.decode()
    assert page.count("请选一个处理结果。") == 3  # above, at the group, and the script's own word
    assert 'href="#complete-outcome_code"' in page
    assert 'href="#complete-after"' in page
    assert 'id="complete-outcome_code_error" data-gz-problem>' in page
    assert 'id="complete-after_error" data-gz-problem>' in page
    fields = {"no_photo_reason": "室内", "message": "好了"}
    page = send(phone, case, "complete", json=False, **fields).content.decode()
    assert 'id="complete-outcome_code_error" data-gz-problem>' in page
    assert 'id="complete-after_error" data-gz-problem hidden>' in page


def test_a_broken_photo_is_named_and_the_good_one_kept(
    phone: Client, cast: Any, submit: Any
) -> None:
    case = signed(cast, submit).case
    broken = SimpleUploadedFile("x.jpg", b"\xff\xd8\xff nothing", "image/jpeg")
    fields = {"before": jpeg(), "after": broken, "outcome_code": "solved"}
    answer = send(phone, case, "complete", json=False, **fields)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "打不开" in page
    assert "kept_before" in page
    assert purposes(case) == ["report"]


def test_a_task_that_is_not_yours_any_more_says_so(phone: Client, cast: Any, submit: Any) -> None:
    line = task(cast, submit)
    line.act("dispatcher", "recall", message="派错了")
    answer = send(phone, line.case, "sign_for")
    assert answer.status_code == 404
    assert answer.json()["title"] == "这件已经不在您的待办里了。"


@pytest.mark.parametrize("who", ["grid2", "bureau", "street2"])
def test_strangers_cannot_act(staff_client: Any, cast: Any, submit: Any, who: str) -> None:
    case = task(cast, submit).case
    assert send(staff_client(who), case, "sign_for").status_code == 404
    assert fresh(case).state == State.DISPATCHED


@pytest.mark.parametrize("action", ["approve", "close", "accept", "nothing"])
def test_only_acts_of_handlers_have_an_address(
    phone: Client, cast: Any, submit: Any, action: str
) -> None:
    case = signed(cast, submit).case
    assert send(phone, case, action).status_code == 404


def test_a_lost_session_is_told_in_json(client: Client, cast: Any, submit: Any) -> None:
    case = task(cast, submit).case
    answer = send(client, case, "sign_for")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")


@pytest.mark.parametrize(
    "fields",
    [
        {"version": "x"},
        {"version": "99999999999999"},
        {"key": "no-uuid"},
        {"lon": "nan", "lat": "inf", "taken_at": "1e400"},
        {"lon": "x", "lat": "1", "taken_at": "-5"},
        {"message": "字" * 2001},
        {"message": "😀𠮷\x00\u202e"},
        {"outcome_code": "made-up"},
        {"kept_after": "forged"},
        {"reason": "x", "proposed_owner": "grid:../../x"},
    ],
)
@pytest.mark.parametrize("action", ["complete", "request_return", "evidence", "suspend"])
def test_nonsense_never_breaks_anything(
    phone: Client, cast: Any, submit: Any, action: str, fields: dict[str, str]
) -> None:
    case = signed(cast, submit).case
    for json in (True, False):
        answer = send(phone, case, action, json=json, **fields)
        assert answer.status_code in {200, 302, 400, 409, 422}


# -- photos that do not fit -------------------------------------------------------------------


def test_a_photo_from_elsewhere_is_noted_and_taken(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit).case
    lon, lat = middle_of(grid_of(cast.grid))
    fields = {"after": jpeg(), "outcome_code": "solved", "lon": lon + 0.02, "lat": lat}
    answer = send(phone, case, "complete", **fields)
    assert answer.status_code == 200
    assert "300 米以外" in answer.json()["hint"]
    act = Act.objects.get(case=case, action="evidence")
    assert act.data["plausible"] is False
    assert act.data["doubt"] == ["far"]
    entry = next(e for e in entries_of(case.stream) if e.action == "case.evidence")
    assert entry.data["plausible"] is False
    assert str(lat)[:7] not in str(entry.data)


def test_an_old_photo_is_noted(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit).case
    taken = (timezone.now() - timedelta(days=2)).timestamp() * 1000
    answer = send(phone, case, "evidence", before=jpeg(), taken_at=taken)
    assert "一天以前" in answer.json()["hint"]
    assert Act.objects.get(case=case, action="evidence").data["doubt"] == ["old"]
    assert "不太吻合" in phone.get(f"/field/{case.number}/").content.decode()


def test_a_photo_on_the_spot_raises_no_question(phone: Client, cast: Any, submit: Any) -> None:
    case = signed(cast, submit).case
    lon, lat = middle_of(grid_of(cast.grid))
    now = timezone.now().timestamp() * 1000
    fields = {"lon": lon, "lat": lat, "taken_at": now}
    assert send(phone, case, "evidence", before=jpeg(), **fields).json()["hint"] == ""
    assert "plausible" not in Act.objects.get(case=case, action="evidence").data


def test_what_is_unknown_raises_no_doubt() -> None:
    now = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert doubts_about([Sighting()], place=(119.97, 31.78), now=now) == ()
    assert doubts_about([Sighting((119.97, 31.78), now)], place=None, now=now) == ()


def test_distances_are_right_within_a_city() -> None:
    assert metres_between((119.97, 31.78), (119.97, 31.79)) == pytest.approx(1113, rel=0.01)
    assert metres_between((119.97, 31.78), (119.98, 31.78)) == pytest.approx(946, rel=0.01)
