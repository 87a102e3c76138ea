"""Whatever is posted: an answer with a page, never a failure, and nothing leaks."""

import logging
from collections.abc import Iterator

import pytest

from tests.rails.hostile import bodies
from tests.rails.matrix import ROUTES, Route, group_of
from tests.rails.sweep import addresses, ask, filled, visits
from tests.rails.world import VISITORS, World, undone

#: Forms with files, by the end of their address.
FILES = ("/report/", "/supplement/", "/evidence/", "/complete/")
#: The desk shows a contact to whoever gives a reason; any words are one.
SHOWN_FOR_A_REASON = {"/desk/cases/{near}/contact/": {"near: telephone"}}
#: This body is tried on each form of Wagtail's admin, of which there are too many for all.
FOR_EDITORS = "NUL"
#: Forms of allauth take turns: each meets every third body, and each body every third form.
BY_TURNS = "/accounts/"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def _sender(route: Route) -> str:
    """The visitor who gets furthest: one whose empty form was read and refused, or taken."""
    order = ["bad", "ok", "go", "shut"]
    ranked = sorted(
        (order.index(word), VISITORS.index(name), name)
        for name, words in route.post.items()
        if (word := words.split("|")[0]) in order
    )
    return ranked[0][2] if ranked else "guest"


def test_no_form_breaks_on_hostile_bodies(world: World) -> None:
    broken = []
    for turn, route in enumerate(ROUTES):
        if not route.takes_post and "wrong" in route.post.values():
            continue
        path = filled(route.path, world.samples)
        for at, body in enumerate(bodies(takes_files=path.endswith(FILES))):
            if path.startswith(BY_TURNS) and (at + turn) % 3:
                continue
            answer = ask(world, _sender(route), "POST", route.path, path, **body)
            leaks = set(answer.leaks) - SHOWN_FOR_A_REASON.get(route.path, set())
            if answer.status >= 500 or leaks or answer.faults:
                what = answer.error[-900:] or leaks or answer.faults
                broken.append(f"{body['headers']['X-Name']}: {answer}\n{what}")
    assert not broken, f"{len(broken)} broken\n" + "\n".join(broken)


def test_no_address_breaks_on_hostile_queries(world: World) -> None:
    queries = [
        "q=%00%ff%fe",
        "q=" + "a" * 5000,
        "cursor=%00&after=x&page=-1&period=9999-99",
        "tab=x&state=%F0%9F%90%9F&month=0000-00&area=%27&category=%00&year=1e9",
        "next=//evil.example/&next=javascript:alert(1)",
        "period=2026-13&number=%00&department=%00&column=%00&kind=%00",
    ]
    broken = []
    for route in ROUTES:
        readers = [name for name in VISITORS if route.get[name] == "ok"]
        if not readers:
            continue
        path = filled(route.path, world.samples).partition("?")[0]
        for query in queries:
            answer = ask(world, readers[-1], "GET", route.path, f"{path}?{query}")
            if answer.status >= 500 or answer.leaks:
                broken.append(f"{answer}\n{answer.error[-900:]}{answer.leaks}")
    assert not broken, f"{len(broken)} broken\n" + "\n".join(broken)


def test_no_form_of_wagtail_breaks(world: World) -> None:
    broken = []
    for pattern, declared, path in addresses(world):
        if not pattern.startswith("cms/") or group_of(pattern).admin != "any":
            continue
        for body in bodies(takes_files=False):
            if body["headers"]["X-Name"] != FOR_EDITORS:
                continue
            answer = ask(world, "admin", "POST", declared, path, **body)
            if answer.status >= 500:
                broken.append(f"{body['headers']['X-Name']}: {answer}\n{answer.error[-900:]}")
    assert not broken, f"{len(broken)} broken\n" + "\n".join(broken)


#: Changes only how pages look, and refuses other sites by itself (foundation.ui.views).
WITHOUT_TOKEN = {"/preferences/"}
#: Where the gates lead, before any form is looked at.
TURNED_AWAY = ("/accounts/login/", "/accounts/staff/")


def test_no_form_is_taken_without_its_token(world: World) -> None:
    taken = []
    for _, declared, path in addresses(world):
        route = next((route for route in ROUTES if route.path == declared), None)
        if declared in WITHOUT_TOKEN:
            continue
        sender = _sender(route) if route else "admin"
        with undone():
            client = visits(world.clients[sender], csrf=True)
            answer = client.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        turned_away = answer.headers.get("Location", "").startswith(TURNED_AWAY)
        # 401: a key in a header, which no browser sends by itself.
        if answer.status_code not in {401, 403, 404, 405} and not turned_away:
            taken.append(f"POST {path} as {sender}: {answer.status_code}")
    assert not taken, "\n".join(taken)
