"""Templates, previews, blanks and routes: what residents get is what staff saw."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from complaints.errors import InvalidInput
from complaints.inputs import LEFTOVER, REJECT_REASONS
from complaints.models import Act, Case, SentAnswer
from complaints.services.answers import preview_act, sent_lately
from complaints.wording import SLOT, SLOTS, read_wording, wording
from foundation.ledger.models import Entry
from foundation.notices.models import Notice
from foundation.places.pack import Pack, PackError
from tests.cast import sign_in
from tests.complaints.conftest import Line, staff

NOW = "2026-11-23T10:00:00+08:00"
pytestmark = pytest.mark.django_db
REPLY = "接报后到现场，经查烧烤店油烟净化器未开，已责令整改，下周复查。"


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def line(cast: Any, submit: Callable[..., Any]) -> Line:
    return Line(cast, submit(contact={"phone": "13812345678"}).case)


def to_review(line: Line) -> Line:
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    done = {"outcome_code": "ordered", "message": "已责令清洗净化器，电话13900001111"}
    line.act("bureau", "complete", no_photo_code="no_entry", no_photo_reason="室内", **done)
    return line


def address(line: Line, action: str, verb: str = "wording") -> str:
    return f"/desk/cases/{line.case.number}/{verb}/{action}/"


# -- the pack -----------------------------------------------------------------------------------


def test_every_reason_of_refusal_has_its_way() -> None:
    for reason in REJECT_REASONS:
        route = wording().route(reason)
        assert route is not None, reason
        assert route.body
        assert route.how
        assert route.phone


def test_every_act_with_a_template_has_one_that_can_be_finished() -> None:
    for action in ("approve", "answer_directly", "reject", "refer_out", "uphold_answer"):
        assert wording().replies_for(action, frozenset()), action
    for reply in wording().replies:
        assert {slot[1] for slot in SLOT.finditer(reply.text)} <= SLOTS.keys()
        filled = reply.filled(dict.fromkeys(SLOTS, "某"))
        assert "{{" not in filled
        assert not LEFTOVER.search(re.sub(r"【[^】]*】", "某", filled))


def test_what_is_not_known_stays_a_blank() -> None:
    reply = next(r for r in wording().replies if r.code == "general")
    text = reply.filled({"编号": "TN-1"})
    assert "TN-1" in text
    assert "【承办单位】" in text


def test_templates_for_the_kind_come_first() -> None:
    found = wording().replies_for("approve", frozenset({"air", "air-cooking-fumes"}))
    assert found[0].code == "fumes"
    assert found[-1].code in {"general", "not-found"}
    assert "dust" not in {reply.code for reply in found}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('reason = "discipline"', 'reason = "emergency"', "twice"),
        ("（{{编号}}）", "（{{号码}}）", "filled in"),
        ('acts = ["reject"]', 'acts = ["refuse"]', "no act"),
    ],
)
def test_a_pack_with_mistakes_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (Path(settings.DISTRICT_PACK) / "replies.toml").read_text()
    (tmp_path / "replies.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(PackError, match=said):
        read_wording(Pack(tmp_path))


def test_a_pack_without_a_way_is_refused(tmp_path: Path) -> None:
    text = (Path(settings.DISTRICT_PACK) / "replies.toml").read_text()
    head, _sep, _tail = text.rpartition("[[route]]")
    (tmp_path / "replies.toml").write_text(head)
    with pytest.raises(PackError, match="not_understood"):
        read_wording(Pack(tmp_path))


# -- refusing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(REJECT_REASONS))
def test_the_resident_reads_where_to_go(line: Line, reason: str, client: Any) -> None:
    line.act("dispatcher", "reject", reason_code=reason, message="不属于本平台受理范围。")
    route = wording().route(reason)
    assert route is not None
    shown = preview_page(line)
    assert escape(route.body) in shown
    assert escape(route.how) in shown


def preview_page(line: Line) -> str:
    """The tracking page as the holder of the receipt sees it."""
    from django.template.loader import render_to_string

    from complaints.selectors.tracking import progress_of

    context = {"case": line.case, "progress": progress_of(line.case)}
    return render_to_string("complaints/_case_answer.html", context)


def test_nothing_is_refused_without_a_way(line: Line, tmp_path: Path, settings: Any) -> None:
    settings.DISTRICT_PACK = tmp_path
    with pytest.raises(InvalidInput, match="途径") as refused:
        line.act("dispatcher", "reject", reason_code="emergency", message="请打电话")
    assert refused.value.field == "reason_code"
    line.case.refresh_from_db()
    assert line.case.state == "submitted"


@pytest.mark.parametrize("blank", ["【原因】", "{{编号}}", "××", "____"])
def test_blanks_never_reach_a_resident(line: Line, blank: str) -> None:
    for action, more in (("ask_info", {}), ("reject", {"reason_code": "emergency"}),
                         ("refer_out", {"body": "武进区"})):  # fmt: skip
        with pytest.raises(InvalidInput, match="还没有填") as refused:
            line.act("dispatcher", action, message=f"因{blank}", **more)
        assert refused.value.field == "message"


def test_residents_may_write_brackets(line: Line) -> None:
    line.act("dispatcher", "ask_info", message="几点出现？")
    line.act("complainant", "supply_info", message="【晚上】十点")
    assert line.case.state == "submitted"


# -- templates and preview ----------------------------------------------------------------------


def test_a_template_comes_filled_without_scripts(line: Line) -> None:
    to_review(line)
    page = sign_in(line.cast.dispatcher)
    text = page.get(f"/desk/cases/{line.case.number}/").content.decode()
    assert "套用模板" in text
    assert "通用：五段式" in text
    sent = {"use": "1", "template": "general", "version": line.case.version, "reply": ""}
    text = page.post(address(line, "approve"), sent).content.decode()
    box = text[text.index('id="approve-reply"') :]
    box = box[: box.index("</textarea>")]
    assert line.case.number in box
    assert "已责令清洗净化器" in box
    assert "13900001111" not in box
    assert "【看到的情况】" in box


def test_blanks_of_a_template_are_refused_when_sent(line: Line) -> None:
    to_review(line)
    reply = wording().replies_for("approve", frozenset())[0].filled({})
    with pytest.raises(InvalidInput, match="还没有填"):
        line.act("dispatcher", "approve", reply=reply)


def test_the_preview_is_what_arrives_and_keeps_nothing(line: Line) -> None:
    to_review(line)
    before = (Act.objects.count(), Entry.objects.count(), Notice.objects.count())
    by = staff(line.cast.dispatcher)
    shown = preview_act(
        case_id=line.case.pk,
        action="approve",
        by=by,
        data={"reply": REPLY},
        version=line.case.version,
    )
    assert before == (Act.objects.count(), Entry.objects.count(), Notice.objects.count())
    assert Case.objects.get(pk=line.case.pk).state == "pending_review"
    assert SentAnswer.objects.count() == 0
    assert shown.is_reachable
    from django.template.loader import render_to_string

    drawn = render_to_string(
        "complaints/_answer_body.html", {"case": shown.case, "progress": shown.progress}
    )
    line.act("dispatcher", "approve", reply=REPLY)
    assert drawn.strip() in preview_page(line)
    assert REPLY in drawn
    assert "重新办理" in drawn


def test_the_notice_in_the_preview_is_the_one_that_leaves(
    line: Line, run_jobs: Any, settings: Any
) -> None:
    shown = preview_act(
        case_id=line.case.pk,
        action="reject",
        by=staff(line.cast.dispatcher),
        data={"reason_code": "in_court", "message": "该事项正在法院审理。"},
        version=line.case.version,
    )
    line.act("dispatcher", "reject", reason_code="in_court", message="该事项正在法院审理。")
    run_jobs()
    texts = [path.read_text() for path in Path(settings.OUTBOX_ROOT).rglob("*.txt")]
    assert any(shown.notice in text for text in texts), (shown.notice, texts)
    assert "12368" in shown.notice


def test_the_preview_page_shows_answer_and_doubts(line: Line) -> None:
    to_review(line)
    page = sign_in(line.cast.dispatcher)
    sent = {"preview": "1", "version": line.case.version, "reply": REPLY}
    text = page.post(address(line, "approve"), sent).content.decode()
    assert "预览：尚未发送" in text
    assert "没有相同的地点或主题" not in text
    pasted = "接报后，民警到场，经查有人跳广场舞，现场要求调低音响。"
    text = page.post(address(line, "approve"), {**sent, "reply": pasted}).content.decode()
    assert "没有相同的地点或主题" in text
    # A warning stops nobody.
    line.act("dispatcher", "approve", reply=pasted)
    assert line.case.state == "replied"


def test_an_answer_sent_to_another_case_is_named(line: Line, submit: Any) -> None:
    to_review(line)
    line.act("dispatcher", "approve", reply=REPLY)
    other = submit().case
    assert sent_lately(other, REPLY.replace("下周", " 下周 3 ")) == line.case.number
    assert sent_lately(line.case, REPLY) == ""
    assert sent_lately(other, "别的话") == ""


def test_wrong_inputs_of_a_preview_keep_what_was_typed(line: Line) -> None:
    to_review(line)
    page = sign_in(line.cast.dispatcher)
    sent = {"preview": "1", "version": line.case.version, "reply": "经查，【店名】"}
    answer = page.post(address(line, "approve"), sent)
    assert answer.status_code == 400
    assert "还没有填" in answer.content.decode()
    assert "经查，【店名】" in answer.content.decode()


def test_nobody_previews_what_they_may_not_do(line: Line) -> None:
    to_review(line)
    sent = {"preview": "1", "version": line.case.version, "reply": REPLY}
    assert sign_in(line.cast.bureau).post(address(line, "approve"), sent).status_code == 404
    assert sign_in(line.cast.bureau2).post(address(line, "approve"), sent).status_code == 404
    assert sign_in(line.cast.dispatcher).post(address(line, "merge"), sent).status_code == 404


def test_answering_stays_within_its_statements(line: Line) -> None:
    to_review(line)
    with CaptureQueriesContext(connection) as asked:
        line.act("dispatcher", "approve", reply=REPLY)
    # Savepoints of the test's own transaction are no work of the act.
    done = [q for q in asked if "SAVEPOINT" not in q["sql"]]
    assert len(done) <= 15, [q["sql"][:80] for q in done]
