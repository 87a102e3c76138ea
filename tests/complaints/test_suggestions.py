"""The suggested kind: taught by keywords and by what dispatchers decide, shown, never applied."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from complaints.guesswork import BUCKETS, TEXTS, TOTAL, features
from complaints.models import Lesson, TermCount
from complaints.selectors.rules import category_by_code
from complaints.selectors.suggestions import suggest, suggested_kind
from complaints.services.intake import Receipt
from complaints.services.kinds import set_kinds
from complaints.services.learning import learn_from
from tests.complaints.conftest import Line, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[..., Client]
Jobs = Callable[[], Any]
ODD = "夜里嗡嗡响的怪东西又来了，整栋楼都在抖"


def code_of(text: str) -> str:
    found = suggest(text)
    return found.category.code if found else ""


def test_keywords_alone_suggest_the_plain_cases(district_pack: str) -> None:
    assert code_of("楼下饭店油烟味很重，排烟口对着我家窗户") == "air-cooking-fumes"
    assert code_of("工地夜里施工噪声吵得睡不着").startswith("noise")
    assert code_of("") == ""
    assert code_of("zzz qqq") == ""


def test_what_dispatchers_accept_teaches(submit: Submit, cast: Any, run_jobs: Jobs) -> None:
    before = suggest(ODD)
    for _ in range(3):
        case = submit(category="", description=ODD).case
        Line(cast, case).act("dispatcher", "accept", category="noise-equipment")
    run_jobs()
    after = suggest("嗡嗡响的怪东西让整栋楼都在抖")
    assert after is not None
    assert after.category.code == "noise-equipment"
    assert before is None or before.category.code != "noise-equipment" or before.share < after.share


def test_a_correction_takes_the_first_lesson_back(
    submit: Submit, cast: Any, run_jobs: Jobs
) -> None:
    case = submit(category="noise-equipment", description=ODD).case
    Line(cast, case).act("dispatcher", "accept")
    run_jobs()
    set_kinds(case_id=case.pk, by=staff(cast.dispatcher), main="noise-industrial")
    run_jobs()
    wrong, right = category_by_code("noise-equipment"), category_by_code("noise-industrial")
    assert wrong is not None
    assert right is not None
    counts = TermCount.objects.filter(count__gt=0)
    assert not counts.filter(category=wrong).exists()
    assert counts.get(category=right, feature=TEXTS).count == 1
    assert counts.get(category=right, feature=TOTAL).count > 10
    assert Lesson.objects.get(case=case).category == right


def test_a_job_that_runs_twice_teaches_once(submit: Submit, cast: Any, run_jobs: Jobs) -> None:
    case = submit().case
    Line(cast, case).act("dispatcher", "accept")
    run_jobs()
    assert not learn_from(uid=case.uid)
    assert set(TermCount.objects.exclude(feature=TOTAL).values_list("count", flat=True)) == {1}


def test_nothing_of_the_words_is_kept(submit: Submit, cast: Any, run_jobs: Jobs) -> None:
    Line(cast, submit(description="张三住在翠竹新村 32 幢").case).act("dispatcher", "accept")
    run_jobs()
    rows = TermCount.objects.values_list("feature", flat=True)
    assert all(0 <= feature <= BUCKETS + 1 for feature in rows)
    assert features("张三", b"one key") != features("张三", b"another")


def test_it_is_shown_with_its_share_and_never_applied(
    submit: Submit, staff_client: Clients, run_jobs: Jobs
) -> None:
    case = submit(category="", description="楼下饭店油烟味很重，排烟口对着窗户").case
    found = suggested_kind(case)
    assert found is not None
    run_jobs()
    text = staff_client("dispatcher").get(f"/desk/cases/{case.number}/").content.decode()
    assert f"建议：餐饮油烟 {found.percent}%" in text
    assert 'data-value="air-cooking-fumes"' in text
    case.refresh_from_db()
    assert case.category is None


# -- how good it is -------------------------------------------------------------------------------


def measured(texts: list[tuple[str, str]]) -> tuple[int, int]:
    """How many of ``texts`` get a suggestion, and how many of those the right one."""
    found = [(code, suggest(text)) for code, text in texts]
    said = [(code, guess.category.code) for code, guess in found if guess is not None]
    return len(said), sum(code == guessed for code, guessed in said)


def test_it_is_mostly_right_when_it_says_something(district_pack: str, submit: Submit) -> None:
    """Hold-out: of the synthetic texts of each kind the last is asked, the others are taught.

    All together (129 texts, each asked with the others taught): 48 right of 60 said.
    """
    path = Path(settings.BASE_DIR) / "site/districts/tianning/demo/words.toml"
    texts = tomllib.loads(path.read_text(encoding="utf-8"))["texts"]
    leaves = {code: found for code, found in texts.items() if "-" in code and len(found) > 1}
    untaught = [(code, text) for code, found in leaves.items() for text in found]
    said, right = measured(untaught)
    assert right / said >= 0.8, f"by keywords: {right}/{said} of {len(untaught)}"
    for code, found in leaves.items():
        for text in found[:-1]:
            learn_from(uid=submit(category=code, description=text).case.uid)
    held_out = [(code, found[-1]) for code, found in leaves.items()]
    said, right = measured(held_out)
    assert right / said >= 0.7, f"taught: {right}/{said} of {len(held_out)}"
