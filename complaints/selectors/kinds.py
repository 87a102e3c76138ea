"""Kinds of problems in a case: the main one and further ones; filters and shares count them all."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q, QuerySet

from complaints.models import Case, Category, FurtherKind
from complaints.selectors.rules import category_by_id, rules
from foundation.metrics.period import Period


def further_kinds_of(case: Case) -> tuple[Category, ...]:
    """Return the further kinds of a case in the pack's order. One query."""
    found = FurtherKind.objects.filter(case=case).values_list("category_id", flat=True)
    known = [category for pk in found if (category := category_by_id(pk)) is not None]
    return tuple(sorted(known, key=lambda category: (category.order, category.code)))


def below(category: Category) -> list[int]:
    """Return the ids of a category and of those below it. No query when warm."""
    return [c.pk for c in rules().categories.values() if category.pk in (c.pk, c.parent_id)]


def of_kinds(kinds: Collection[int]) -> Q:
    """Match cases with one of ``kinds``, as main or as further kind; for files, not for pages."""
    further = FurtherKind.objects.filter(category_id__in=kinds).values("case_id")
    return Q(category_id__in=kinds) | Q(pk__in=further)


def first_of_kinds(
    found: QuerySet[Case], kinds: Collection[int], ordering: tuple[str, str], limit: int
) -> list[Case]:
    """Return the first ``limit`` of ``found`` with one of ``kinds``, as main or as further kind.

    Two searches, each on its own index, in one statement where the database can order parts of a
    union, else in two: with "or" between them it used neither. ``ordering``: a column of time and
    the id, both up or both down.
    """
    own = found.filter(category_id__in=kinds)
    also = found.filter(
        pk__in=FurtherKind.objects.filter(category_id__in=kinds).values("case_id")
    ).exclude(category_id__in=kinds)
    parts = [part.order_by(*ordering)[:limit] for part in (own, also)]
    if connection.features.supports_slicing_ordering_in_compound:
        rows = list(parts[0].union(parts[1], all=True))
    else:
        rows = [case for part in parts for case in part]
    column = ordering[0].lstrip("-")
    rows.sort(
        key=lambda case: (getattr(case, column), case.pk), reverse=ordering[0].startswith("-")
    )
    return rows[:limit]


@dataclass(frozen=True)
class KindShare:
    """How many of all reports of a period had a kind among theirs."""

    category: Category
    count: int
    whole: int

    @property
    def text(self) -> str:
        """The share with its figures: "12/40 (30.0 %)"."""
        share = 100 * self.count / self.whole if self.whole else 0
        return f"{self.count}/{self.whole} ({share:.1f} %)"


@dataclass(frozen=True)
class KindShares:
    """Shares by kind; ``may_exceed`` says that they sum past 100 %, since cases have several."""

    rows: tuple[KindShare, ...]
    whole: int

    @property
    def may_exceed(self) -> bool:
        return sum(row.count for row in self.rows) > self.whole


def types_share(period: Period) -> KindShares:
    """Return the shares of kinds among the reports submitted in ``period``. Two queries.

    A case with three kinds counts once in each of them and once in the whole; those without a kind
    count in the whole only. Kinds are those of the lower level as filed, not summed up.
    """
    cases = Case.objects.filter(
        submitted_at__gte=period.start_at, submitted_at__lt=min(period.horizon, period.end_at)
    )
    main = cases.order_by().values_list("category_id").annotate(n=Count("pk"))
    further = FurtherKind.objects.filter(case__in=cases).order_by()
    counts: Counter[int | None] = Counter(dict(main))
    whole = sum(counts.values())
    counts.update(dict(further.values_list("category_id").annotate(n=Count("pk"))))
    known = [(category_by_id(pk), n) for pk, n in counts.items()]
    rows = [KindShare(category, n, whole) for category, n in known if category is not None]
    return KindShares(tuple(sorted(rows, key=lambda row: (-row.count, row.category.order))), whole)
