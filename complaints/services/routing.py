"""The duty matrix: who should own a case, judged from its category and place."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.models import Case, Category, RoutingRule
from complaints.selectors.rules import category_by_id, routing_rules
from foundation.places.models import Area, AreaKind, Department
from foundation.places.selectors import area_by_code, department_by_code


@dataclass(frozen=True)
class Owner:
    """Who owns a case: a grid or a department, written ``grid:<code>``, ``department:<code>``."""

    grid: Area | None = None
    department: Department | None = None

    @property
    def key(self) -> str:
        if self.grid:
            return f"grid:{self.grid.code}"
        return f"department:{self.department.code}" if self.department else ""


def suggest_owner(category: Category | None, area: Area | None) -> Owner:
    """Return the owner that the duty matrix names; empty when only a dispatcher can decide.

    The category's own rule comes before its parent's, a smaller area before a larger. A rule
    "grid first" needs a located grid, else the lead department gets it. No query with warm rules.
    """
    if category is None:
        return Owner()
    chain = [category.pk] + ([category.parent_id] if category.parent_id else [])
    for category_id in chain:
        rule = _best_rule(category_id, area.path if area else "")
        if rule is None:
            continue
        if rule.to_grid and area is not None and area.kind == AreaKind.GRID:
            return Owner(grid=area)
        return Owner(department=rule.department)
    return Owner()


def _best_rule(category_id: int, area_path: str) -> RoutingRule | None:
    fitting = [
        rule
        for rule in routing_rules()
        if rule.category_id == category_id
        and (rule.area is None or area_path.startswith(rule.area.path))
    ]
    return max(fitting, key=lambda r: (len(r.area.path) if r.area else 0, -r.order), default=None)


def helpers_of(case: Case) -> frozenset[str]:
    """Return codes of the departments that the duty matrix names as helpers. No query if warm."""
    category = category_by_id(case.category_id)
    if category is None:
        return frozenset()
    chain = [category.pk] + ([category.parent_id] if category.parent_id else [])
    for category_id in chain:
        rule = _best_rule(category_id, case.area_path)
        if rule is not None:
            return frozenset(rule.supports) | ({rule.department.code} if rule.department else set())
    return frozenset()


def route(case: Case) -> None:
    """Fill the suggested owner of an unsaved or locked case from the duty matrix."""
    category = category_by_id(case.category_id) if case.category_id else None
    owner = suggest_owner(category, case.area)
    case.suggested_grid = owner.grid
    case.suggested_department = owner.department


def owner_from_key(key: str) -> Owner:
    """Return the owner written as ``grid:<code>`` or ``department:<code>``. No query when warm.

    Raises InvalidInput when there is no such grid or department in use.
    """
    kind, _sep, code = key.partition(":")
    grid = area_by_code(code) if kind == "grid" else None
    department = department_by_code(code) if kind == "department" else None
    if grid is not None and grid.kind != AreaKind.GRID:
        grid = None
    if grid is None and department is None:
        raise InvalidInput(_("Choose a grid or a department."), code="unknown_owner", field="owner")
    return Owner(grid=grid, department=department)
