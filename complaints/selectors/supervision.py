"""What the supervision board reads: orders by colour, as columns and as a list; one case's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import pgettext_lazy

from complaints.models import Case, SupervisionOrder
from complaints.performer import Performer
from complaints.policies import visible
from complaints.workflow import Text
from foundation.places.selectors import department_by_code

Colour = SupervisionOrder.Colour
CLOSED = "closed"
COLUMNS: dict[str, Text] = {
    Colour.BLUE: Colour.BLUE.label,
    Colour.YELLOW: Colour.YELLOW.label,
    Colour.RED: Colour.RED.label,
    CLOSED: pgettext_lazy("supervision", "Struck off"),
}
COLUMN_SIZE, PAGE_SIZE = 12, 50


@dataclass(frozen=True)
class OrderFilter:
    """What the list asks for; unknown values are ignored, so that an old link never breaks."""

    column: str = ""
    level: str = ""
    reason: str = ""
    department: str = ""
    cursor: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "OrderFilter":
        """Read a query string's values."""
        column, level = query.get("column", ""), query.get("level", "")
        reason = query.get("reason", "")
        return cls(
            column=column if column in COLUMNS else "",
            level=level if level in SupervisionOrder.Level.values else "",
            reason=reason if reason in SupervisionOrder.Reason.values else "",
            department=query.get("department", "")[:40],
            cursor=query.get("cursor", "")[:200],
        )

    @property
    def q(self) -> Q:
        """The condition on orders."""
        found = _in_column(self.column) if self.column else Q()
        if self.level:
            found &= Q(level=self.level)
        if self.reason:
            found &= Q(reason_code=self.reason)
        if self.department:
            department = department_by_code(self.department)
            found &= Q(case__owner_department_id=department.pk if department else 0)
        return found


@dataclass(frozen=True)
class Column:
    """One column of the board: its first orders and how many there are in all."""

    code: str
    label: Text
    orders: tuple[SupervisionOrder, ...]
    count: int

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.orders)


@dataclass(frozen=True)
class OrderPage:
    """One page of the list and the cursor of the next ('' when this is the last)."""

    orders: tuple[SupervisionOrder, ...]
    next_cursor: str


def _in_column(column: str) -> Q:
    return Q(is_open=False) if column == CLOSED else Q(is_open=True, colour=column)


def orders_visible(by: Performer) -> QuerySet[SupervisionOrder]:
    """Return the orders on cases that ``by`` may see today: the condition of the queue."""
    condition = visible(by.access)
    orders = SupervisionOrder.objects.select_related(
        "case__category", "case__owner_department", "case__owner_grid", "signed_by", "issued_by"
    )
    if not condition:
        return orders
    return orders.filter(case__in=Case.objects.filter(condition).values("pk"))


def board(by: Performer) -> tuple[Column, ...]:
    """Return the four columns, each with its most urgent (or latest) orders. Five queries."""
    mine = orders_visible(by)
    rows = mine.order_by().values("is_open", "colour").annotate(n=Count("pk"))
    counts = dict.fromkeys(COLUMNS, 0)
    for row in rows:
        counts[row["colour"] if row["is_open"] else CLOSED] += row["n"]
    columns = []
    for code, label in COLUMNS.items():
        order = ("-closed_at", "-id") if code == CLOSED else ("due_at", "id")
        found = mine.filter(_in_column(code)).order_by(*order)[:COLUMN_SIZE]
        columns.append(Column(code, label, tuple(found) if counts[code] else (), counts[code]))
    return tuple(columns)


def order_page(by: Performer, wanted: OrderFilter) -> OrderPage:
    """Return one page of the list, the latest issued first, keyset paged. One query."""
    found = orders_visible(by).filter(wanted.q)
    after = _read_cursor(wanted.cursor)
    if after:
        moment, pk = after
        found = found.filter(Q(issued_at__lt=moment) | Q(issued_at=moment, pk__lt=pk))
    rows = list(found.order_by("-issued_at", "-id")[: PAGE_SIZE + 1])
    page = tuple(rows[:PAGE_SIZE])
    return OrderPage(page, _cursor(page[-1]) if len(rows) > PAGE_SIZE else "")


def orders_of(case: Case) -> tuple[SupervisionOrder, ...]:
    """Return the orders on ``case``, the open and latest first. One query."""
    orders = SupervisionOrder.objects.filter(case=case).select_related("signed_by", "issued_by")
    return tuple(orders.order_by("-is_open", "-issued_at", "-id"))


def is_late(order: SupervisionOrder, now: datetime | None = None) -> bool:
    """Whether an open order was not answered by its time."""
    now = now or timezone.now()
    return order.is_open and order.feedback_at is None and order.due_at <= now


def _cursor(order: SupervisionOrder) -> str:
    return _signer().sign(f"{order.issued_at.isoformat()}|{order.pk}")


def _read_cursor(cursor: str) -> tuple[datetime, int] | None:
    try:
        moment_text, _sep, pk_text = _signer().unsign(cursor).partition("|")
    except BadSignature:
        return None
    moment = parse_datetime(moment_text)
    return (moment, int(pk_text)) if moment else None


def _signer() -> Signer:
    return Signer(salt="complaints.supervision.cursor")
