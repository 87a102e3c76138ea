"""Who gets what at every address: nothing unlisted, nothing leaked, nothing broken."""

import os
from collections import Counter

import pytest

from tests.rails.document import DOCUMENT, document
from tests.rails.matrix import (
    CLOSED,
    LOGIN,
    ROUTES,
    SOCKETS,
    TOLERATED,
    Expected,
    group_of,
    is_editors,
)
from tests.rails.routes import known_routes, known_sockets, reached_by
from tests.rails.sweep import Answer, Sweep, fits
from tests.rails.world import VISITORS
from tests.rails.write_matrix import FLAG


def _listed(lines: list[str]) -> str:
    return "\n" + "\n".join(lines)


def test_every_route_is_listed() -> None:
    listed = {route.pattern for route in ROUTES}
    missing = [
        f'{known.name}: add  route("{known.pattern}", get, post, path)  to tests/rails/matrix.py'
        for known in known_routes()
        if known.pattern not in listed and not is_editors(known.pattern)
    ]
    assert not missing, _listed(missing)


def test_every_socket_is_listed() -> None:
    listed = {socket.pattern for socket in SOCKETS}
    missing = [f"add a Socket for {known}" for known in known_sockets() if known not in listed]
    assert not missing, _listed(missing)


def test_nothing_is_listed_that_does_not_exist() -> None:
    known = {route.pattern for route in known_routes()}
    gone = [route.pattern for route in ROUTES if route.pattern not in known]
    gone += [socket.pattern for socket in SOCKETS if socket.pattern not in known_sockets()]
    assert not gone, _listed(gone)


def test_every_declared_path_reaches_its_route(sweep: Sweep) -> None:
    paths = {answer.pattern: answer.path for answer in sweep.answers}
    strays = []
    for route in ROUTES:
        reached = reached_by(paths[route.path])
        if reached != (route.behind or route.pattern):
            strays.append(f"{paths[route.path]} reaches {reached!r} instead of {route.pattern!r}")
    assert not strays, _listed(strays)


def _expectation(answer: Answer, declared: dict[tuple[str, str], Expected]) -> str:
    known = declared.get((answer.pattern, answer.method))
    if known is not None:
        return known[answer.visitor]
    if answer.pattern.startswith(CLOSED):
        return LOGIN[answer.visitor]
    return group_of(answer.pattern).expected()[answer.visitor]


def test_everybody_gets_what_the_table_says(sweep: Sweep) -> None:
    declared = {(route.path, "GET"): route.get for route in ROUTES}
    declared |= {(route.path, "POST"): route.post for route in ROUTES}
    wrong = [
        f"{answer}, expected {expected}"
        for answer in sweep.answers
        if not fits(answer.outcome, answer.status, expected := _expectation(answer, declared))
    ]
    assert not wrong, _listed(wrong)


def test_nobody_reads_what_is_not_theirs(sweep: Sweep) -> None:
    leaks = [
        f"{answer}: {leak}"
        for answer in sweep.answers
        for leak in answer.leaks
        if (answer.pattern, answer.visitor, leak) not in TOLERATED
    ]
    assert not leaks, _listed(leaks)


def test_the_marks_can_be_found(sweep: Sweep) -> None:
    """Positive control: those who may read the marks meet them, so the search above would too."""
    met = {(name, answer.visitor) for answer in sweep.answers for name in answer.marks}
    due = {
        *(("near: description", who) for who in ("holder", "dispatcher", "grid", "street")),
        *(("far: description", who) for who in ("owner", "supervisor", "street2", "bureau2")),
        *(("near: internal note", who) for who in ("dispatcher", "auditor", "street")),
        ("draft of a result", "editor"),
        ("draft of a page", "admin"),
        ("complainant: e-mail", "owner"),
    }
    assert due <= met, due - met


def test_nothing_breaks(sweep: Sweep) -> None:
    broken = [f"{answer}\n{answer.error}" for answer in sweep.answers if answer.status >= 500]
    assert not broken, _listed(broken)


def test_every_answer_has_strict_headers_and_no_inline_code(sweep: Sweep) -> None:
    faults = Counter(
        f"{answer.method} {answer.path} ({answer.status}): {fault}"
        for answer in sweep.answers
        for fault in answer.faults
    )
    assert not faults, _listed([f"{fault}  [{count}×]" for fault, count in faults.items()])


def test_every_visitor_was_really_sent_everywhere(sweep: Sweep) -> None:
    """Guards the walk itself: no route is skipped for anybody."""
    for method in ("GET", "POST"):
        asked = Counter(
            answer.visitor
            for answer in sweep.answers
            if answer.method == method and not is_editors(answer.pattern)
        )
        assert set(asked) == set(VISITORS)
        assert set(asked.values()) == {len(ROUTES)}


def test_the_document_tells_what_was_checked(request: pytest.FixtureRequest) -> None:
    """Written only when everything else of this file passed."""
    if os.environ.get(FLAG) and not request.session.testsfailed:
        DOCUMENT.write_text(document())
    said = "run  python -m tests.rails.write_matrix"
    assert DOCUMENT.read_text() == document(), said
