"""Joined reports (并单): everybody keeps an own receipt, progress, answer, notices and rating."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.errors import ActionRefused, CaseError, InvalidInput, NotPermitted
from complaints.models import Case, Clock
from complaints.selectors.tracking import progress_of
from complaints.services.acts import leave_contact, rate_later
from complaints.services.groups import change_main, follow_main
from complaints.services.intake import Receipt
from complaints.services.transition import perform
from complaints.visitors import remember_receipt
from foundation.ledger.selectors import entries_of
from foundation.notices.models import Notice
from tests.complaints.conftest import Line, Reading, complainant, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[..., Client]
Jobs = Callable[[], Any]
ANSWER = "接报后，工作人员到现场检查，已责令整改。联系人电话 13912345678。"


@pytest.fixture
def pair(submit: Submit, cast: Any) -> tuple[Line, Line]:
    """A main case and one joined to it, whose reporter left a number."""
    main, member = Line(cast, submit().case), Line(cast, submit(description="又闻到油烟").case)
    leave_contact(case_id=member.case.pk, by=complainant(member.case), phone="13900001234")
    member.case.refresh_from_db()
    member.act("dispatcher", "merge", main_number=main.case.number)
    return main, member


def answered(line: Line) -> Line:
    line.act("dispatcher", "accept")
    line.act("dispatcher", "answer_directly", reply=ANSWER)
    return line


def fresh(case: Case) -> Case:
    return Case.objects.select_related("main_case", "category").get(pk=case.pk)


def codes_of(case: Case) -> list[str]:
    found = Notice.objects.filter(stream=case.stream).order_by("queued_at", "key")
    return list(found.values_list("code", flat=True))


# -- progress, answer, notices, rating ----------------------------------------------------------


def test_a_joined_reporter_sees_the_main_cases_progress_and_answer(
    pair: tuple[Line, Line], client: Client
) -> None:
    main, member = pair
    answered(main)
    seen = progress_of(fresh(member.case))
    assert str(seen.state_label) == "已答复"
    assert [str(step.title) for step in seen.steps][:2] == ["已答复", "已受理"]
    assert "已责令整改" in seen.reply
    assert "13912345678" not in seen.reply


def test_words_and_acts_of_the_main_reporter_stay_private(pair: tuple[Line, Line]) -> None:
    main, member = pair
    main.act("dispatcher", "ask_info", message="请问门牌号？")
    main.act("complainant", "supply_info", message="我住三楼")
    told = progress_of(fresh(member.case))
    texts = " ".join(step.text + str(step.title) for step in told.steps)
    assert "门牌" not in texts
    assert "三楼" not in texts
    assert not told.question


def test_everybody_is_told_once_under_their_own_number(
    pair: tuple[Line, Line], run_jobs: Jobs
) -> None:
    main, member = pair
    answered(main)
    run_jobs()
    assert codes_of(member.case) == ["case.merged", "case.accepted", "case.replied"]
    again = follow_main(uid=main.case.uid, action="answer_directly", version=main.case.version)
    assert again == 1
    run_jobs()
    assert codes_of(member.case).count("case.replied") == 1
    told = entries_of(member.case.stream).filter(action="case.main_changed")
    assert told.count() == 2


def test_each_report_counts_as_answered_when_the_main_one_is(
    pair: tuple[Line, Line], run_jobs: Jobs
) -> None:
    main, member = pair
    clock = Clock.objects.get(case=member.case, code="handling")
    assert clock.outcome == Clock.Outcome.RUNNING
    answered(main)
    run_jobs()
    clock.refresh_from_db()
    assert clock.outcome == Clock.Outcome.MET
    assert clock.stopped_at == main.case.replied_at
    assert fresh(member.case).replied_at == main.case.replied_at
    assert not Clock.objects.filter(case=member.case, outcome=Clock.Outcome.RUNNING).exists()


def test_who_joins_an_answered_case_has_the_answer(
    submit: Submit, cast: Any, run_jobs: Jobs
) -> None:
    main = answered(Line(cast, submit().case))
    member = Line(cast, submit().case)
    member.act("dispatcher", "merge", main_number=main.case.number)
    run_jobs()
    assert fresh(member.case).replied_at is not None
    assert Clock.objects.get(case=member.case, code="handling").outcome == Clock.Outcome.MET


def test_a_rating_counts_on_the_own_report(pair: tuple[Line, Line]) -> None:
    main, member = pair
    with pytest.raises(ActionRefused):
        rate_later(case_id=member.case.pk, by=complainant(member.case), rating="2")
    answered(main)
    rate_later(case_id=member.case.pk, by=complainant(member.case), rating="2", rating_text="没改")
    assert fresh(member.case).rating == 2
    assert fresh(main.case).rating is None


def test_the_own_page_shows_answer_rating_and_the_way_out(
    pair: tuple[Line, Line], client: Client
) -> None:
    main, member = pair
    answered(main)
    session = client.session
    remember_receipt(session, member.case)
    session.save()
    text = client.get(f"/track/{member.case.number}/").content.decode()
    for words in ("已责令整改", "有多人反映同一问题", "这不是同一个问题", "您对这次答复满意吗"):
        assert words in text
    assert main.case.number not in text
    url = f"/track/{member.case.number}/ask_split/"
    refused = client.post(url, {"message": ""})
    assert refused.status_code == 400
    assert "哪里不一样" in refused.content.decode()
    done = client.post(url, {"message": "我家是隔壁那家店", "key": str(uuid4())}, follow=True)
    assert "单独" in done.content.decode()
    assert fresh(member.case).state == "submitted"


def test_a_rejected_main_case_ends_it_for_all_and_counts_nowhere(
    pair: tuple[Line, Line], run_jobs: Jobs
) -> None:
    main, member = pair
    main.act("dispatcher", "reject", reason_code="in_court", message="已起诉，请等法院判决。")
    run_jobs()
    assert "case.rejected" in codes_of(member.case)
    assert Clock.objects.get(case=member.case, code="handling").outcome == Clock.Outcome.VOID


# -- leaving ------------------------------------------------------------------------------------


def test_a_report_split_off_goes_on_with_its_own_clock(
    submit: Submit, cast: Any, run_jobs: Jobs
) -> None:
    main, member = Line(cast, submit().case), Line(cast, submit().case)
    member.act("dispatcher", "accept")
    before = Clock.objects.get(case=member.case, code="handling")
    member.act("dispatcher", "merge", main_number=main.case.number)
    member.act("dispatcher", "split", message="两家店")
    case = fresh(member.case)
    assert (case.state, case.main_case, case.closed_at) == ("pending_dispatch", None, None)
    clock = Clock.objects.get(case=case, code="handling", outcome=Clock.Outcome.RUNNING)
    assert (clock.pk, clock.due_at) == (before.pk, before.due_at)
    assert case.handling_due_at == before.due_at


def test_split_off_after_the_answer_it_gets_a_time_of_its_own(
    pair: tuple[Line, Line], run_jobs: Jobs
) -> None:
    main, member = pair
    answered(main)
    run_jobs()
    member.case = fresh(member.case)
    member.act("dispatcher", "split")
    case = fresh(member.case)
    assert case.replied_at is None
    running = Clock.objects.filter(case=case, outcome=Clock.Outcome.RUNNING)
    assert set(running.values_list("code", flat=True)) == {"redo", "dispatch"}


def test_the_reporter_may_object_once(pair: tuple[Line, Line]) -> None:
    main, member = pair
    member.act("complainant", "ask_split", message="是另一家")
    assert member.case.state == "submitted"
    member.act("dispatcher", "merge", main_number=main.case.number)
    with pytest.raises(ActionRefused, match="已单独研究过一次"):
        member.act("complainant", "ask_split", message="真的是另一家")


def test_accepted_again_the_time_runs_from_the_first_decision(pair: tuple[Line, Line]) -> None:
    _main, member = pair
    first = Clock.objects.get(case=member.case, code="handling")
    member.act("complainant", "ask_split", message="是另一家")
    member.act("dispatcher", "accept")
    again = Clock.objects.get(case=member.case, code="handling", outcome=Clock.Outcome.RUNNING)
    assert again.due_at == first.due_at


def test_when_the_main_reporter_withdraws_the_first_of_the_others_leads(
    pair: tuple[Line, Line], submit: Submit, cast: Any, run_jobs: Jobs
) -> None:
    main, member = pair
    third = Line(cast, submit().case)
    third.act("dispatcher", "merge", main_number=main.case.number)
    main.act("complainant", "withdraw")
    run_jobs()
    assert fresh(member.case).state == "submitted"
    assert fresh(third.case).main_case == member.case


# -- what may be merged with what -----------------------------------------------------------------


def test_members_follow_a_main_case_that_is_merged_itself(
    pair: tuple[Line, Line], submit: Submit, cast: Any
) -> None:
    main, member = pair
    other = submit().case
    main.act("dispatcher", "merge", main_number=other.number)
    assert fresh(member.case).main_case == other
    assert fresh(main.case).main_case == other


def test_a_case_cannot_join_a_joined_one_its_own_member_or_itself(
    pair: tuple[Line, Line], submit: Submit, cast: Any
) -> None:
    main, member = pair
    third = Line(cast, submit().case)
    with pytest.raises(InvalidInput, match=f"已并入 {main.case.number}"):
        third.act("dispatcher", "merge", main_number=member.case.number)
    with pytest.raises(InvalidInput, match="设为主件"):
        main.act("dispatcher", "merge", main_number=member.case.number)
    with pytest.raises(InvalidInput):
        third.act("dispatcher", "merge", main_number=third.case.number)
    third.act("dispatcher", "reject", reason_code="in_court", message="已起诉")
    with pytest.raises(InvalidInput, match="已办结"):
        main.act("dispatcher", "merge", main_number=third.case.number)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in anyway")
def test_two_merges_into_each_other_have_one_winner(submit: Submit, cast: Any) -> None:
    one, other = submit().case, submit().case
    by, start, refused = staff(cast.dispatcher), threading.Barrier(2), []

    def merge(case: Case, main: Case) -> None:
        start.wait(5)
        try:
            data = {"main_number": main.number}
            perform(case_id=case.pk, action="merge", by=by, data=data, version=case.version)
        except CaseError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=merge, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 1
    assert sorted((fresh(one).state, fresh(other).state)) == ["merged", "submitted"]


# -- another main case ----------------------------------------------------------------------------


def test_a_dispatcher_changes_the_main_case(
    pair: tuple[Line, Line], submit: Submit, cast: Any
) -> None:
    main, member = pair
    third = Line(cast, submit().case)
    third.act("dispatcher", "merge", main_number=main.case.number)
    change_main(case_id=member.case.pk, by=staff(cast.dispatcher))
    assert fresh(member.case).state == "pending_dispatch"
    assert fresh(main.case).main_case == member.case
    assert fresh(third.case).main_case == member.case


def test_once_work_has_begun_the_main_case_stays(pair: tuple[Line, Line], cast: Any) -> None:
    main, member = pair
    main.act("dispatcher", "accept")
    main.act("dispatcher", "dispatch", owner="department:ecology")
    with pytest.raises(ActionRefused, match="已开始办理"):
        change_main(case_id=member.case.pk, by=staff(cast.dispatcher))
    with pytest.raises(ActionRefused, match="没有并入"):
        change_main(case_id=main.case.pk, by=staff(cast.dispatcher))


def test_others_than_dispatchers_change_nothing(
    pair: tuple[Line, Line], cast: Any, staff_client: Clients
) -> None:
    _main, member = pair
    with pytest.raises(NotPermitted):
        change_main(case_id=member.case.pk, by=staff(cast.supervisor))
    url = f"/desk/cases/{member.case.number}/main/"
    assert staff_client("followup").post(url).status_code == 403
    assert staff_client("bureau").post(url).status_code == 404
    assert fresh(member.case).state == "merged"


# -- at the desk ----------------------------------------------------------------------------------


def test_the_main_case_lists_everybody_and_leads_change(
    pair: tuple[Line, Line], staff_client: Clients
) -> None:
    main, member = pair
    client = staff_client("dispatcher")
    text = client.get(f"/desk/cases/{main.case.number}/").content.decode()
    assert "共 2 人反映" in text
    assert member.case.number in text
    assert "又闻到油烟" in text
    page = client.get(f"/desk/cases/{member.case.number}/").content.decode()
    assert "设为主件" in page
    assert "拆出单办" in page
    url = f"/desk/cases/{member.case.number}/main/"
    done = client.post(url, {"version": str(member.case.version)}, follow=True)
    assert f"{member.case.number} 已设为主件" in done.content.decode()


def test_a_merge_takes_at_most_fifteen_statements(submit: Submit, cast: Any) -> None:
    main, case = submit(reading=Reading(119.98, 31.78)).case, submit().case
    leave_contact(case_id=case.pk, by=complainant(case), phone="13900001234")
    by = staff(cast.dispatcher)
    with CaptureQueriesContext(connection) as queries:
        perform(case_id=case.pk, action="merge", by=by, data={"main_number": main.number})
    said = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(said) <= 15, "\n".join(said)
