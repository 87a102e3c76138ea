"""Whether a dataset keeps its promise: how many days it is late. Arithmetic only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from foundation.metrics.datasets import Frequency
from foundation.metrics.period import ZONE


@dataclass(frozen=True)
class Timeliness:
    """``due`` is the last day on which the next update keeps the promise; None: none can be late.

    ``late`` counts full days after that; ``updated`` is the local day of the last change.
    """

    updated: date | None
    due: date | None
    late: int

    @property
    def is_kept(self) -> bool:
        return self.late == 0


def timeliness(frequency: Frequency, updated_at: datetime | None, today: date) -> Timeliness:
    """Return how a promise stands on ``today`` (Shanghai).

    The next update is due so many days after the last one as the frequency has; a dataset that was
    never filled has promised nothing yet.
    """
    updated = updated_at.astimezone(ZONE).date() if updated_at else None
    if updated is None or frequency.days is None:
        return Timeliness(updated, None, 0)
    due = updated + timedelta(days=frequency.days)
    return Timeliness(updated, due, max(0, (today - due).days))
