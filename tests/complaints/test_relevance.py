"""Answers that speak of something else are noticed; those to the point are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.relevance import answer_digest, common_ground, pairs_of, tidy

FUMES = (
    "楼下烧烤店的油烟一直飘进来，晚上十点以后特别呛",
    "红梅北路12号",
    ["餐饮油烟", "油烟", "烧烤"],
)
DANCE = ("广场舞音响太大，老人睡不着", "青龙公园东门", ["广场舞", "音响"])
RIVER = ("北塘河水发黑发臭，漂着死鱼", "北塘河翠竹桥", ["黑臭水体", "河水发黑", "死鱼"])
SITE = ("工地半夜打桩，灰尘飞到阳台", "竹林西路工地", ["扬尘", "工地", "打桩"])
REPORTS = [FUMES, DANCE, RIVER, SITE]
ANSWERS = [
    "接报后，城管人员到红梅北路核查。经查，该烧烤店油烟净化器未清洗，现场责令整改，下一步加强巡查。",
    "接报后，民警到场，经查为居民跳广场舞，现场要求调低音响音量，下一步由社区劝导。",
    "接报后，水利局到北塘河取样。经查水体发黑系雨污混接，已封堵排口，打捞死鱼，下一步清淤。",
    "接报后，住建局到竹林西路。经查该工地夜间打桩未办证，处理：责令停工，覆盖裸土，下一步复查。",
]


@pytest.mark.parametrize("place", range(4))
def test_the_right_answer_raises_no_doubt(place: int) -> None:
    report, address, topics = REPORTS[place]
    assert common_ground(ANSWERS[place], report=report, places=[address], topics=topics).is_related


@pytest.mark.parametrize(
    ("report", "answer"), [(a, b) for a in range(4) for b in range(4) if a != b]
)
def test_an_answer_pasted_from_another_case_is_noticed(report: int, answer: int) -> None:
    words, address, topics = REPORTS[report]
    ground = common_ground(ANSWERS[answer], report=words, places=[address], topics=topics)
    assert not ground.is_related, ground


def test_empty_phrases_relate_to_nothing() -> None:
    answer = "您好，您反映的问题已安排工作人员现场核实处理，感谢您的关注和支持，今后将加强管理。"
    for report, address, topics in REPORTS:
        assert not common_ground(answer, report=report, places=[address], topics=topics).is_related


def test_a_place_counts_without_its_house_number() -> None:
    ground = common_ground("已到红梅北路处理", report="有味道", places=["红梅北路12号"])
    assert ground.places == ("红梅北路",)


@given(st.text(), st.text())
def test_any_text_can_be_compared(answer: str, report: str) -> None:
    ground = common_ground(answer, report=report, places=[report], topics=[answer])
    assert set(ground.pairs) <= pairs_of(answer) & pairs_of(report)


@given(st.text(alphabet="油烟噪声河道，。 1234567890年月日-ＡＢ", max_size=60))
def test_numbers_and_blanks_do_not_hide_a_pasted_answer(text: str) -> None:
    changed = "".join("7" if sign.isdigit() else sign for sign in text) + " 2026"
    assert answer_digest(text) == answer_digest(changed)
    assert tidy(tidy(text)) == tidy(text)
