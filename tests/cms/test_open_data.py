"""Open data: catalogue, pages, files, DCAT; one figure has one home; nothing private leaves."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pyshacl import validate
from rdflib import Graph
from rdflib.compare import isomorphic

from cms.models import Indicator, IndicatorValue, PublishedResult, ValueCorrection, ValueStatus
from foundation.metrics import datasets, registry, services
from foundation.metrics.datasets import Column, Dataset, Filters, Row
from foundation.metrics.models import Snapshot
from foundation.metrics.registry import Figure, Metric, Period, Registry

pytestmark = pytest.mark.django_db
SHAPES = Path(__file__).with_name("dcat_ap_shapes.ttl")


def _text(response: Any) -> str:
    whole = b"".join(response.streaming_content) if response.streaming else response.content
    return str(whole.decode())


def _rows(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200, path
    text = _text(response)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


class World:
    """One metric whose counts a test sets."""

    def __init__(self) -> None:
        self.counts = (628, 645)

    def rate(self, period: Period) -> Figure:
        return Figure(Decimal(self.counts[0]), Decimal(self.counts[1]), period.horizon)


@pytest.fixture
def world(district_pack: str) -> Iterator[World]:
    """Its metric feeds indicator 19; nothing else is registered."""
    own = World()
    with registry.replaced(Registry()) as found:
        found.add_metric(Metric("disclosure_rate", "信息公开率", own.rate, target=Decimal(100)))
        yield own


# -- catalogue and pages ----------------------------------------------------------------------


def test_the_catalogue_lists_every_dataset(client: Client, district_pack: str) -> None:
    page = client.get("/data/").content.decode()
    for entry in datasets.active().ordered():
        assert f'href="/data/{entry.code}/"' in page
        assert f'href="/data/{entry.code}.csv"' in page
    assert "更新承诺" in page


def test_the_catalogue_costs_few_statements(client: Client, district_pack: str) -> None:
    client.get("/data/")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get("/data/")
    assert len(seen) <= 10


def test_every_dataset_has_a_page_and_three_files(client: Client, make_result: Any) -> None:
    make_result()
    for code in datasets.active().datasets:
        page = client.get(f"/data/{code}/")
        assert page.status_code == 200
        assert "数据字典" in page.content.decode()
        about = json.loads(_text(client.get(f"/data/{code}.json")))
        assert about["count"] == len(about["rows"]) == len(_rows(client, f"/data/{code}.csv"))
        assert len(_rows(client, f"/data/{code}/dictionary.csv")) > 1


def test_a_late_dataset_says_so_openly(client: Client, district_pack: str, clock: Any) -> None:
    clock.move_to("2026-06-30 09:00")
    then = datetime(2026, 5, 1, tzinfo=UTC)
    with datasets.replaced() as own:
        own.add(_dataset("month", then))
        assert "迟了 29 天" in client.get("/data/late/").content.decode()
        assert "0/1 个数据集按承诺更新" in client.get("/data/").content.decode()


def _dataset(every: Any, at: datetime | None, rows: tuple[Row, ...] = ()) -> Dataset:
    columns = (Column("name", "名称", filter=True),)
    return Dataset("late", "测试数据", "说明", columns, lambda f: iter(rows), lambda: at, every)


def test_a_page_tells_search_engines_what_it_holds(client: Client, district_pack: str) -> None:
    page = client.get("/data/indicators/").content.decode()
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    about = json.loads(block[1])
    assert about["@type"] == "Dataset"
    assert about["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert [one["contentUrl"] for one in about["distribution"]] == [
        f"{settings.PUBLIC_URL}/data/indicators.csv",
        f"{settings.PUBLIC_URL}/data/indicators.json",
    ]


def test_no_title_ends_the_data_block(client: Client, district_pack: str) -> None:
    with datasets.replaced() as own:
        found = _dataset("month", None)
        own.add(Dataset(**{**vars(found), "title": "</script><script>alert(1)</script>"}))
        page = client.get("/data/late/").content.decode()
    assert "<script>alert" not in page


# -- files ------------------------------------------------------------------------------------


def test_a_bad_filter_is_answered_in_words(client: Client, district_pack: str) -> None:
    for path in ("/data/indicators.csv", "/data/indicators.json", "/data/indicators/"):
        response = client.get(f"{path}?name=1")
        assert response.status_code == 400
        text = _text(response)
        said = json.loads(text)["detail"] if path.endswith("json") else text
        assert "这个筛选条件" in said
    problem = client.get("/data/indicators.json?group=x")
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "bad_filter"


@pytest.mark.parametrize(
    "query",
    ["code=1' OR '1'='1", "code=%00", "group__in=a", "code=;DROP TABLE cms_indicator", "x[]=1"],
)
def test_no_filter_reaches_the_database(client: Client, district_pack: str, query: str) -> None:
    response = client.get(f"/data/indicators.csv?{query}")
    assert response.status_code == 400 or len(_text(response).splitlines()) == 1
    assert Indicator.objects.count() == 32


def test_an_unknown_dataset_is_not_found(client: Client, district_pack: str) -> None:
    for path in ("/data/nobody/", "/data/nobody.csv", "/data/nobody.json",
                 "/data/nobody/dictionary.csv"):  # fmt: skip
        assert client.get(path).status_code == 404


def test_an_unchanged_file_is_not_sent_again(client: Client, make_result: Any) -> None:
    make_result()
    first = client.get("/data/results.csv")
    assert first.status_code == 200
    tag = first["ETag"]
    assert client.get("/data/results.csv", headers={"If-None-Match": tag}).status_code == 304
    assert (
        client.get("/data/results.csv?limit=1", headers={"If-None-Match": tag}).status_code == 200
    )
    make_result()
    assert client.get("/data/results.csv", headers={"If-None-Match": tag}).status_code == 200


def test_files_may_be_kept_by_anybody_but_not_for_somebody_signed_in(
    client: Client, district_pack: str, staff_client: Callable[[Any], Client]
) -> None:
    assert client.get("/data/indicators.csv")["Cache-Control"] == "public, max-age=60"
    assert "sessionid" not in client.get("/data/indicators.csv").cookies
    signed_in = staff_client("dispatcher").get("/data/indicators.csv")
    assert signed_in["Cache-Control"] == "private, no-cache"


def test_a_long_dataset_is_read_while_it_is_sent(client: Client, district_pack: str) -> None:
    read: list[int] = []

    def rows(filters: Filters) -> Iterator[Row]:
        for place in range(100_000):
            read.append(place)
            yield (str(place),)

    with datasets.replaced() as own:
        own.add(Dataset(**{**vars(_dataset("month", None)), "rows": rows}))
        stream = iter(client.get("/data/late.csv").streaming_content)  # type: ignore[attr-defined]
        next(stream)
        assert len(read) < 2000


# -- what is in them --------------------------------------------------------------------------


def test_drafts_are_no_open_data(client: Client, make_result: Any) -> None:
    shown = make_result()
    draft = make_result(live=False, problem="还没有审核的草稿")
    rows = _rows(client, "/data/results.csv")
    assert [row["id"] for row in rows] == [str(shown.pk)]
    assert draft.problem not in _text(client.get("/data/results.json"))


def test_results_are_filtered_by_day(client: Client, make_result: Any) -> None:
    make_result(date(2026, 1, 5))
    late = make_result(date(2026, 2, 5))
    rows = _rows(client, "/data/results.csv?closed_on_from=2026-02-01")
    assert [row["id"] for row in rows] == [str(late.pk)]


def test_the_plan_has_37_projects_for_5_238_billion(client: Client, district_pack: str) -> None:
    rows = _rows(client, "/data/project-categories.csv")
    assert sum(int(row["count"]) for row in rows) == 37
    assert sum(Decimal(row["money"]) for row in rows) == Decimal("523784.4")
    page = client.get("/indicators/projects/").content.decode()
    assert "重点项目 37 个" in page
    assert "523,784.4" in page


def test_a_task_whose_year_is_over_is_shown_as_late(
    client: Client, district_pack: str, clock: Any
) -> None:
    clock.move_to("2026-01-02 09:00")
    rows = {row["code"]: row for row in _rows(client, "/data/plan-tasks.csv?is_late=true")}
    assert rows["dredging-2025"]["due_year"] == "2025"
    assert rows["dredging-2025"]["department"] == "water"
    assert "waste-transfer-2026" not in rows
    assert "已过期限" in client.get("/indicators/projects/").content.decode()


# -- one figure, one home ---------------------------------------------------------------------


def test_page_indicator_and_files_cite_the_same_snapshot(
    client: Client, world: World, clock: Any
) -> None:
    period = Period.parse("2026-03")
    services.publish_snapshot("disclosure_rate", period)
    world.counts = (640, 645)
    clock.tick(hours=1)
    services.publish_snapshot("disclosure_rate", period)
    figure = _rows(client, "/data/figures.csv?is_current=true")[0]
    assert (figure["id"], figure["numerator"]) == ("disclosure_rate/2026-03/r2", "640")
    value = _rows(client, "/data/indicator-values.csv?indicator=19&status=platform")[0]
    assert (value["figure"], value["as_of"]) == (figure["id"], figure["as_of"])
    assert value["text"].startswith("640/645")
    for path in ("/indicators/19/", "/"):
        page = client.get(path).content.decode()
        assert "640/645" in page
        assert "第 2 版" in page
        assert "/data/figures/?metric=disclosure_rate&amp;period=2026-03" in page
    assert len(_rows(client, "/data/figures.csv")) == 2, "the first revision stays"


def test_a_figure_that_moves_within_its_month_is_no_correction(
    client: Client, world: World, clock: Any
) -> None:
    period = Period.parse("2026-03")
    for counts in ((1, 2), (2, 3)):
        world.counts = counts
        services.publish_snapshot("disclosure_rate", period)
        clock.tick(hours=1)
    assert _rows(client, "/data/corrections-list.csv") == []
    assert "目前没有更正" in client.get("/data/corrections/").content.decode()


def test_a_figure_changed_after_its_month_is_listed_everywhere(
    client: Client, world: World, clock: Any
) -> None:
    period = Period.parse("2026-03")
    clock.move_to("2026-04-01 00:30")
    services.publish_snapshot("disclosure_rate", period)
    world.counts = (640, 645)
    clock.tick(days=1)
    services.publish_snapshot("disclosure_rate", period)
    page = client.get("/data/corrections/").content.decode()
    assert "628/645" in page
    assert "640/645" in page
    row = _rows(client, "/data/corrections-list.csv")[0]
    assert (row["id"], row["kind"]) == ("disclosure_rate/2026-03/r2", "figure")
    feed = ElementTree.fromstring(client.get("/feeds/corrections/").content)
    assert "628/645" in "".join(feed.itertext())
    assert Snapshot.objects.filter(is_correction=True).count() == 1


def test_a_changed_value_of_an_indicator_is_listed(client: Client, district_pack: str) -> None:
    indicator = Indicator.objects.get(code="4")
    value = indicator.values.get(period="2023")
    before = value.text
    value.text, value.value = "79.9", Decimal("79.9")
    value.save()
    row = _rows(client, "/data/corrections-list.csv?kind=indicator")[0]
    assert (row["code"], row["before"], row["after"]) == ("4", before, "79.9")
    assert before in client.get("/data/corrections/").content.decode()
    value.delete()
    assert ValueCorrection.objects.order_by("pk").last().after == ""  # type: ignore[union-attr]
    assert "已撤回" in client.get("/data/corrections/").content.decode()


def test_a_demonstration_figure_or_a_gap_needs_no_correction(district_pack: str) -> None:
    indicator = Indicator.objects.get(code="4")
    for status in (ValueStatus.DEMO, ValueStatus.MISSING):
        value = IndicatorValue.objects.create(
            indicator=indicator, period="2024", text="1" if status == "demo" else "", status=status
        )
        value.text, value.status = "2", ValueStatus.FINAL
        value.save()
        assert not ValueCorrection.objects.exists()
        value.status = ValueStatus.DEMO
        value.save()
        value.delete()
        assert not ValueCorrection.objects.exists()


# -- DCAT -------------------------------------------------------------------------------------


def _graph(client: Client, path: str, kind: str) -> Graph:
    return Graph().parse(data=client.get(path).content, format=kind)


def test_the_catalogue_conforms_to_the_shapes(client: Client, make_result: Any) -> None:
    make_result()
    graph = _graph(client, "/data/catalog.ttl", "turtle")
    conforms, _report, text = validate(graph, shacl_graph=Graph().parse(SHAPES))
    assert conforms, text


def test_the_shapes_would_notice_a_gap(client: Client, district_pack: str) -> None:
    graph = _graph(client, "/data/catalog.ttl", "turtle")
    from rdflib.namespace import DCAT, DCTERMS

    for gap in (DCTERMS.publisher, DCTERMS.license, DCTERMS.accrualPeriodicity, DCAT.accessURL):
        broken = Graph() + graph
        broken.remove((None, gap, None))
        assert not validate(broken, shacl_graph=Graph().parse(SHAPES))[0], gap


def test_both_forms_say_the_same(client: Client, district_pack: str) -> None:
    turtle = _graph(client, "/data/catalog.ttl", "turtle")
    json_ld = _graph(client, "/data/catalog.jsonld", "json-ld")
    assert isomorphic(turtle, json_ld)


def test_every_file_that_dcat_names_is_there(client: Client, district_pack: str) -> None:
    from rdflib.namespace import DCAT

    graph = _graph(client, "/data/catalog.ttl", "turtle")
    addresses = {str(address) for address in graph.objects(None, DCAT.downloadURL)}
    assert len(addresses) == 2 * len(datasets.active().datasets)
    for address in addresses:
        path = address.removeprefix(settings.PUBLIC_URL)
        assert client.get(f"{path}?limit=1").status_code == 200


def test_the_catalogue_is_not_sent_twice(client: Client, district_pack: str) -> None:
    first = client.get("/data/catalog.jsonld")
    again = client.get("/data/catalog.jsonld", headers={"If-None-Match": first["ETag"]})
    assert (first["Content-Type"], again.status_code) == ("application/ld+json", 304)


# -- manners ----------------------------------------------------------------------------------


def test_feeds_are_atom(client: Client, make_result: Any) -> None:
    make_result()
    for path in ("/feeds/data/", "/feeds/corrections/", "/feeds/results/", "/feeds/news/"):
        feed = ElementTree.fromstring(client.get(path).content)
        assert feed.tag == "{http://www.w3.org/2005/Atom}feed", path


def test_open_data_is_on_both_site_maps(client: Client, district_pack: str) -> None:
    text = client.get("/sitemap.txt").content.decode()
    for path in ("/data/", "/data/figures/", "/data/corrections/", "/indicators/projects/", "/en/"):
        assert f"{settings.PUBLIC_URL}{path}\n" in text
    assert 'href="/data/"' in client.get("/site-map/").content.decode()


def test_an_english_page_speaks_english(client: Client, district_pack: str) -> None:
    page = client.get("/en/").content.decode()
    assert '<html lang="en"' in page
    assert 'hreflang="zh-CN"' in page
    assert "Skip to the content" in page
    assert client.get("/en/open-data/").status_code == 200
    assert "跳到" in client.get("/").content.decode(), "the next page is Chinese again"


def test_an_old_address_leads_to_the_new_one(
    client: Client, district_pack: str, django_capture_on_commit_callbacks: Any
) -> None:
    from wagtail.models import Page

    page = Page.objects.get(slug="open-data").specific
    page.slug = "data-in-english"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()
    answer = client.get("/en/open-data/")
    assert (answer.status_code, answer["Location"]) == (301, "/en/data-in-english/")


def test_a_canary_in_private_fields_reaches_no_file(client: Client, make_result: Any) -> None:
    canary = "金丝雀13900007788"
    draft: PublishedResult = make_result(live=False, outcome=canary)
    assert draft.outcome == canary
    for code in datasets.active().datasets:
        for path in (f"/data/{code}.csv", f"/data/{code}.json", f"/data/{code}/"):
            assert canary not in _text(client.get(path)), path
    for path in ("/data/", "/data/catalog.ttl", "/data/catalog.jsonld", "/feeds/data/"):
        assert canary not in _text(client.get(path)), path


def test_publishing_again_a_day_later_makes_the_dataset_new(
    client: Client, world: World, clock: Any
) -> None:
    services.publish_snapshot("disclosure_rate", Period.parse("2026-03"))
    clock.tick(hours=1)
    services.publish_snapshot("disclosure_rate", Period.parse("2026-03"))
    assert "按时更新" in client.get("/data/figures/").content.decode()
    clock.move_to(datetime(2026, 3, 9, 9, tzinfo=UTC) + timedelta(hours=1))
    assert "迟了 6 天" in client.get("/data/figures/").content.decode()
