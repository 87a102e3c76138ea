"""Pages of information requests, as people see them: ask, receipt, follow, desk, report."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.models import AnswerFirst, InfoRequest, YearlyEntry
from cms.services.request_publication import publish_answer
from foundation.accounts.models import Role
from tests.cms.request_stories import APPLICANT, Path, ask, show_everything, staff
from tests.cms.test_inforequests import SECRET, SOURCE

HOME = "/disclosure/requests/"

pytestmark = pytest.mark.django_db
FORM = {
    **APPLICANT, "title": "噪声监测点位", "description": "", "medium": "electronic",
    "way": "online", "kind": "citizen",
}  # fmt: skip


@pytest.fixture
def path(cast: Any, clock: Any, district_pack: str) -> Path:
    return Path(cast, ask().request)


def sent(client: Client, **changed: str) -> Any:
    first = client.post(HOME, {"title": "噪声监测点位"})
    key = re.search(r'name="key" value="([^"]+)"', first.text)
    assert key is not None
    return client.post(HOME + "send/", {**FORM, "key": key[1], **changed})


def followed(client: Client, path: Path) -> None:
    session = client.session
    session["request_receipts"] = {str(path.request.uid): "2026-03-02T01:00:00+00:00"}
    session.save()


def test_a_guest_asks_gets_a_receipt_and_follows_with_number_and_code(
    client: Client, clock: Any, district_pack: str
) -> None:
    assert "申请信息公开" in client.get(HOME).text
    answer = sent(client)
    assert answer.status_code == 302
    page = client.get(answer.url)
    number = InfoRequest.objects.get().number
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", page.text)
    assert code is not None
    assert number in page.text
    assert 'class="gz-qr"' in page.text
    assert page["Cache-Control"] == "no-store"
    other = Client()
    assert other.get(answer.url).status_code == 404
    assert other.get(HOME + f"{number}/").status_code == 404
    wrong = other.post(HOME + "track/", {"number": number, "code": "1" * 16})
    assert (wrong.status_code, "对不上" in wrong.text) == (400, True)
    right = other.post(HOME + "track/", {"number": number, "code": code[0]})
    assert right.url == HOME + f"{number}/"
    own = other.get(right.url).text
    assert "等待确认" in own
    assert APPLICANT["identity"] not in own


def test_what_was_typed_stays_when_something_is_wrong(client: Client, district_pack: str) -> None:
    page = sent(client, phone="")
    assert page.status_code == 400
    assert "请留一个电话或电子邮箱" in page.text
    assert "金丽雀" in page.text
    assert client.post(HOME, {"title": " "}).status_code == 400


def test_guessing_codes_ends_in_waiting(client: Client, path: Path) -> None:
    guess = {"number": path.request.number, "code": "2" * 16}
    codes = [client.post(HOME + "track/", guess).status_code for _ in range(21)]
    assert codes == [400] * 20 + [429]


def test_published_answers_are_shown_first_and_one_press_is_counted(
    client: Client, path: Path, run_jobs: Any, search_index: None
) -> None:
    path.answered()
    publish_answer(
        request_id=path.request.pk, by=staff(path.cast.editor), title="噪声监测点位数据",
        question="", answer="昼间58分贝",
    )  # fmt: skip
    run_jobs()
    show_everything()
    page = client.post(HOME, {"title": "噪声监测点位"}).text
    token = re.search(r'name="hit" value="([^"]+)"', page)
    assert token is not None
    assert "这就是我要的" in page
    answer = client.post(HOME + "answers-me/", {"hit": token[1]})
    assert answer.url == path.request.get_absolute_url()
    assert "昼间58分贝" in client.get(answer.url).text
    assert "噪声监测点位数据" in client.get(HOME + "answered/").text
    counted = AnswerFirst.objects.get()
    assert (counted.shown, counted.answered) == (1, 1)
    assert client.post(HOME + "answers-me/", {"hit": "https://evil"}).url == HOME


def test_the_applicant_reads_the_clean_copy_and_nothing_of_the_original(
    client: Client, path: Path
) -> None:
    path.answered(source=SOURCE, ground="third_party")
    followed(client, path)
    page = client.get(HOME + f"{path.request.number}/")
    file = client.get(HOME + f"{path.request.number}/released.txt")
    for answer in (page, file):
        assert "昼间58分贝" in answer.text
        assert SECRET not in answer.text
        assert "陈梅" not in answer.text
        assert "no-store" in answer["Cache-Control"]
    assert "部分公开" in page.text
    assert Client().get(HOME + f"{path.request.number}/released.txt").status_code == 404


def test_the_applicant_corrects_and_takes_back(client: Client, path: Path) -> None:
    path.act("editor", "confirm")
    path.act("editor", "ask_correction", message="请写明年份", limit="15wd")
    followed(client, path)
    address = HOME + f"{path.request.number}/"
    assert "请写明年份" in client.get(address).text
    assert client.post(address + "correct/", {"message": ""}).status_code == 400
    assert client.post(address + "correct/", {"message": "2025年"}).status_code == 302
    assert client.post(address + "approve/", {}).status_code == 404
    assert client.post(address + "withdraw/", {}).status_code == 302
    assert "您已撤回申请" in client.get(address).text


def test_the_desk_works_a_request_off(path: Path, staff_client: Any) -> None:
    editor, leader = staff_client(Role.EDITOR), staff_client(Role.LEADER)
    desk = f"/desk/requests/{path.request.number}/"
    assert path.request.number in editor.get("/desk/requests/").text
    assert editor.post(desk + "act/confirm/", {"version": "1"}).status_code == 302
    late = editor.post(desk + "act/redirect/", {"version": "1", "message": "x"})
    assert late.status_code == 409
    marked = editor.post(desk + "act/draft_answer/", {"do": "mark", "source": "电话13800138000"})
    assert "[[13800138000]]" in marked.text
    draft = {"answer_type": "granted", "letter": "答复", "source": SOURCE, "ground": "third_party"}
    assert editor.post(desk + "act/draft_answer/", draft).status_code == 302
    assert "12幢302室" in leader.get(desk).text  # the reviewer checks what is blacked out
    assert leader.post(desk + "act/approve/", {}).status_code == 302
    assert SECRET not in editor.get(desk).text
    assert "金丽雀" not in editor.get(desk).text
    assert "金丽雀" in editor.post(desk + "applicant/", {"reason": "邮寄答复"}).text
    assert leader.post(desk + "applicant/", {"reason": "看看"}).status_code == 403
    words = {"title": "题", "question": "", "answer": "金丽雀"}
    assert editor.post(desk + "publish/", words).status_code == 400
    assert editor.post(desk + "publish/", {**words, "answer": "好"}).status_code == 302
    assert editor.post(desk + "unpublish/").status_code == 302


@pytest.mark.parametrize("who", ["bureau", "grid", "street", "dispatcher", "surveyor", "admin"])
def test_others_have_no_such_desk(who: str, path: Path, staff_client: Any) -> None:
    for address in ("", f"{path.request.number}/", "report/2026/", "report/2026/report.csv"):
        assert staff_client(who).get("/desk/requests/" + address).status_code == 403


def test_the_list_costs_the_same_for_many(path: Path, staff_client: Any) -> None:
    editor = staff_client(Role.EDITOR)
    editor.get("/desk/requests/")
    for _ in range(12):
        ask()
    with CaptureQueriesContext(connection) as spent:
        assert editor.get("/desk/requests/").status_code == 200
    assert len(spent) <= 10
    with CaptureQueriesContext(connection) as spent:
        assert editor.get(f"/desk/requests/{path.request.number}/").status_code == 200
    assert len(spent) <= 12


def test_the_yearly_report_counts_and_takes_figures_by_hand(path: Path, staff_client: Any) -> None:
    path.answered()
    editor = staff_client(Role.EDITOR)
    address = "/desk/requests/report/2026/"
    assert editor.post(address, {"review_upheld": "x"}).status_code == 400
    assert editor.post(address, {"review_upheld": "2", "problems": "人手少"}).status_code == 302
    assert YearlyEntry.objects.get().figures["review_upheld"] == 2
    page, file = editor.get(address).text, editor.get(address + "report.csv").text
    assert "人手少" in page
    assert "予以公开,1,0,0,0,0,0,1" in file
    assert "行政复议：结果维持,,,,,,,2" in file
    assert editor.get("/desk/requests/report/1800/").status_code == 404
