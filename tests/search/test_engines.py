"""The contract of every engine, run against the real ones."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from search import services, source
from search.analysis import analyzer_for
from search.dictionary import current
from search.engines import state
from search.engines.base import Engine, Page
from search.errors import RebuildSuperseded
from search.models import EngineState
from search.query import encode
from search.records import Record
from tests.search.posts import Post, post

Ask = Callable[..., Page]
Put = Callable[..., None]


def titles(page: Page) -> list[str]:
    return [hit.record.title for hit in page.hits]


def test_two_character_words_are_found(ask: Ask, put: Put) -> None:
    put(post("餐饮油烟扰民", "采菱公园南门的烧烤店"), post("道路积水"))
    assert titles(ask("油烟")) == ["餐饮油烟扰民"]
    assert titles(ask("公园")) == ["餐饮油烟扰民"]
    assert titles(ask("积水")) == ["道路积水"]
    assert titles(ask("噪声")) == []


def test_a_word_inside_of_a_longer_word_is_found(ask: Ask, put: Put) -> None:
    put(post("生态环境局答复"), post("采菱公园绿化"))
    assert titles(ask("生态环境")) == ["生态环境局答复"]
    assert titles(ask("公园")) == ["采菱公园绿化"]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("臭", "河边有异味"),
        ("异味", "恶臭难闻"),
        ("臭味", "厂区化工味很重"),
        ("环保局", "生态环境局已到场"),
        ("生态环境局", "已转环保局"),
        ("细颗粒物", "PM2.5超标"),
        ("pm25", "细颗粒物浓度"),
        ("半夜施工", "夜间施工扰民"),
        ("半夜施工", "夜间还在施工"),
        ("大运河", "老运河的水"),
    ],
)
def test_synonyms_are_found_both_ways(ask: Ask, put: Put, asked: str, written: str) -> None:
    put(post(written), post("别的事情"))
    assert titles(ask(asked)) == [written]


def test_latin_and_numbers_are_found_whole_and_in_parts(ask: Ask, put: Put) -> None:
    put(post("工单 TN-20261123-0042-C 的答复", "PM2.5 与 VOCs,拨打１２３４５"), post("PM10"))
    whole = ["工单 TN-20261123-0042-C 的答复"]
    for asked in (
        "TN-20261123-0042-C",
        "tn-20261123-0042-c",
        "TN-20261123",
        "20261123",
        "PM2.5",
        "pm2.5",
        "ＰＭ２．５",
        "vocs",
        "12345",
    ):
        assert titles(ask(asked)) == whole, asked
    assert titles(ask("TN-20261124")) == []


def test_all_words_must_be_there(ask: Ask, put: Put) -> None:
    put(post("红梅路油烟"), post("红梅路积水"), post("夜市油烟", "在红梅路"))
    assert set(titles(ask("红梅路 油烟"))) == {"红梅路油烟", "夜市油烟"}


def test_title_beats_text_beats_synonym(ask: Ask, put: Put) -> None:
    put(
        post("施工现场", "附近常有油烟，油烟很大，油烟不断"),
        post("油烟扰民", "已处理"),
        post("饭店整改", "厨房排烟管道已改"),
    )
    assert titles(ask("油烟")) == ["油烟扰民", "施工现场", "饭店整改"]


def test_a_frequent_word_of_a_short_text_counts_more(ask: Ask, put: Put) -> None:
    filler = "今天到现场检查了解情况并与居民沟通，" * 60
    put(post("长文", filler + "油烟"), post("短文", "油烟，油烟，都是油烟"))
    assert titles(ask("油烟")) == ["短文", "长文"]


def test_of_equals_the_newest_comes_first(ask: Ask, put: Put) -> None:
    put(
        post("油烟一", published_on=date(2025, 1, 1)),
        post("油烟二", published_on=date(2026, 1, 1)),
        post("油烟三", published_on=None),
    )
    assert titles(ask("油烟")) == ["油烟二", "油烟一", "油烟三"]


def test_facets_count_under_the_other_filters(ask: Ask, put: Put) -> None:
    put(
        post("油烟 1", area="红梅街道", category="餐饮油烟"),
        post("油烟 2", area="红梅街道", category="异味", published_on=date(2025, 5, 1)),
        post("油烟 3", area="雕庄街道", category="餐饮油烟"),
        post("油烟 4", area="雕庄街道", category="来信"),
        post("噪声 5", area="雕庄街道", category="餐饮油烟"),
    )

    def counts(page: Page, name: str) -> dict[str, int]:
        return {c.value: c.count for c in page.facets[name]}

    page = ask("油烟")
    assert counts(page, "kind") == {"post": 3, "letter": 1}
    assert counts(page, "area") == {"红梅街道": 2, "雕庄街道": 2}
    assert counts(page, "year") == {"2025": 1, "2026": 3}
    page = ask("油烟", area="红梅街道")
    assert set(titles(page)) == {"油烟 1", "油烟 2"}
    assert counts(page, "area") == {"红梅街道": 2, "雕庄街道": 2}
    assert counts(page, "category") == {"餐饮油烟": 1, "异味": 1}
    assert counts(page, "kind") == {"post": 2}
    page = ask("油烟", area="红梅街道", category="异味", year="2025", kind="post")
    assert titles(page) == ["油烟 2"]


def pages(ask: Ask, text: str, size: int) -> Iterator[Page]:
    after = ""
    while True:
        page = ask(text, after=after, size=size)
        yield page
        if not page.has_more:
            return
        after = encode(page.hits[-1].cursor, relaxed=False)


def test_paging_gives_everything_once_although_more_arrives(ask: Ask, put: Put) -> None:
    first = [
        post(
            "油烟" if n % 3 else "施工",
            "油烟 " * (n % 5 + 1) + "字" * (n * 7),
            published_on=date(2026, 1, n % 9 + 1),
        )
        for n in range(50)
    ]
    put(*first)
    seen: list[str] = []
    for page in pages(ask, "油烟", 7):
        seen += [hit.record.key for hit in page.hits]
        put(*[post(f"油烟 {n}", "油烟 " * n, published_on=date(2026, 2, 1)) for n in range(5)])
    original = {f"post:{one.pk}" for one in first}
    assert original <= set(seen)
    assert len(seen) == len(set(seen))


def test_removed_and_private_objects_are_gone(ask: Ask, put: Put, engine: Engine) -> None:
    gone, hidden, kept = post("油烟 甲"), post("油烟 乙"), post("油烟 丙")
    put(gone, hidden, kept)
    assert engine.count() == 3 or ask("油烟").hits
    services.remove(kind="post", ids=[str(gone.pk)], engine=engine)
    Post.objects.filter(pk=hidden.pk).update(is_public=False)
    put(hidden)
    assert titles(ask("油烟")) == ["油烟 丙"]
    assert engine.count() == 1
    assert [key for keys in engine.ids() for key in keys] == [f"post:{kept.pk}"]
    put(gone)
    assert len(ask("油烟").hits) == 2


def test_a_late_write_never_replaces_a_newer_one(ask: Ask, engine: Engine) -> None:
    early, late = engine.stamp(), engine.stamp()
    old = Record("post:1", "post", "1", title="旧", terms="油烟")
    engine.write([Record("post:1", "post", "1", title="新", terms="油烟")], late)
    engine.write([old], early)
    assert titles(ask("油烟")) == ["新"]
    gone = engine.stamp()
    engine.write([Record("post:1", "post", "1", is_removed=True)], gone)
    engine.write([old], late)
    assert titles(ask("油烟")) == []
    engine.write([Record("post:1", "post", "1", is_removed=True)], gone)
    assert engine.count() == 0


def test_rebuilding_goes_on_while_people_search_and_write(
    ask: Ask, put: Put, engine: Engine
) -> None:
    everything = [post(f"油烟 {n}", "旧") for n in range(30)]
    put(*everything)
    hidden, changed, first = everything[20], everything[25], everything[0]

    def batches() -> Iterator[list[Record]]:
        for number, records in enumerate(source.batches(analyzer_for(current()), size=10)):
            assert len(ask("油烟", size=50).hits) >= 29
            if number == 0:
                # Read already, written later: the older state must not win.
                Post.objects.filter(pk=first.pk).update(is_public=False)
                put(first)
                Post.objects.filter(pk=hidden.pk).update(is_public=False)
                put(hidden)
                Post.objects.filter(pk=changed.pk).update(title="油烟 改")
                put(changed)
                put(post("油烟 新"))
            yield records

    engine.rebuild(batches())
    found = titles(ask("油烟", size=50))
    assert len(found) == 29
    assert "油烟 改" in found
    assert "油烟 新" in found
    assert not {"油烟 0", "油烟 20", "油烟 25"} & set(found)
    assert engine.count() == 29
    put(post("油烟 后"))
    assert len(ask("油烟", size=50).hits) == 30


def test_a_second_rebuild_takes_over_from_the_first(ask: Ask, put: Put, engine: Engine) -> None:
    put(*[post(f"油烟 {n}") for n in range(15)])

    def batches() -> Iterator[list[Record]]:
        for number, records in enumerate(source.batches(analyzer_for(current()), size=10)):
            if number == 1:
                services.reindex(engine=engine)
            yield records

    with pytest.raises(RebuildSuperseded):
        engine.rebuild(batches())
    assert len(ask("油烟").hits) == 15


def test_a_rebuild_that_died_does_no_harm(ask: Ask, put: Put, engine: Engine) -> None:
    put(*[post(f"油烟 {n}") for n in range(5)])

    def dying() -> Iterator[list[Record]]:
        yield from source.batches(analyzer_for(current()), size=2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.rebuild(dying())
    put(post("油烟 5"))
    assert len(ask("油烟").hits) == 6
    assert services.reindex(engine=engine) == 6
    assert len(state.live(engine.name)) == 1
    assert len(ask("油烟").hits) == 6


def test_writes_to_a_generation_that_is_gone_do_not_bring_it_back(
    ask: Ask, put: Put, engine: Engine
) -> None:
    put(post("油烟 甲"))
    old = engine.stamp()
    services.reindex(engine=engine)
    engine.write([Record("post:9", "post", "9", title="鬼", terms="油烟")], old)
    assert titles(ask("油烟")) == ["油烟 甲"]
    assert engine.count() == 1


def test_checksums_are_those_of_the_active_generation(put: Put, engine: Engine) -> None:
    one = post("油烟")
    put(one)
    engine.refresh()
    key = f"post:{one.pk}"
    before = engine.checksums([key, "post:0"])
    assert list(before) == [key]
    services.reindex(engine=engine)
    assert engine.checksums([key]) == before


def test_the_body_may_hold_anything(ask: Ask, put: Put) -> None:
    nasty = "油烟\x00 \ud800 \"'\\ :* AND OR NOT <script>alert(1)</script> 😀 " + "a" * 5000
    post_ = post("t")
    post_.title, post_.body = "油烟", nasty.replace("\x00", "").replace("\ud800", "")
    post_.save()
    put(post_)
    assert "<script>" in ask("油烟").hits[0].record.body


def test_nul_and_surrogates_are_stored_safely(ask: Ask, engine: Engine) -> None:
    from search.records import record_of
    from search.registry import Projection

    projection = Projection("1", "油\x00烟\ud800", "正文\x00", "/", "post")
    engine.write([record_of(projection, analyzer_for(current()))], engine.stamp())
    assert ask("正文").hits[0].record.title == "油烟?"


WEIRD = [
    "",
    "   ",
    "油烟" * 5000,
    "😀👍🏽‍🔥",
    "\"'`",
    '"油烟',
    "油烟*",
    "油烟 AND OR NOT NEAR(a b) ^x {title}: -y +z",
    "'; DROP TABLE search_searchdocument; --",
    "a:*&!|()<->b",
    "\x00油\x00烟\x1f",
    "%_%s %(x)s {} {{ }} {% x %}",
    "\\\\\\",
    "\ud800",
    "<b>油烟</b>",
    "a" * 10000,
    "1-2-3-4-5-6-7-8-9-0" * 50,
    "的 了 吗",
    "𠮷𬭎〇",
    "مرحبا Привет ñandú",
    " ".join(f"词{n}" for n in range(500)),
]


@pytest.mark.parametrize("text", WEIRD)
def test_weird_questions_are_harmless(ask: Ask, put: Put, text: str) -> None:
    from search.analysis import analyzer_for
    from search.dictionary import current
    from search.query import parse

    put(post("油烟"))
    query = parse(text, {}, "", analyzer=analyzer_for(current()))
    if query.groups:
        ask(text)
        relaxed = encode(ask("油烟").hits[0].cursor, relaxed=True)
        ask(text, after=relaxed)
    assert titles(ask("油烟")) == ["油烟"]


def test_rare_hanzi_and_other_scripts_are_found(ask: Ask, put: Put) -> None:
    put(post("𬭎先生和𠮷野", "Привет ñandú"))
    for asked in ("𬭎", "𠮷野", "привет", "ÑANDÚ"):
        assert len(ask(asked).hits) == 1, asked


def test_stamps_grow_and_name_both_generations_during_a_rebuild(engine: Engine, put: Put) -> None:
    put(post("油烟"))
    first = engine.stamp()
    generation = state.begin(engine.name)
    second = engine.stamp()
    assert second.version >= first.version + 2  # the rebuild took one
    assert second.generations == (first.generations[0], generation)


@pytest.mark.parametrize(
    "engine", [pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)], indirect=True
)
def test_an_index_newer_than_its_database_takes_what_is_new(
    engine: Engine, ask: Ask, put: Put
) -> None:
    kept, lost = post("油烟"), post("积水")
    put(kept, lost)
    services.reindex(engine=engine)
    EngineState.objects.all().delete()  # the database came back from a backup
    lost.delete()
    kept.title = "噪声"
    kept.save()
    put(kept)
    assert titles(ask("噪声")) == ["噪声"]
    assert services.reindex(engine=engine) == 1
    assert titles(ask("噪声")) == ["噪声"]
    assert titles(ask("积水")) == []
