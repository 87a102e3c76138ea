"""What tests of the machine pages and the overview share."""

from collections.abc import Iterator

import pytest

from foundation.versioned import Versioned
from foundation.worktime.calendar import WorkCalendar
from foundation.worktime.selectors import held


@pytest.fixture
def fresh_calendar(district_pack: str) -> Iterator[Versioned[WorkCalendar]]:
    """The pack's working calendar, read anew; ``forget()`` reads it once more."""
    held.forget()
    yield held
    held.forget()
