"""The residents' way through the house: five doors, the same on phone and desktop (contract.md)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Door:
    """One entry of the tab bar and the header; ``also`` are addresses that belong behind it."""

    path: str
    label: str | Promise
    icon: str
    also: tuple[str, ...] = ()

    def leads_to(self, path: str) -> bool:
        """Whether the page at ``path`` lies behind this door."""
        if self.path == "/":
            return path == "/"
        return path.startswith((self.path, *self.also))


DOORS = (
    Door(path="/", label=pgettext_lazy("navigation", "Home"), icon="house"),
    Door(path="/report/", label=pgettext_lazy("navigation", "Report"), icon="camera"),
    Door(path="/track/", label=pgettext_lazy("navigation", "Progress"), icon="list-checks"),
    Door(
        path="/results/",
        label=pgettext_lazy("navigation", "Open files"),
        icon="book-open-text",
        also=(
            "/indicators/",
            "/news/",
            "/site-map/",
            "/map/",
            "/statistics/",
            "/disclosure/",
            "/enterprises/",
            "/monitoring/",
            "/data/",
        ),
    ),
    Door(
        path="/accounts/home/",
        label=pgettext_lazy("navigation", "Me"),
        icon="user-round",
        also=("/accounts/",),
    ),
)
