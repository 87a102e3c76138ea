"""The staff menu shows the desks that the reader may open, in order."""

import pytest
from django.test import RequestFactory

from foundation.ui import menu
from foundation.ui.menu import Entry

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "_entries", {})


def entry(path: str, order: int, allowed: bool = True) -> Entry:
    return Entry(path=path, label=path, icon="inbox", order=order, allowed=lambda request: allowed)


def test_desks_come_in_order_and_only_the_open_ones(rf: RequestFactory) -> None:
    for one in (entry("/b/", 20), entry("/a/", 10), entry("/secret/", 5, allowed=False)):
        menu.register(one)
    assert [e.path for e in menu.entries_for(rf.get("/"))] == ["/a/", "/b/"]


def test_two_desks_at_one_address_are_a_mistake() -> None:
    menu.register(entry("/a/", 10))
    with pytest.raises(ValueError, match="already registered at /a/"):
        menu.register(entry("/a/", 20))


@pytest.mark.parametrize(
    ("path", "desk"),
    [
        ("/desk/", "/desk/"),
        ("/desk/cases/TN-1/", "/desk/"),
        ("/desk/supervision/", "/desk/supervision/"),
        ("/desk/supervision/x/sheet/", "/desk/supervision/"),
        ("/overview/", ""),
    ],
)
def test_a_page_lies_in_the_most_exact_desk(path: str, desk: str) -> None:
    desks = [
        menu.Entry(path=own, label="x", icon="inbox", order=1, allowed=lambda request: True)
        for own in ("/desk/", "/desk/supervision/")
    ]
    assert menu.desk_at(path, desks) == desk
