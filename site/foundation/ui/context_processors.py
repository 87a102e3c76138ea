"""What every template may know of the reader's display choices."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from foundation.ui.navigation import DOORS, Door
from foundation.ui.preferences import Preferences, preferences_of

#: Characters of an address that its page repeats; of a longer one only the path.
LONGEST_HERE = 1_500


@dataclass(frozen=True)
class Interface:
    """Display choices and the residents' navigation; no database, no session.

    ``here`` is where the reader comes back to after changing the display.
    """

    preferences: Preferences
    html_lang: str
    doors: tuple[Door, ...]
    door: Door | None
    here: str

    @property
    def theme(self) -> str:
        return self.preferences.theme.value

    @property
    def is_large(self) -> bool:
        return self.preferences.is_large


def html_lang() -> str:
    """Return the page's language for ``<html lang>``: zh-CN picks the right glyph shapes."""
    return "en" if (get_language() or "").startswith("en") else "zh-CN"


def interface_of(request: HttpRequest) -> Interface:
    """Return the interface of this request; also used by pages drawn without processors."""
    return Interface(
        preferences=preferences_of(request),
        html_lang=html_lang(),
        doors=DOORS,
        door=next((door for door in DOORS if door.leads_to(request.path)), None),
        here=_here(request),
    )


def _here(request: HttpRequest) -> str:
    address = request.get_full_path()
    return address if len(address) <= LONGEST_HERE else request.path


def interface(request: HttpRequest) -> dict[str, object]:
    """Add ``interface``: theme and text size chosen by cookie, and the five doors."""
    return {"interface": interface_of(request)}
