import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import MOST_ALTERNATIVES, MOST_GROUPS, TOKEN_LENGTH, Analyzer, tokens
from search.dictionary import Dictionary, dictionary_of
from search.services import replace_synonyms

WORDS = dictionary_of(
    ["油烟,厨房排烟", "舜过山,舜山", "北塘河", "细颗粒物,pm2.5", "生态环境局,环保局"]
)
ANALYZER = Analyzer(WORDS)


def words(text: str) -> list[str]:
    return [group.word for group in ANALYZER.groups(text)]


def test_words_of_the_district_stay_together() -> None:
    assert "舜过山" in ANALYZER.tokens("周末去舜过山")
    assert "舜过山" not in Analyzer(Dictionary(())).tokens("周末去舜过山")


def test_words_inside_of_long_words_are_indexed_too() -> None:
    found = ANALYZER.tokens("常州市生态环境局")
    assert {"生态环境局", "生态环境", "生态", "环境"} <= set(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＰＭ２．５", ["pm2.5", "pm2", "5"]),
        ("TN-20261123-0042-C", ["tn-20261123-0042-c", "tn", "20261123", "0042", "c"]),
        ("拨打12345", ["拨打", "12345"]),
        ("VOCs、CO2", ["vocs", "co2"]),
        ("，。！？《》·“”", []),
        ("😀👍", []),
    ],
)
def test_latin_numbers_and_punctuation(text: str, expected: list[str]) -> None:
    assert ANALYZER.tokens(text) == expected


def test_stop_words_are_dropped_from_questions_unless_alone() -> None:
    assert words("我家楼下的油烟怎么办") == ["楼下", "油烟"]
    assert words("怎么办") == ["怎么办"]


def test_synonyms_are_alternatives_of_the_word_asked() -> None:
    (group,) = ANALYZER.groups("环保局")
    alternatives = [[term.text for term in one] for one in group.alternatives]
    assert alternatives[0] == ["环保局"]
    assert ["生态环境局"] in alternatives


def test_a_compound_is_also_found_in_its_parts() -> None:
    (group,) = Analyzer(dictionary_of(["夜间施工"])).groups("夜间施工")
    assert [[t.text for t in one] for one in group.alternatives] == [["夜间施工"], ["夜间", "施工"]]


@given(st.text(max_size=300))
def test_tokens_hold_no_blank_colon_or_quote(text: str) -> None:
    for token in ANALYZER.tokens(text):
        assert token
        assert not set(token) & set(" :'\"\\*|&!()\x00")
        assert len(token) <= TOKEN_LENGTH


@given(st.text(max_size=300))
def test_what_is_asked_is_found_in_the_same_text(text: str) -> None:
    indexed = set(ANALYZER.tokens(text))
    for word in words(text):
        assert word in indexed


@given(st.text(max_size=2000))
def test_questions_stay_small(text: str) -> None:
    groups = ANALYZER.groups(text)
    assert len(groups) <= MOST_GROUPS
    assert all(1 <= len(group.alternatives) <= MOST_ALTERNATIVES for group in groups)


@pytest.mark.django_db
def test_the_shorthand_uses_the_words_of_the_database() -> None:
    from search import dictionary

    replace_synonyms(groups=[["丁塘港"]])
    dictionary.current()
    assert tokens("丁塘港整治")[0] == "丁塘港"
