"""Loads what a district brings to cms: indicators, the bare page tree, demonstration content."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Model

from cms import demo, demo_duties, demo_requests, pack_catalogue, pack_plan, pack_tree
from cms.models import Better, Indicator, IndicatorGroup, IndicatorValue
from foundation.places.pack import Changes, Pack, Row, demo_loader, loader


def _number(row: Row, field: str) -> Decimal | None:
    text = row.text(field, "")
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise row.error(field, f"must be a number or empty, not {text!r}") from error


def _flag(row: Row, field: str) -> bool:
    return row.choice(field, ("0", "1")) == "1"


def _indicator_values(row: Row, order: int) -> dict[str, Any]:
    values = {
        "order": order,
        "number": row.text("number", longest=8),
        "group": row.choice("group", IndicatorGroup.values),
        "family": row.text("family", "", longest=40),
        "name": row.text("name", longest=80),
        "starred": _flag(row, "starred"),
        "unit": row.text("unit", "", longest=12),
        "standard": row.text("standard", "", longest=120),
        "base_2023": row.text("base_2023", "", longest=120),
        "base_value": _number(row, "base_value"),
        "target_2030": row.text("target_2030", "", longest=120),
        "target_value": _number(row, "target_value"),
        "limit_value": _number(row, "limit_value"),
        "better": row.choice("better", Better.values, ""),
        "not_applicable": _flag(row, "not_applicable"),
        "metric_code": row.text("metric_code", "", longest=40),
        "method": row.text("method", ""),
        "quirk": row.text("quirk", ""),
    }
    return values


def _differs(stored: Model, values: Mapping[str, Any]) -> bool:
    return any(getattr(stored, name) != value for name, value in values.items())


@dataclass(frozen=True)
class Origin:
    """Where the base values come from and which period they tell of."""

    period: str
    source: str

    @classmethod
    def of(cls, pack: Pack) -> "Origin":
        row = pack.row("site").table("indicators")
        origin = cls(row.text("base_period", longest=7), row.text("source", longest=120))
        row.finish()
        return origin

    def write(self, indicator: Indicator) -> None:
        """The base year as the first value of the series; an editor's own entry is left alone."""
        if indicator.not_applicable or not indicator.base_2023:
            return
        IndicatorValue.objects.get_or_create(
            indicator=indicator,
            period=self.period,
            defaults={
                "text": indicator.base_2023,
                "value": indicator.base_value,
                "source": self.source,
            },
        )


@loader("indicators", order=60)
def load_indicators(pack: Pack) -> Changes:
    """``indicators.csv`` → the indicator table; a row missing in the file is deleted if unused."""
    stored = {row.code: row for row in Indicator.objects.all()}
    origin, changes = Origin.of(pack), Changes()
    wanted: set[str] = set()
    for order, row in enumerate(pack.csv_rows("indicators"), start=1):
        code = row.text("code", longest=8)
        values = _indicator_values(row, order)
        row.finish()
        if code in wanted:
            raise row.error("code", f"{code!r} appears twice")
        wanted.add(code)
        found = stored.get(code)
        if found is None:
            origin.write(Indicator.objects.create(code=code, **values))
            changes += Changes(added=1)
        elif _differs(found, values):
            for name, value in values.items():
                setattr(found, name, value)
            found.save()
            origin.write(found)
            changes += Changes(changed=1)
        else:
            changes += Changes(unchanged=1)
    gone = [row for code, row in stored.items() if code not in wanted]
    for row in gone:
        row.delete()
    return changes + Changes(removed=len(gone))


@loader("site", order=70)
def load_site(pack: Pack) -> Changes:
    """The bare tree: home, results, indicators, news; roles' permissions; the approval workflow."""
    titles = pack.row("site").table("titles")
    words = {slug: titles.text(slug, longest=60) for _model, slug in pack_tree.SKELETON}
    root = titles.text("root", longest=60)
    titles.finish()
    approval = pack.row("site").table("approval")
    name = approval.text("name", longest=60)
    approval.finish()
    named = pack_tree.name_in_chinese(approval=name, root=root)
    review = pack.row("site").table("disclosure_review")
    steps = {field: review.text(field, longest=60) for field in ("name", "approval", "secrecy")}
    review.finish()
    planted = pack_tree.plant(words) + pack_tree.grant() + named
    return planted + pack_tree.review_disclosures(**steps)


@loader("disclosure", order=75)
def load_catalogue(pack: Pack) -> Changes:
    """``disclosure.toml`` → what has to be published, by which law, by whom and when."""
    return pack_catalogue.load(pack)


@loader("projects", order=76)
def load_projects(pack: Pack) -> Changes:
    """``projects.toml`` → the plan's projects by category and its dated tasks."""
    return pack_plan.load(pack)


@loader("english", order=77)
def load_english(pack: Pack) -> Changes:
    """``english.toml`` → the English summary pages below /en/."""
    return pack_plan.load_english(pack)


@demo_loader("projects", order=63)
def load_demo_projects(pack: Pack) -> Changes:
    """``demo/projects.toml`` → a few invented projects with their progress."""
    return pack_plan.load_demo(pack)


@demo_loader("pages", order=60)
def load_demo_pages(pack: Pack) -> Changes:
    """``demo/pages.toml`` → pictures and pages, published; a page that exists is left alone."""
    return demo.load_pages(pack)


@demo_loader("news", order=61)
def load_demo_news(pack: Pack) -> Changes:
    """``demo/news.toml`` → news, published."""
    return demo.load_news(pack)


@demo_loader("results", order=62)
def load_demo_results(pack: Pack) -> Changes:
    """``demo/results.toml`` → published results across months and streets."""
    return demo.load_results(pack)


@demo_loader("duties", order=80)
def load_demo_duties(pack: Pack) -> Changes:
    """The rota of today, with a plausible story of what has fallen due."""
    return demo_duties.load()


@demo_loader("requests", order=65)
def load_demo_requests(pack: Pack) -> Changes:
    """``demo/requests.toml`` → information requests in different states."""
    return demo_requests.load_requests(pack)
