"""Loads ``disclosure.toml``: clauses, heads, items and rules of what has to be published."""

from datetime import date
from typing import Any

from django.db.models import Model
from django.utils import timezone

from cms.models import (
    CatalogueHead,
    CatalogueItem,
    DutyRule,
    LegalClause,
    Rhythm,
    SubjectKind,
)
from cms.rota import BadLimit, check_limit
from foundation.jobs.services import emit
from foundation.places.models import Department
from foundation.places.pack import Changes, Pack, Row

SECTION = "disclosure"
CHANGED = "disclosure.catalogue_changed"


def load(pack: Pack) -> Changes:
    """Bring the catalogue to what the pack says; what it no longer names goes out of use.

    Rules of the first load count from the pack's ``counted_from``; a rule that a later load brings
    asks for nothing before the day on which it was entered.
    """
    if not pack.has(SECTION + ".toml"):
        return Changes()
    first = not DutyRule.objects.exists()
    head, today = pack.row(SECTION), timezone.localdate()
    entered_on = head.day("counted_from") or today if first else today
    changes = Changes()
    for row in pack.rows(SECTION, "clause"):
        changes += _clause(row)
    for order, row in enumerate(pack.rows(SECTION, "head"), start=1):
        changes += _head(row, order)
    wanted = set()
    for order, row in enumerate(pack.rows(SECTION, "item"), start=1):
        code, change = _item(row, order, entered_on)
        wanted.add(code)
        changes += change
    gone = CatalogueItem.objects.exclude(code__in=wanted).filter(is_active=True)
    changes += Changes(removed=gone.update(is_active=False))
    if changes.added or changes.changed or changes.removed:
        emit(CHANGED, key=timezone.now().isoformat(), payload={})
    return changes


def _store(model: type[Model], values: dict[str, Any], **key: Any) -> tuple[Any, Changes]:
    """Make or change one row; says what happened."""
    row, made = model._default_manager.get_or_create(**key, defaults=values)
    if made:
        return row, Changes(added=1)
    if all(getattr(row, name) == value for name, value in values.items()):
        return row, Changes(unchanged=1)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row, Changes(changed=1)


def _clause(row: Row) -> Changes:
    code = row.text("code", longest=40)
    values = {
        "law": row.text("law", longest=120),
        "article": row.text("article", longest=60),
        "summary": row.text("summary", longest=300),
        "valid_from": row.day("valid_from"),
        "valid_until": row.day("valid_until", None),
    }
    row.finish()
    return _store(LegalClause, values, code=code)[1]


def _head(row: Row, order: int) -> Changes:
    code = row.text("code", longest=40)
    values = {
        "name": row.text("name", longest=60),
        "note": row.text("note", "", longest=200),
        "is_historical": row.flag("is_historical", False),
        "order": order,
    }
    row.finish()
    return _store(CatalogueHead, values, code=code)[1]


def _department(row: Row, field: str, code: str) -> Department:
    found = Department.objects.filter(code=code).first()
    if found is None:
        raise row.error(field, f"names a department that the pack does not have: {code!r}")
    return found


def _item(row: Row, order: int, entered_on: date) -> tuple[str, Changes]:
    code, head = row.text("code", longest=60), row.text("head")
    owner = row.text("department", "")
    subject = row.choice("subject", SubjectKind.values)
    found = CatalogueHead.objects.filter(code=head).first()
    if found is None:
        raise row.error("head", f"names a head that is not in the file: {head!r}")
    values = {
        "head": found,
        "name": row.text("name", longest=80),
        "description": row.text("description", "", longest=300),
        "subject": subject,
        "department": _department(row, "department", owner) if owner else None,
        "firm_list": row.text("firm_list", "", longest=20),
        "may_not_arise": row.flag("may_not_arise", False),
        "is_active": True,
        "order": order,
    }
    if subject == SubjectKind.DISTRICT and not owner:
        raise row.error("department", "is needed: somebody answers for an item of the district")
    departments = [_department(row, "departments", c) for c in row.texts("departments", ())]
    rules = row.rows("rules")
    row.finish()
    item, changes = _store(CatalogueItem, values, code=code)
    item.departments.set(departments)
    return code, changes + _rules(item, rules, entered_on)


def _rules(item: CatalogueItem, rows: list[Row], entered_on: date) -> Changes:
    changes, kept = Changes(), []
    for row in rows:
        rule, change = _rule(item, row, entered_on)
        kept.append(rule.pk)
        changes += change
    removed, _by_model = item.rules.exclude(pk__in=kept).delete()
    return changes + Changes(removed=removed)


def _rule(item: CatalogueItem, row: Row, entered_on: date) -> tuple[DutyRule, Changes]:
    clause = LegalClause.objects.filter(code=row.text("clause")).first()
    if clause is None:
        raise row.error("clause", "names a clause that is not in the file")
    rhythm, valid_from = row.choice("rhythm", Rhythm.values), row.day("valid_from")
    try:
        limit = check_limit(row.text("limit", longest=8))
    except BadLimit as error:
        raise row.error("limit", str(error)) from error
    values = {"clause": clause, "limit": limit, "valid_until": row.day("valid_until", None)}
    row.finish()
    rule, changes = _store(DutyRule, values, item=item, rhythm=rhythm, valid_from=valid_from)
    if changes.added:
        DutyRule.objects.filter(pk=rule.pk).update(entered_on=entered_on)
    return rule, changes
