"""Information requests: table, clocks of Art 30–33, four eyes, redaction, figures, retention."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from hypothesis import given
from hypothesis import strategies as st

from cms.inforequest_errors import (
    ActionRefused,
    InvalidInput,
    NotPermitted,
    RequestError,
    RequestNotFound,
    VersionConflict,
)
from cms.inforequest_workflow import ANSWERS, CLOCKS, STATES, TABLE, AnswerType, State, find
from cms.models import CatalogueProposal, InfoRequest, Release, RequestClock
from cms.performer import Performer
from cms.redaction import BAR, premark, redact
from cms.selectors.inforequests import find_by_receipt
from cms.selectors.request_figures import (
    answered_on_time,
    answered_on_time_in_ledger,
    yearly_report,
)
from cms.services import inforequest_slots
from cms.services.inforequests import perform
from cms.services.request_publication import (
    forget_old_applicants,
    publish_answer,
    reveal_applicant,
    withdraw_publication,
)
from foundation.ledger.actor import Actor
from foundation.ledger.models import Entry
from foundation.metrics.period import Period
from foundation.vault.models import PersonalRecord
from tests.cms.request_stories import (
    APPLICANT,
    GUEST,
    LETTER,
    Path,
    ask,
    show_everything,
    staff,
)

pytestmark = pytest.mark.django_db

SECRET = "联系人陈梅，手机13800138000，住址红梅新村12幢302室。"
SOURCE = f"监测点位：文化宫。昼间58分贝。[[{SECRET}]]夜间48分贝。[[陈梅]]到场，陈梅签字。"


@pytest.fixture
def path(cast: Any, clock: Any, district_pack: str) -> Path:
    return Path(cast, ask().request)


def day_of(request: InfoRequest) -> str:
    assert request.due_at is not None
    return localdate(request.due_at).isoformat()


# -- the table --------------------------------------------------------------------------------


def test_every_state_is_reached_and_every_open_state_has_a_way_on_and_a_clock() -> None:
    reached = {State.SUBMITTED} | {row.target for row in TABLE}
    assert reached == set(State)
    for state, spec in STATES.items():
        assert any(row.source == state for row in TABLE) == spec.is_open
        assert not spec.is_open or spec.clock in CLOCKS


def test_there_are_the_seven_answers_of_article_36_in_its_order() -> None:
    assert [spec.clause for spec in ANSWERS.values()] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("state", list(State))
def test_what_the_table_does_not_list_is_refused(state: State, path: Path) -> None:
    actions = {row.action for row in TABLE}
    spec = STATES[state]
    now = timezone.now()
    InfoRequest.objects.filter(pk=path.request.pk).update(
        state=state, is_open=spec.is_open, due_at=now, next_party=str(spec.next_party or "")
    )
    for action in sorted(actions):
        if find(state, action) is None:
            with pytest.raises(ActionRefused):
                perform(request_id=path.request.pk, action=action, by=staff(path.cast.editor))


# -- submission -------------------------------------------------------------------------------


def test_one_key_posted_twice_is_one_request_with_one_receipt(district_pack: str) -> None:
    first = ask(key=(key := ask().request.uid))
    again = ask(key=key)
    assert (again.request.pk, again.code) == (first.request.pk, first.code)
    assert find_by_receipt(first.request.number, first.code) == first.request
    assert find_by_receipt(first.request.number, "0" * 16) is None


def test_the_applicant_is_in_the_vault_only(path: Path) -> None:
    stored = str(InfoRequest.objects.values().get()) + str(list(Entry.objects.values()))
    for value in APPLICANT.values():
        assert value not in stored
    fields = reveal_applicant(request_id=path.request.pk, by=staff(path.cast.editor), reason="邮寄")
    assert fields["name"] == APPLICANT["name"]
    assert Entry.objects.filter(stream=path.request.stream, action="vault.revealed").count() == 1
    with pytest.raises(InvalidInput):
        reveal_applicant(request_id=path.request.pk, by=staff(path.cast.editor), reason=" ")
    with pytest.raises(NotPermitted):
        reveal_applicant(request_id=path.request.pk, by=staff(path.cast.leader), reason="看看")


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"title": " \x00 "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"medium": "fax"}, "medium"),
        ({"kind": "x"}, "kind"),
        ({"applicant": {**APPLICANT, "name": ""}}, "name"),
        ({"applicant": {**APPLICANT, "identity": "110105194912310021"}}, "identity"),
        ({"applicant": {**APPLICANT, "identity": ""}}, "identity"),
        ({"applicant": {**APPLICANT, "phone": ""}}, "phone"),
        ({"way": "post"}, "address"),
        ({"way": "email"}, "email"),
    ],
)
def test_what_article_29_asks_for_is_asked_for(
    changed: dict[str, Any], name: str, district_pack: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(**changed)
    assert refused.value.field == name
    assert not InfoRequest.objects.exists()


def test_a_submission_costs_at_most_twelve_statements(
    district_pack: str, django_assert_max_num_queries: Any
) -> None:
    ask()
    with django_assert_max_num_queries(14):  # two of them open and close the transaction
        ask()


# -- clocks -----------------------------------------------------------------------------------


def test_the_answer_is_due_20_working_days_after_confirmation(path: Path, clock: Any) -> None:
    clock.move_to("2026-03-03 10:00")
    path.act("editor", "confirm")
    # 3 March is not counted; 20 working days on is 31 March.
    assert day_of(path.request) == "2026-03-31"
    assert localtime(path.request.due_at).hour == 18
    story = RequestClock.objects.get(code="answer").explanation
    assert len(story["counted"]) == 20
    assert {"date", "why"} <= set(story["skipped"][0])


def test_a_receipt_that_nobody_confirms_counts_from_the_end_of_its_time(
    path: Path, clock: Any
) -> None:
    assert day_of(path.request) == "2026-03-03"
    clock.move_to("2026-03-09 09:00")
    assert inforequest_slots.act_on_passed_deadlines(now=timezone.now()) == 1
    assert inforequest_slots.act_on_passed_deadlines(now=timezone.now()) == 0
    path.request.refresh_from_db()
    assert localdate(path.request.received_at).isoformat() == "2026-03-03"
    assert day_of(path.request) == "2026-03-31"


def test_a_corrected_request_is_received_anew_and_asked_once_only(path: Path, clock: Any) -> None:
    path.act("editor", "confirm")
    clock.move_to("2026-03-05 09:00")
    path.act("editor", "ask_correction", message="请写明年份", limit="15wd")
    assert day_of(path.request) == "2026-03-26"
    assert path.request.answer_due_at is None
    clock.move_to("2026-03-10 09:00")
    path.act("applicant", "correct", message="2025年")
    assert day_of(path.request) == "2026-04-08"  # 20 working days, 清明 left out
    with pytest.raises(ActionRefused, match="一次"):
        path.act("editor", "ask_correction", message="再写", limit="15wd")


def test_a_correction_cannot_be_asked_for_after_seven_working_days(path: Path, clock: Any) -> None:
    path.act("editor", "confirm")
    clock.move_to("2026-03-12 09:00")
    with pytest.raises(ActionRefused, match="7"):
        path.act("editor", "ask_correction", message="请写明年份", limit="15wd")


def test_who_does_not_correct_gives_the_request_up(path: Path, clock: Any) -> None:
    path.act("editor", "confirm")
    path.act("editor", "ask_correction", message="请写明年份", limit="7wd")
    clock.move_to("2026-03-12 09:00")
    inforequest_slots.act_on_passed_deadlines(now=timezone.now())
    path.request.refresh_from_db()
    assert path.request.state == State.LAPSED
    assert "放弃" in str(path.request.spec.label)


def test_the_time_of_asking_others_does_not_count(path: Path, clock: Any) -> None:
    path.act("editor", "confirm")
    assert day_of(path.request) == "2026-03-30"
    clock.move_to("2026-03-04 09:00")
    path.act("editor", "consult", consulted="third_party", message="发函征求某公司意见")
    assert day_of(path.request) == "2026-03-25"  # 15 working days
    clock.move_to("2026-03-11 09:00")
    path.act("editor", "record_opinion", opinion="objects", message="涉及商业秘密")
    assert day_of(path.request) == "2026-04-07"  # five working days and 清明 later


def test_silence_of_others_ends_the_pause_at_its_own_end(path: Path, clock: Any) -> None:
    path.act("editor", "confirm")
    path.act("editor", "consult", consulted="other_body", message="征求意见")
    clock.move_to("2026-04-20 09:00")
    inforequest_slots.act_on_passed_deadlines(now=timezone.now())
    path.request.refresh_from_db()
    assert path.request.state == State.IN_PROGRESS
    pause = RequestClock.objects.get(code="answer").pauses[0]
    assert pause[1].startswith("2026-03-23")


def test_more_time_is_granted_once_by_somebody_else_and_before_the_end(
    path: Path, clock: Any
) -> None:
    path.act("editor", "confirm")
    path.act("editor", "ask_extension", message="数量大", limit="20wd")
    with pytest.raises(ActionRefused, match="第二"):
        path.act("editor", "grant_extension")
    path.act("leader", "grant_extension")
    assert day_of(path.request) == "2026-04-28"  # 20 more from 30 March
    assert RequestClock.objects.get(code="answer").outcome == "void"
    with pytest.raises(ActionRefused, match="一次"):
        path.act("editor", "ask_extension", message="还要", limit="20wd")


def test_more_time_cannot_be_granted_when_the_time_is_over(path: Path, clock: Any) -> None:
    path.act("editor", "confirm")
    path.act("editor", "ask_extension", message="数量大", limit="20wd")
    clock.move_to("2026-03-31 09:00")
    with pytest.raises(ActionRefused):
        path.act("leader", "grant_extension")


def test_a_new_holiday_moves_running_deadlines_with_a_trace(path: Path, clock: Any) -> None:
    from foundation.worktime.services import set_day

    path.act("editor", "confirm")
    day = localdate().replace(day=10)
    set_day(day=day, is_working=False, source="区政府通知", actor=Actor.system("test"))
    now = timezone.now()
    span = {"since": now - timedelta(days=1), "until": now + timedelta(days=60)}
    assert inforequest_slots.recount_deadlines(at=now, **span) == 2
    path.request.refresh_from_db()
    assert day_of(path.request) == "2026-03-31"
    assert Entry.objects.filter(action="inforequest.recount").count() == 2


# -- acts -------------------------------------------------------------------------------------


def test_the_answer_leaves_only_after_a_second_person_looked(path: Path) -> None:
    path.act("editor", "confirm")
    path.act("editor", "draft_answer", answer_type="not_held", letter=LETTER)
    with pytest.raises(ActionRefused):
        path.act("editor", "approve")
    assert path.act("leader", "approve").state == State.ANSWERED
    assert path.request.ended_at is not None


def test_strangers_find_nothing_and_applicants_do_not_do_the_office_s_work(path: Path) -> None:
    stranger = Performer(Actor("resident", "guest"))
    with pytest.raises(RequestNotFound):
        perform(request_id=path.request.pk, action="confirm", by=stranger)
    for who in ("bureau", "grid", "surveyor", "admin", "dispatcher"):
        with pytest.raises(RequestNotFound):
            path.act(who, "confirm")
    for who in ("applicant", "auditor", "leader"):
        with pytest.raises(NotPermitted):
            path.act(who, "confirm")
    with pytest.raises(VersionConflict):
        perform(
            request_id=path.request.pk, action="confirm", by=staff(path.cast.editor), version=99
        )


@pytest.mark.parametrize("answer", list(AnswerType))
def test_each_answer_asks_for_what_it_needs(answer: AnswerType, path: Path) -> None:
    path.act("editor", "confirm")
    required = ANSWERS[answer].required
    if required:
        with pytest.raises(InvalidInput) as refused:
            path.act("editor", "draft_answer", answer_type=answer, letter=LETTER)
        assert refused.value.field in required
    extra = {"pointer": "政府网站环境状况栏目", "ground": "secret"}
    if answer == AnswerType.REPEATED:
        other = Path(path.cast, ask().request)
        extra["pointer"] = other.answered().number
    path.act("editor", "draft_answer", answer_type=answer, letter=LETTER, **extra)
    assert path.act("leader", "approve").answer_type == answer


def test_repeated_needs_an_answer_to_the_same_applicant(path: Path) -> None:
    other = {**APPLICANT, "identity": "G12345678"}
    earlier = Path(path.cast, ask(applicant=other).request).answered().number
    path.act("editor", "confirm")
    with pytest.raises(InvalidInput):
        path.act("editor", "draft_answer", answer_type="repeated", letter=LETTER, pointer=earlier)


def test_a_complaint_in_disguise_is_redirected_with_a_word(path: Path) -> None:
    with pytest.raises(InvalidInput):
        path.act("editor", "redirect")
    path.act("editor", "redirect", message="这是投诉，请走投诉渠道")
    assert path.request.state == State.REDIRECTED


# -- redaction --------------------------------------------------------------------------------


def test_what_is_blacked_out_is_nowhere_in_what_is_released(path: Path) -> None:
    path.answered(source=SOURCE, ground="third_party", document="监测记录")
    release = Release.objects.get()
    for secret in (SECRET, "13800138000", "302", "联系人"):
        assert secret not in release.text
        assert secret.encode() not in bytes(release.sealed_original)
    assert "昼间58分贝" in release.text
    assert BAR in release.text
    assert path.request.is_partial


def test_partial_release_gives_its_reason(path: Path) -> None:
    path.act("editor", "confirm")
    with pytest.raises(InvalidInput) as refused:
        path.act("editor", "draft_answer", answer_type="granted", letter=LETTER, source=SOURCE)
    assert refused.value.field == "ground"


def test_the_letter_does_not_repeat_what_is_blacked_out(path: Path) -> None:
    path.act("editor", "confirm")
    with pytest.raises(InvalidInput):
        path.act(
            "editor", "draft_answer", answer_type="granted", ground="internal",
            letter="已删去某甲公司报价。", source="正文[[某甲公司报价]]完",
        )  # fmt: skip


def test_a_marked_passage_goes_wherever_it_stands_and_shows_no_length() -> None:
    copy = redact("甲说[[陈梅]]来了，后来陈梅走了，[[这一大段很长很长的话]]完。")
    assert "陈梅" not in copy.text
    assert copy.text.count(BAR) == 3
    assert len(set(copy.text.replace(BAR, ""))) < 20


def test_private_details_that_nobody_marked_are_refused_and_can_be_marked_for_you() -> None:
    with pytest.raises(InvalidInput, match="13800138000"):
        redact("电话13800138000")
    assert redact(premark("电话13800138000，［［甲］］")).text == f"电话{BAR}，{BAR}"


@pytest.mark.parametrize("text", ["[[甲", "甲]]", "[[甲[[乙]]", "[[全部]]", ""])
def test_marks_that_do_not_pair_or_leave_nothing_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        redact(text)


WORDS = st.text(alphabet="天地玄黄宇宙洪荒日月盈昃", min_size=2, max_size=6)


@given(before=WORDS, secret=WORDS, after=WORDS)
def test_no_secret_survives_redaction(before: str, secret: str, after: str) -> None:
    copy = redact(f"正文{before}[[{secret}]]{after}{secret}完")
    assert secret not in copy.text


# -- publication, repetition, time ------------------------------------------------------------


def test_a_published_answer_names_nobody_and_can_be_taken_back(
    path: Path, run_jobs: Any, search_index: None
) -> None:
    path.answered(source=SOURCE, ground="third_party")
    by, pk = staff(path.cast.editor), path.request.pk
    words = {"title": "噪声监测数据", "question": "各点位监测值"}
    for bad in ("金丽雀申请", "电话13961190777", "住红梅新村12幢302室", SECRET):
        with pytest.raises(InvalidInput):
            publish_answer(request_id=pk, by=by, answer=bad, **words)
    publish_answer(request_id=pk, by=by, answer="昼间58分贝", **words)
    run_jobs()
    show_everything()
    from search.selectors import search

    assert [hit.kind for hit in search("噪声监测数据").hits] == ["answer"]
    assert not search("金丽雀").hits
    withdraw_publication(request_id=pk, by=by)
    run_jobs()
    show_everything()
    assert not search("噪声监测数据").hits


def test_only_an_answered_request_is_published(path: Path) -> None:
    with pytest.raises(ActionRefused):
        publish_answer(
            request_id=path.request.pk, by=staff(path.cast.editor), title="题", question="",
            answer="答",
        )  # fmt: skip


def test_three_people_who_get_the_same_make_a_proposal_and_one_person_does_not(
    cast: Any, clock: Any, district_pack: str
) -> None:
    for _ in range(3):
        Path(cast, ask().request).answered()
    assert not CatalogueProposal.objects.exists()
    for n in range(2):
        other = {**APPLICANT, "identity": f"G1234567{n}"}
        Path(cast, ask(applicant=other).request).answered()
    proposal = CatalogueProposal.objects.get()
    assert "噪声监测" in proposal.name
    assert proposal.requests.count() == 5


def test_figures_from_rows_and_from_the_ledger_agree(
    cast: Any, clock: Any, district_pack: str
) -> None:
    late, in_time, waiting, paused, moved = (Path(cast, ask().request) for _ in range(5))
    in_time.answered()
    for one in (late, waiting, paused, moved):
        one.act("editor", "confirm")
    paused.act("editor", "consult", consulted="third_party", message="征求意见")
    moved.act("editor", "ask_extension", message="数量大", limit="5wd")
    moved.act("leader", "grant_extension")
    clock.move_to("2026-04-01 09:00")
    late.act("editor", "draft_answer", answer_type="not_held", letter=LETTER)
    late.act("leader", "approve")
    clock.move_to("2026-05-06 09:00")
    period = Period.parse("2026-03")
    shown, proof = answered_on_time(period), answered_on_time_in_ledger(period)
    assert (shown.numerator, shown.denominator) == (1, 3)
    assert (proof.numerator, proof.denominator) == (1, 3)
    april = Period.parse("2026-04")
    assert answered_on_time(april).text == answered_on_time_in_ledger(april).text
    report = yearly_report(2026, until=timezone.now())
    assert report.is_balanced
    lines = {code: total for code, _row, total in report.lines()}
    assert (lines["received"], lines["granted"], lines["not_held"]) == (5, 1, 1)
    assert lines["carried_on"] == 3
    assert report.received["citizen"] == 5


def test_two_years_after_the_end_nobody_is_left_but_the_counts_stay(path: Path, clock: Any) -> None:
    request = path.answered(source=SOURCE, ground="third_party")
    clock.move_to("2028-02-25 09:00")
    assert forget_old_applicants(now=timezone.now()) == 0
    clock.move_to("2028-03-10 09:00")
    assert forget_old_applicants(now=timezone.now()) == 1
    assert forget_old_applicants(now=timezone.now()) == 0
    request.refresh_from_db()
    assert PersonalRecord.objects.get(stream=request.stream).is_shredded
    assert (request.letter, request.applicant_record) == ("", None)
    assert not Release.objects.exists()
    assert yearly_report(2026, until=timezone.now()).received.total() == 1


@given(text=st.text(max_size=60))
def test_strange_texts_are_kept_tidy_or_refused(text: str) -> None:
    from cms.inforequest_inputs import clean

    try:
        tidy = clean(text, longest=50, name="title")
    except RequestError:
        return
    assert tidy
    assert "\x00" not in tidy
    assert "\u202e" not in tidy
    tidy.encode()


def test_guests_are_nobody() -> None:
    assert not GUEST.access.is_staff_member
