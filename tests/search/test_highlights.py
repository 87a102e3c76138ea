from hypothesis import given
from hypothesis import strategies as st

from search.highlights import SNIPPET_LENGTH, Marker


def marked(text: str, *words: str) -> str:
    segments = Marker(words).mark(text)
    return "".join(f"[{s.text}]" if s.is_marked else s.text for s in segments)


def test_found_words_are_marked_in_the_original_text() -> None:
    assert marked("餐饮油烟扰民", "油烟") == "餐饮[油烟]扰民"
    assert marked("ＰＭ２．５超标", "pm2.5") == "[ＰＭ２．５]超标"
    assert marked("VOCs", "vocs") == "[VOCs]"


def test_latin_words_are_only_marked_whole() -> None:
    assert marked("pm2.5 pm25 pm2", "pm2") == "[pm2].5 pm25 [pm2]"


def test_the_longest_word_wins() -> None:
    assert marked("油烟味", "油烟", "油烟味") == "[油烟味]"


def test_neighbours_become_one_mark() -> None:
    assert marked("水环境质量", "水", "环境质量") == "[水环境质量]"


def test_markup_stays_text() -> None:
    assert marked("<script>油烟</script>", "油烟") == "<script>[油烟]</script>"


def test_words_with_signs_are_not_patterns() -> None:
    assert marked("a+b (c", "(c", "a+b") == "[a+b] [(c]"


def test_a_snippet_shows_the_place_with_most_words() -> None:
    text = "油烟。" + "无关" * 200 + "红梅路的油烟和噪声" + "其他" * 200
    shown = "".join(s.text for s in Marker(["油烟", "噪声", "红梅路"]).snippet(text))
    assert "红梅路的油烟和噪声" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= SNIPPET_LENGTH + 2


@given(st.text(max_size=500), st.lists(st.text(min_size=1, max_size=4), max_size=5))
def test_nothing_is_lost_or_added(text: str, words: list[str]) -> None:
    assert "".join(s.text for s in Marker(words).mark(text)) == text
    snippet = "".join(s.text for s in Marker(words).snippet(text))
    assert snippet.strip("…") in " ".join(text.split())
