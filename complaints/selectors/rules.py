"""Categories, clock rules and the duty matrix, read once per process and version of the pack."""

from dataclasses import dataclass
from uuid import UUID

from complaints.models import Category, ClockRule, RoutingRule
from foundation.places.selectors import snapshot


@dataclass(frozen=True)
class Rules:
    """Everything the pack says about cases, at one version. Shared: read, never change."""

    version: UUID | None
    categories: dict[int, Category]
    clocks: tuple[ClockRule, ...]
    routing: tuple[RoutingRule, ...]


_rules: Rules | None = None


def rules() -> Rules:
    """Return the current rules: 0 queries, or 3 when the pack's version changed."""
    global _rules
    version = snapshot().version
    if _rules is None or _rules.version != version or version is None:
        categories = {c.pk: c for c in Category.objects.filter(is_active=True)}
        for category in categories.values():
            if category.parent_id in categories:
                category.parent = categories[category.parent_id]
        _rules = Rules(
            version=version,
            categories=categories,
            clocks=tuple(ClockRule.objects.all()),
            routing=tuple(RoutingRule.objects.select_related("area", "department")),
        )
    return _rules


def forget() -> None:
    """Drop the process's copy: the next read looks at the database."""
    global _rules
    _rules = None


def categories() -> list[Category]:
    """Return the categories in use, in the pack's order, parents linked. No query when warm."""
    return list(rules().categories.values())


def category_by_id(pk: int | None) -> Category | None:
    return rules().categories.get(pk) if pk else None


def category_by_code(code: str) -> Category | None:
    return next((c for c in categories() if c.code == code), None)


def tiles() -> list[Category]:
    """Return the residents' big picture tiles, in order."""
    chosen = [c for c in categories() if c.tile_order is not None]
    return sorted(chosen, key=lambda c: c.tile_order or 0)


def clock_rules() -> tuple[ClockRule, ...]:
    return rules().clocks


def routing_rules() -> tuple[RoutingRule, ...]:
    return rules().routing
