"""A figure: two counts and the time they were true. Never a bare percentage."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

PLACES = Decimal("0.1")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Figure:
    """``numerator`` of ``denominator`` as of an aware moment.

    ``unit`` "%" makes the value a percentage, any other unit (days, yuan) the plain quotient.
    ``published`` tells a stored snapshot from a value computed just now; ``revision``
    is the number of that snapshot.
    """

    numerator: Decimal
    denominator: Decimal
    as_of: datetime
    unit: str = "%"
    published: bool = False
    revision: int = 0

    @property
    def value(self) -> Decimal | None:
        """The exact value (in percent for "%"), None when nothing was counted."""
        if not self.denominator:
            return None
        quotient = Decimal(self.numerator) / Decimal(self.denominator)
        return quotient * HUNDRED if self.unit == "%" else quotient

    @property
    def value_text(self) -> str:
        """The value for readers; 811 of 812 is 99.9 %, never rounded up to 100 %."""
        value = self.value
        if value is None:
            return _("no data")
        if self.unit != "%":
            return f"{plain(value.quantize(PLACES, ROUND_HALF_UP))} {self.unit}".strip()
        rounding = ROUND_DOWN if HUNDRED - 1 < value < HUNDRED else ROUND_HALF_UP
        return f"{plain(value.quantize(PLACES, rounding))}%"

    @property
    def text(self) -> str:
        """``628/645 97.4%``, or "no data" when the denominator is 0."""
        if self.value is None:
            return _("no data")
        return f"{self.counts_text} {self.value_text}"

    @property
    def counts_text(self) -> str:
        """``628/645``: what was counted."""
        return f"{plain(self.numerator)}/{plain(self.denominator)}"

    def same_counts(self, other: "Figure") -> bool:
        """Whether both say the same n/N."""
        mine = (self.numerator, self.denominator)
        return mine == (other.numerator, other.denominator)


def plain(number: Decimal) -> str:
    """Return ``number`` with thousands separators and without empty decimals: 8,000 or 2.5."""
    text = f"{Decimal(number):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
