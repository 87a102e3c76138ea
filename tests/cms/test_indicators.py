"""The indicator table as the plan writes it, and one page for each row."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cms.models import Indicator, IndicatorValue, ValueStatus
from cms.selectors.indicators import indicator_groups, indicator_view
from foundation.metrics.models import Snapshot
from foundation.metrics.period import Period
from foundation.metrics.registry import Figure, metric, replaced
from foundation.places.pack import Pack


def _row(code: str) -> Indicator:
    return Indicator.objects.get(code=code)


def test_32_rows_tell_of_26_indicators(district_pack: str) -> None:
    assert Indicator.objects.count() == 32
    assert {group.code: group.count for group in indicator_groups()} == {
        "binding": 19,
        "reference": 6,
        "featured": 1,
    }


def test_the_plans_quirks_are_kept(district_pack: str) -> None:
    assert {_row(code).unit for code in ("5a", "5b", "5c", "5d", "7b")} == {""}
    assert (_row("14").unit, _row("14").base_value) == ("%", Decimal("0.8604"))
    assert _row("16").unit == "-"
    assert _row("7a").starred
    assert _row("s1").standard == "/"
    off = Indicator.objects.filter(not_applicable=True).values_list("code", flat=True)
    assert set(off) == {"6b", "7b", "8", "r5"}


def test_loading_again_changes_nothing(district_pack: str) -> None:
    from cms.pack import load_indicators

    IndicatorValue.objects.filter(indicator__code="4", period="2023").update(text="编辑改过")
    changes = load_indicators(Pack(district_pack))
    assert (changes.added, changes.changed, changes.removed) == (0, 0, 0)
    assert _row("4").values.get().text == "编辑改过"


@pytest.mark.parametrize(
    ("code", "verdict", "words"),
    [
        ("1", "met", "2023 年为 45%，达到标准（≥20）。"),
        ("17", "met", "2023 年为 96.8%，达到标准（≥90）。"),
        ("5b", "met", "2023 年为 99.05，达到标准（≥95）。"),
        ("4", "", "2023 年：35，完成上级规定的考核任务；且保持稳定。"),
        ("6b", "", "本区不涉及这项指标，不作评价。"),
        ("r3", "", "2023 年：0.11%。2030 年目标：持续下降。"),
    ],
)
def test_the_first_sentence_says_what_the_numbers_can_say(
    district_pack: str, code: str, verdict: str, words: str
) -> None:
    view = indicator_view(_row(code))
    assert view.verdict == verdict
    assert view.conclusion.startswith(words)


def test_a_missed_standard_is_said_openly(district_pack: str) -> None:
    IndicatorValue.objects.create(
        indicator=_row("17"), period="2024", text="88.5", value=Decimal("88.5")
    )
    view = indicator_view(_row("17"))
    assert (view.verdict, view.conclusion) == (
        "missed",
        "2024 年为 88.5%，没有达到标准（≥90）。",
    )


def test_a_value_that_was_not_published_says_why(client: Client, district_pack: str) -> None:
    IndicatorValue.objects.create(
        indicator=_row("17"), period="2024", status="missing", reason="调查报告尚未定稿"
    )
    assert "调查报告尚未定稿" in client.get("/indicators/17/").content.decode()
    assert indicator_view(_row("17")).conclusion.startswith("2023")


def test_every_row_has_a_page(client: Client, district_pack: str) -> None:
    for row in Indicator.objects.all():
        page = client.get(row.get_absolute_url())
        assert page.status_code == 200
        assert row.name in page.content.decode()


def test_a_row_that_does_not_apply_draws_no_chart(client: Client, district_pack: str) -> None:
    page = client.get("/indicators/6b/").content.decode()
    assert "gz-chart" not in page
    assert "不涉及" in page


def test_the_chart_names_its_lines_and_the_table_says_the_same(
    client: Client, district_pack: str
) -> None:
    page = client.get("/indicators/17/").content.decode()
    for text in ("标准 90", "2030 年 97", '<th scope="row">2023</th><td>96.8</td>'):
        assert text in page


def test_a_number_of_the_plan_leads_to_its_page(client: Client, district_pack: str) -> None:
    answer = client.get("/indicators/参1/")
    assert (answer.status_code, answer["Location"]) == (301, "/indicators/r1/")
    assert client.get("/indicators/nowhere/").status_code == 404


def _table(answer: Any) -> list[dict[str, str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_values_can_be_downloaded(client: Client, district_pack: str) -> None:
    answer = client.get("/indicators/17/values.csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert [(r["period"], r["value_number"]) for r in _table(answer)] == [("2023", "96.8")]
    everything = _table(client.get("/indicators/indicators.csv"))
    assert len({row["name"] for row in everything}) == 32


def test_a_downloaded_cell_never_runs_as_a_formula(client: Client, district_pack: str) -> None:
    IndicatorValue.objects.create(indicator=_row("17"), period="2024", text="=1+1")
    texts = [row["value"] for row in _table(client.get("/indicators/17/values.csv"))]
    assert texts == ["96.8", "'=1+1"]


@pytest.fixture
def platform_metrics() -> Iterator[None]:
    with replaced():
        for code, title in (("public_satisfaction", "满意度"), ("reply_rate", "答复率")):
            metric(code=code, title=title, target=97)(
                lambda period: Figure(Decimal(0), Decimal(0), timezone.now())
            )
        yield


def _publish(code: str, numerator: int, denominator: int) -> None:
    Snapshot.objects.create(
        code=code,
        period=str(Period.holding(timezone.now())),
        numerator=numerator,
        denominator=denominator,
        as_of=timezone.now(),
        published_at=timezone.now(),
    )


def test_a_row_fed_by_the_platform_shows_the_counts(
    client: Client, district_pack: str, platform_metrics: None
) -> None:
    _publish("public_satisfaction", 628, 645)
    page = client.get("/indicators/17/").content.decode()
    assert "628/645" in page
    assert "97.4%" in page
    assert "暂无数据" in page  # the reply rate beside it


@pytest.mark.parametrize("path", ["/indicators/", "/indicators/17/", "/indicators/indicators.csv"])
def test_pages_cost_few_queries(
    client: Client, district_pack: str, path: str, django_assert_max_num_queries: Any
) -> None:
    client.get(path)
    with django_assert_max_num_queries(10):
        client.get(path)


def test_a_row_missing_in_the_file_is_removed(district_pack: str, tmp_path: Any) -> None:
    from cms.pack import load_indicators

    lines = (Pack(district_pack).path("indicators.csv")).read_text().splitlines(keepends=True)
    (tmp_path / "indicators.csv").write_text("".join(lines[:-1]))
    (tmp_path / "site.toml").write_text(Pack(district_pack).path("site.toml").read_text())
    changes = load_indicators(Pack(tmp_path))
    assert changes.removed == 1
    assert not Indicator.objects.filter(code="s1").exists()


def _newest_cells(page: str) -> list[str]:
    cells = re.findall(r'<td data-label="最新数值">(.*?)</td>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def test_the_table_says_why_there_is_no_newest_value(client: Client, district_pack: str) -> None:
    cells = _newest_cells(client.get("/indicators/").content.decode())
    assert len(cells) == 32
    assert Counter(cells) == {
        "暂无数据 2023 年以后还没有公布": 28,
        "暂无数据 本区不评价这一项": 4,
    }


def test_the_table_shows_the_newest_value_with_its_period(
    client: Client, district_pack: str
) -> None:
    def publish(code: str, period: str, **fields: Any) -> None:
        IndicatorValue.objects.create(indicator=_row(code), period=period, **fields)

    publish("17", "2024", text="97.1", value=Decimal("97.1"))
    publish("17", "2025", status=ValueStatus.MISSING, reason="正在核对")
    publish("15", "2025", status=ValueStatus.MISSING, reason="正在核对")
    cells = _newest_cells(client.get("/indicators/").content.decode())
    assert "97.1 2024" in cells
    assert "暂无数据 正在核对" in cells
