"""Blind re-checks: drawn so that anyone can draw again, judged by the uninvolved."""

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from complaints.errors import ActionRefused, InvalidInput, NotPermitted
from complaints.models import Case, Recheck, SupervisionOrder
from complaints.sampling import drawn, list_digest, sample, size_of
from complaints.selectors.rechecks import agreement_figure, waiting_for
from complaints.services.rechecks import draw_last_week, judge
from foundation.ledger.models import Entry
from foundation.metrics.period import Period
from tests.cast import sign_in
from tests.complaints.conftest import Line, staff

LAST_WEEK = "2026-11-18T10:00:00+08:00"
NOW = "2026-11-23T10:00:00+08:00"
NUMBERS = st.lists(st.text(alphabet="TN-0123456789ABC", min_size=1, max_size=12), max_size=60)


# -- the lot ------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), NUMBERS), st.text(max_size=20))
def test_the_same_seed_draws_the_same(closed: dict[str, list[str]], seed: str) -> None:
    one = sample(closed, seed=seed, share=5, least=1)
    again = sample({u: ns[::-1] for u, ns in closed.items()}, seed=seed, share=5, least=1)
    assert one == again
    for unit, numbers in closed.items():
        got = one.get(unit, [])
        assert set(got) <= set(numbers)
        assert len(got) == len(set(got))
        assert bool(got) == bool(numbers)


@given(st.integers(0, 10_000), st.integers(0, 100), st.integers(0, 5))
def test_the_share_is_rounded_up_and_never_more_than_all(n: int, share: int, least: int) -> None:
    size = size_of(n, share=share, least=least)
    assert size <= n
    assert size == n or size >= least
    assert size * 100 >= min(n * share, n * 100)


def test_an_outsider_draws_the_same_with_sha256_alone() -> None:
    numbers = [f"TN-20261118-{i:04d}-A" for i in range(40)]
    lots = sorted(numbers, key=lambda n: hashlib.sha256(f"s:{n}".encode()).hexdigest())
    assert drawn(numbers, seed="s", size=2) == lots[:2]


# -- a week -------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(LAST_WEEK, tick=False) as travel:
        yield travel


@pytest.fixture
def closed(db: None, cast: Any, submit: Callable[..., Any], clock: Any) -> Case:
    """A case closed last week by the ecology bureau; now it is Monday."""
    line = Line(cast, submit(description="烧烤店油烟，电话13900002222").case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    line.act("bureau", "complete", outcome_code="solved", message="好", no_photo_reason="室内")
    line.act("dispatcher", "approve", reply="经查油烟净化器已清洗")
    line.act("complainant", "rate", rating="5")
    line.act("followup", "close", followup_result="satisfied")
    clock.move_to(NOW)
    return line.case


def drawn_recheck(case: Case) -> Recheck:
    assert draw_last_week(now=timezone.now()) is not None
    return Recheck.objects.get(case=case)


def test_a_week_is_drawn_once_and_stands_in_the_ledger(closed: Case) -> None:
    before = Entry.objects.order_by("-seq").first()
    assert before is not None
    recheck = drawn_recheck(closed)
    assert draw_last_week(now=timezone.now()) is None
    entry = Entry.objects.get(action="sample.drawn")
    data: Any = entry.data
    unit = data["units"]["department:ecology"]
    assert unit["drawn"] == [closed.number]
    assert unit["sha256"] == list_digest([closed.number])
    # Nobody chose the seed: it follows from the entry before.
    seed = hashlib.sha256(f"{before.hash}:2026-11-16".encode()).hexdigest()
    assert data["seed"] == recheck.draw.seed == seed
    assert drawn([closed.number], seed=seed, size=1) == unit["drawn"]


def test_an_empty_week_draws_nobody(db: None, district_pack: str, clock: Any) -> None:
    draw = draw_last_week(now=timezone.now())
    assert draw is not None
    assert draw.closed_count == 0


def test_who_took_part_does_not_judge(closed: Case, cast: Any) -> None:
    recheck = drawn_recheck(closed)
    followup = staff(cast.followup)
    assert not waiting_for(followup).exists()
    with pytest.raises(ActionRefused, match="参与"):
        judge(recheck_uid=recheck.uid, by=followup, verdict="agree")
    with pytest.raises(NotPermitted):
        judge(recheck_uid=recheck.uid, by=staff(cast.dispatcher), verdict="agree")
    assert waiting_for(staff(cast.supervisor)).get() == recheck


def test_the_page_hides_handler_number_and_result(closed: Case, cast: Any, clock: Any) -> None:
    recheck = drawn_recheck(closed)
    page = sign_in(cast.supervisor)
    text = page.get(f"/desk/rechecks/{recheck.uid}/").content.decode()
    assert "烧烤店油烟" in text
    assert "问题解决了吗" in text
    for hidden in (
        closed.number,
        "净化器已清洗",
        "生态环境局",
        "13900002222",
        cast.bureau.username,
    ):
        assert hidden not in text
    assert "未解决" in page.get(f"/desk/rechecks/{recheck.uid}/").content.decode()
    missing = page.post(f"/desk/rechecks/{recheck.uid}/", {"verdict": "disagree", "words": ""})
    assert missing.status_code == 400
    assert "哪里没有解决" in missing.content.decode()
    page.post(f"/desk/rechecks/{recheck.uid}/", {"verdict": "agree"})
    clock.shift(datetime.timedelta(minutes=1))
    done = page.get("/desk/rechecks/")
    assert "1/1" in done.content.decode()
    assert page.get(f"/desk/rechecks/{recheck.uid}/").status_code == 404


def test_others_have_no_rechecks(closed: Case, cast: Any) -> None:
    recheck = drawn_recheck(closed)
    for who in ("dispatcher", "bureau", "leader"):
        page = sign_in(getattr(cast, who))
        assert page.get("/desk/rechecks/").status_code == 403
        assert page.get(f"/desk/rechecks/{recheck.uid}/").status_code == 403


def test_disagreement_reaches_the_supervisor(closed: Case, cast: Any) -> None:
    recheck = drawn_recheck(closed)
    by = staff(cast.supervisor)
    with pytest.raises(InvalidInput):
        judge(recheck_uid=recheck.uid, by=by, verdict="maybe")
    judge(recheck_uid=recheck.uid, by=by, verdict="disagree", words="烟道口仍有油污")
    closed.refresh_from_db()
    assert closed.is_supervised
    order = SupervisionOrder.objects.get(case=closed)
    assert (order.reason_code, order.colour) == ("disagreed", "yellow")
    assert closed.number in sign_in(cast.supervisor).get("/desk/supervision/").content.decode()
    with pytest.raises(ActionRefused, match="已经"):
        judge(recheck_uid=recheck.uid, by=by, verdict="agree")


@pytest.mark.parametrize(("verdict", "text"), [("agree", "1/1"), ("unclear", "")])
def test_the_rate_counts_clear_verdicts_only(
    closed: Case, cast: Any, verdict: str, text: str
) -> None:
    recheck = drawn_recheck(closed)
    judge(recheck_uid=recheck.uid, by=staff(cast.supervisor), verdict=verdict)
    with time_machine.travel(NOW) as travel:
        travel.shift(datetime.timedelta(minutes=5))
        figure = agreement_figure(Period.parse("2026-11"))
    assert figure.denominator == (1 if verdict == "agree" else 0)
