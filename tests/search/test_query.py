from hypothesis import given
from hypothesis import strategies as st

from search.analysis import Analyzer
from search.dictionary import Dictionary
from search.query import LONGEST, Cursor, decode, encode, parse

ANALYZER = Analyzer(Dictionary(()))


def test_long_questions_are_cut_and_say_so() -> None:
    query = parse("油烟" * 5000, {}, "", analyzer=ANALYZER)
    assert query.is_cut
    assert len(query.text) == LONGEST
    assert not parse("油烟", {}, "", analyzer=ANALYZER).is_cut


def test_control_characters_are_blanks() -> None:
    assert parse("油\x00烟\x1b[31m", {}, "", analyzer=ANALYZER).text == "油 烟 [31m"


def test_unknown_and_broken_filters_are_ignored() -> None:
    query = parse("油烟", {"area": "红梅\x00", "x": "1", "kind": "post"}, "", analyzer=ANALYZER)
    assert query.filters == {"kind": "post"}


@given(
    st.integers(0, 10**6),
    st.integers(0, 4_000_000),
    st.text("abc:-123好", min_size=1, max_size=100),
    st.booleans(),
)
def test_cursors_come_back(score: int, day: int, key: str, relaxed: bool) -> None:
    cursor = Cursor(score, day, key)
    assert decode(encode(cursor, relaxed=relaxed)) == (cursor, relaxed)


@given(st.text(max_size=500))
def test_foreign_cursors_are_ignored(text: str) -> None:
    cursor, _ = decode(text)
    assert cursor is None or encode(cursor, relaxed=False)


@given(
    st.text(max_size=600),
    st.dictionaries(st.sampled_from(["kind", "area", "year", "q"]), st.text(max_size=100)),
    st.text(max_size=60),
)
def test_nothing_typed_raises(text: str, filters: dict[str, str], cursor: str) -> None:
    query = parse(text, filters, cursor, analyzer=ANALYZER)
    assert len(query.text) <= LONGEST
    assert len(query.scored_terms()) <= 100
