"""Limits as people write them in rules: 5wd, 15d, 4wh, 2h, 30m. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from foundation.worktime.errors import BadLimit


class Unit(StrEnum):
    """What a limit counts: 工作日, 日 (calendar), 工作时, hours and minutes round the clock."""

    WORKING_DAYS = "wd"
    DAYS = "d"
    WORKING_HOURS = "wh"
    HOURS = "h"
    MINUTES = "m"

    @property
    def uses_calendar(self) -> bool:
        """False only for hours and minutes that run nights and holidays."""
        return self not in {Unit.HOURS, Unit.MINUTES}

    @property
    def runs_always(self) -> bool:
        """True for units whose share passes nights and holidays as well (calendar days, hours)."""
        return self in {Unit.MINUTES, Unit.HOURS, Unit.DAYS}


#: Ten years are longer than any statutory limit; more is a typing mistake.
LARGEST = {
    Unit.WORKING_DAYS: 2500,
    Unit.DAYS: 3660,
    Unit.WORKING_HOURS: 20000,
    Unit.HOURS: 87840,
    Unit.MINUTES: 10000,
}
_PATTERN = re.compile(r"([1-9][0-9]{0,5})(wd|wh|d|h|m)")


@dataclass(frozen=True)
class Limit:
    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def parse_limit(text: str) -> Limit:
    """Read ``5wd`` (working days), ``15d`` (days), ``4wh`` (working hours), ``2h``, ``30m``.

    Raises :class:`~foundation.worktime.errors.BadLimit` with a sentence that says what to write.
    """
    match = _PATTERN.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    if match is None:
        raise BadLimit(
            f"The limit {text!r} cannot be read: write a whole number from 1 and a unit, like 5wd "
            "(working days), 15d (calendar days), 4wh (working hours), 2h (hours) or 30m (minutes)."
        )
    limit = Limit(int(match[1]), Unit(match[2]))
    if limit.amount > LARGEST[limit.unit]:
        raise BadLimit(f"The limit {limit} is too long: at most {LARGEST[limit.unit]}{limit.unit}.")
    return limit
