"""Synthetic cases keep every promise of real ones."""

from collections import Counter

import pytest
from django.core.management import call_command

from complaints.models import Act, Case, Category, Clock
from complaints.services.stories import STORIES
from complaints.services.synthetic import make_cases
from complaints.workflow import START, TABLE, State
from foundation.ledger.models import Entry
from foundation.places.pack import Pack


@pytest.mark.parametrize("story", [story for _weight, story in STORIES])
def test_every_story_follows_the_table(story: tuple) -> None:  # type: ignore[type-arg]
    state = TABLE[(START, "submit")].target
    for beat in story:
        row = TABLE[(state, beat.action)]
        assert beat.party in row.parties
        state = row.target


@pytest.mark.django_db
def test_synthetic_cases_are_whole(district_pack: str) -> None:
    assert make_cases(count=300, seed=7) == 300
    assert Case.objects.count() == 300
    assert Case.objects.filter(is_open=True, due_at=None).count() == 0
    assert Counter(Act.objects.values_list("ledger_seq", flat=True)) == Counter(
        Entry.objects.filter(stream__startswith="case:").values_list("seq", flat=True)
    )
    for case in Case.objects.filter(is_open=True)[:50]:
        running = Clock.objects.filter(case=case, outcome="running").values_list(
            "due_at", flat=True
        )
        assert case.due_at in set(running)
    ended = Case.objects.filter(is_open=False)
    assert not Clock.objects.filter(case__in=ended, outcome="running").exists()
    assert ended.filter(state=State.CLOSED).count() > 150
    call_command("verify_ledger")


@pytest.mark.django_db
def test_numbers_stay_unique_over_several_runs(district_pack: str) -> None:
    make_cases(count=40, seed=1)
    make_cases(count=40, seed=2)
    assert Case.objects.values("number").distinct().count() == 80


@pytest.mark.django_db
def test_every_category_has_sentences_of_its_own(district_pack: str) -> None:
    texts = Pack(district_pack).toml("demo/words")["texts"]
    assert set(texts) == set(Category.objects.values_list("code", flat=True))
    told = Counter(text for own in texts.values() for text in own)
    assert [text for text, times in told.items() if times > 1] == []
    assert all(texts.values())


@pytest.mark.django_db
def test_a_case_says_what_its_category_is_about(district_pack: str) -> None:
    make_cases(count=200, seed=3)
    texts = Pack(district_pack).toml("demo/words")["texts"]
    wrong = [
        (code, description)
        for code, description in Case.objects.values_list("category__code", "description")
        if description not in texts[code]
    ]
    assert wrong == []
