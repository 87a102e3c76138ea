"""Loads categories, clock rules and the duty matrix from the district's data pack."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from django.db import models

from complaints import demo
from complaints.models import Category, ClockRule, RetentionRule, RoutingRule, Rung, Urgency
from complaints.models.case import Track
from complaints.selectors import rules
from complaints.services.ownership import order_look
from foundation.places.errors import PackError
from foundation.places.models import Area, Department
from foundation.places.pack import Changes, Pack, Row, demo_loader, loader
from foundation.places.services import renew_version
from foundation.worktime.limits import parse_limit

M = TypeVar("M", bound=models.Model)
Key = tuple[Any, ...]


@loader("categories", order=50)
def load_categories(pack: Pack) -> Changes:
    """Categories with urgency, keywords, law and tile; parents stand before children."""
    rows = pack.rows("categories", "category")
    stored = {c.code: c for c in Category.objects.all()}
    wanted: dict[Key, Category] = {}
    for order, row in enumerate(rows):
        category = _category(row, order, {c.code: c for c in wanted.values()})
        if (category.code,) in wanted:
            raise row.error("code", "this code is used twice")
        wanted[(category.code,)] = category
    tops = {key: c for key, c in wanted.items() if c.parent is None}
    changes = _store(Category, tops, {(c.code,): c for c in stored.values()}, CATEGORY_FIELDS)
    by_code = {c.code: c for c in Category.objects.all()}
    subs = {key: c for key, c in wanted.items() if c.parent is not None}
    for category in subs.values():
        category.parent = by_code[category.parent.code] if category.parent else None
    changes += _store(Category, subs, {(c.code,): c for c in stored.values()}, CATEGORY_FIELDS)
    gone = [c.pk for c in stored.values() if (c.code,) not in wanted and c.is_active]
    Category.objects.filter(pk__in=gone).update(is_active=False)
    return _told(changes + Changes(removed=len(gone)))


CATEGORY_FIELDS = (
    "name",
    "parent_id",
    "icon",
    "urgency",
    "keywords",
    "legal_basis",
    "tile_order",
    "tile_label",
    "order",
    "is_active",
)


def _category(row: Row, order: int, known: dict[str, Category]) -> Category:
    parent_code = row.choice("parent", set(known), "")
    tile_order = row.raw("tile_order", None)
    category = Category(
        code=row.text("code", longest=60),
        name=row.text("name", longest=40),
        parent=known.get(parent_code),
        icon=row.text("icon", "", longest=40),
        urgency=row.choice("urgency", set(Urgency.values)),
        keywords=list(row.texts("keywords", ())),
        legal_basis=list(row.raw("legal", [])),
        tile_order=tile_order,
        tile_label=row.text("tile_label", "", longest=10),
        order=order,
        is_active=True,
    )
    for read_elsewhere in ("lead", "support", "note"):
        row.raw(read_elsewhere, None)
    row.finish()
    return category


@loader("clocks", order=55)
def load_clocks(pack: Pack) -> Changes:
    """Clock rules with track, urgency, legal basis and validity."""
    wanted: dict[Key, ClockRule] = {}
    for row in pack.rows("clocks", "clock"):
        rule = ClockRule(
            code=row.text("code", longest=40),
            track=row.choice("track", set(Track.values), ""),
            urgency=row.choice("urgency", set(Urgency.values), ""),
            limit=row.text("limit", longest=8),
            legal_basis=row.text("legal_basis", "", longest=200),
            valid_from=row.day("valid_from") or date.min,
            valid_to=row.day("valid_to", None),
        )
        _check_limit(row, rule.limit)
        row.finish()
        if _clock_key(rule) in wanted:
            raise row.error("code", "this rule stands here twice")
        wanted[_clock_key(rule)] = rule
    stored = {_clock_key(rule): rule for rule in ClockRule.objects.all()}
    changes = _store(ClockRule, wanted, stored, ("limit", "legal_basis", "valid_to"))
    return _told(changes + _remove(ClockRule, stored, wanted))


def _clock_key(rule: ClockRule) -> Key:
    return (rule.code, rule.track, rule.urgency, rule.valid_from)


def _check_limit(row: Row, limit: str, name: str = "limit") -> None:
    try:
        parse_limit(limit)
    except ValueError as error:
        raise row.error(name, str(error)) from error


TOLD = {"actor", "dispatcher", "supervisor", "leader"}


@loader("ladder", order=56)
def load_ladder(pack: Pack) -> Changes:
    """The rungs of warnings, from the first to the last, which names a person."""
    rows = pack.rows("ladder", "rung") if pack.has("ladder") else []
    wanted: dict[Key, Rung] = {}
    for position, row in enumerate(rows, start=1):
        rung = Rung(
            position=position,
            share=row.whole("share", 100),
            after=row.text("after", "", longest=8),
            tell=list(row.texts("tell", ())),
            person=row.text("person", "", longest=150),
            order=row.choice("order", {"blue", "yellow", "red"}, ""),
        )
        if unknown := sorted(set(rung.tell) - TOLD):
            raise row.error("tell", f"{unknown[0]!r} is none of {', '.join(sorted(TOLD))}")
        if rung.after:
            _check_limit(row, rung.after, "after")
        if position == len(rows) and not rung.person:
            raise row.error("person", "the last rung names a person (a username)")
        row.finish()
        wanted[(position,)] = rung
    stored: dict[Key, Rung] = {(rung.position,): rung for rung in Rung.objects.all()}
    changes = _store(Rung, wanted, stored, ("share", "after", "tell", "person", "order"))
    return _told(changes + _remove(Rung, stored, wanted))


@loader("routing", order=60)
def load_routing(pack: Pack) -> Changes:
    """The duty matrix: lead departments of the categories, grid-first list, special places."""
    departments = {d.code: d for d in Department.objects.all()}
    categories = {c.code: c for c in Category.objects.all()}
    wanted: dict[Key, RoutingRule] = {}
    head = pack.row("routing")
    head.choice("fallback", {"dispatcher"})
    grid_first = set(head.texts("grid_first", ()))
    unknown = sorted(grid_first - categories.keys())
    if unknown:
        raise head.error("grid_first", f"{unknown[0]!r} is no category")
    head.raw("rule", [])
    head.finish()
    for order, row in enumerate(pack.rows("categories", "category")):
        code = row.text("code")
        lead = row.choice("lead", departments.keys(), "")
        rule = RoutingRule(
            category=categories[code],
            department=departments.get(lead),
            supports=_codes(row, departments),
            to_grid=code in grid_first,
            order=order,
        )
        if lead or rule.to_grid:
            wanted[_routing_key(rule)] = rule
    for order, row in enumerate(pack.rows("routing", "rule"), start=len(wanted)):
        rule = _special_rule(row, order, categories, departments)
        wanted[_routing_key(rule)] = rule
    stored = {_routing_key(rule): rule for rule in RoutingRule.objects.all()}
    changes = _store(RoutingRule, wanted, stored, ("department_id", "supports", "to_grid", "order"))
    return _told(changes + _remove(RoutingRule, stored, wanted))


def _special_rule(
    row: Row, order: int, categories: dict[str, Category], departments: dict[str, Department]
) -> RoutingRule:
    area_code = row.text("area")
    area = Area.objects.filter(code=area_code).first()
    if area is None:
        raise row.error("area", f"{area_code!r} is no area of this pack")
    rule = RoutingRule(
        category=categories[row.choice("category", categories.keys())],
        area=area,
        department=departments[row.choice("department", departments.keys())],
        supports=_codes(row, departments),
        to_grid=row.choice("first", {"grid", "department"}, "department") == "grid",
        order=order,
    )
    row.finish()
    return rule


def _routing_key(rule: RoutingRule) -> Key:
    return (rule.category_id, rule.area_id)


def _codes(row: Row, departments: dict[str, Department]) -> list[str]:
    codes = list(row.texts("support", ()))
    unknown = [code for code in codes if code not in departments]
    if unknown:
        raise row.error("support", f"{unknown[0]!r} is no department")
    return codes


def _store(
    model: type[M], wanted: dict[Key, M], stored: dict[Key, M], fields: Iterable[str]
) -> Changes:
    """Insert new records and update different ones, in two statements."""
    compared = list(fields)
    new = [row for key, row in wanted.items() if key not in stored]
    different: list[M] = []
    for key, row in wanted.items():
        known = stored.get(key)
        if known is None or all(getattr(known, f) == getattr(row, f) for f in compared):
            continue
        for name in compared:
            setattr(known, name, getattr(row, name))
        different.append(known)
    model._default_manager.bulk_create(new)
    if different:
        names = [name.removesuffix("_id") for name in compared]
        model._default_manager.bulk_update(different, names)
    return Changes(len(new), len(different), len(wanted) - len(new) - len(different))


def _remove(model: type[M], stored: dict[Key, M], wanted: dict[Key, M]) -> Changes:
    gone = [row.pk for key, row in stored.items() if key not in wanted]
    model._default_manager.filter(pk__in=gone).delete()
    return Changes(removed=len(gone))


def _told(changes: Changes) -> Changes:
    """Let every process read the rules afresh when anything changed."""
    if changes:
        renew_version()
    rules.forget()
    return changes


@loader("retention", order=65)
def load_retention(pack: Pack) -> Changes:
    """How long contacts, originals and words are kept after the end of a case, by track."""
    rows = pack.rows("retention", "rule") if pack.has("retention") else []
    wanted: dict[Key, RetentionRule] = {}
    for row in rows:
        rule = RetentionRule(
            track=row.choice("track", set(Track.values), ""),
            contact_days=row.whole("contact_days", 180),
            originals_days=row.whole("originals_days", 365),
            words_days=row.whole("words_days", 1095),
            basis=row.text("basis", "", longest=200),
        )
        if not 120 <= rule.contact_days <= rule.originals_days <= rule.words_days:
            raise row.error(
                "contact_days", "contact (120 days at least) goes first, then originals, then words"
            )
        row.finish()
        if (rule.track,) in wanted:
            raise row.error("track", "this rule stands here twice")
        wanted[(rule.track,)] = rule
    if wanted and ("",) not in wanted:
        raise PackError("retention.toml", "", "has no rule for all tracks (one without track)")
    stored: dict[Key, RetentionRule] = {(r.track,): r for r in RetentionRule.objects.all()}
    fields = ("contact_days", "originals_days", "words_days", "basis")
    return _store(RetentionRule, wanted, stored, fields) + _remove(RetentionRule, stored, wanted)


@loader("owners", order=70)
def look_after_owners(pack: Pack) -> Changes:
    """Let the worker look whether open cases still have an owner and stand in the right area.

    A department that left the pack hands its cases to the dispatcher; a redrawn grid moves them.
    The look itself leaves alone what is right, so loading the same pack again changes nothing.
    """
    order_look()
    return Changes()


@demo_loader("cases", order=40)
def load_demo_cases(pack: Pack) -> Changes:
    """A year of synthetic history and some live cases."""
    return demo.load_demo_cases(pack)
