"""The staff menu: apps register their desks, the top bar shows those the reader may open.

An app writes ``<app>/menu.py``::

    from foundation.ui.menu import Entry, register

    register(Entry(path="/desk/", label=_("Desk"), icon="inbox", order=10, allowed=may_open_desk))
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class Entry:
    """One desk: its address, name and icon, its place in the bar and who may open it."""

    path: str
    label: str | Promise
    icon: str
    order: int
    allowed: Callable[[HttpRequest], bool]


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> Entry:
    """Add a desk; two desks at one address are a programming error (``ValueError``)."""
    if entry.path in _entries and _entries[entry.path] != entry:
        raise ValueError(f"A desk is already registered at {entry.path}.")
    _entries[entry.path] = entry
    return entry


def entries_for(request: HttpRequest) -> list[Entry]:
    """Return the desks open to this reader, in order. Queries: those of the ``allowed`` checks."""
    ordered = sorted(_entries.values(), key=lambda entry: entry.order)
    return [entry for entry in ordered if entry.allowed(request)]


def desk_at(path: str, desks: Iterable[Entry]) -> str:
    """Return the address of the desk that ``path`` lies in: the most exact one, '' for none."""
    around = (desk.path for desk in desks if path.startswith(desk.path))
    return max(around, key=len, default="")
