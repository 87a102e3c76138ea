"""``make bench ARGS="soak"``: fifty reporters and twenty members of staff at once, for minutes.

    python deploy/bench/soak.py [--seconds 300] [--reporters 50] [--staff 20] [--count 100000]

Reporters send reports and look at their receipts; staff look at lists, open cases, accept, send on
and sign. What counts are errors: an answer that is not the expected one, or none. A colleague who
was faster (409) is no error but counted. Ends with 1 when there was an error.
"""

import argparse
import html
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

BASE_DIR = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(BASE_DIR / "scripts"), str(BASE_DIR / "site")]

import load  # noqa: E402
import pages  # noqa: E402
import prepare  # noqa: E402
import servers  # noqa: E402
from world import World, opened  # noqa: E402

#: Seconds between two clicks of one person.
REPORTER_PAUSE, STAFF_PAUSE = (2.0, 6.0), (1.0, 4.0)
PHOTO_SHARE = 0.2
STAFF = ("dispatcher", "dispatcher", "bureau", "street", "followup")
CASE_LINK = re.compile(r"/desk/cases/([A-Z]{2}-\d{8}-\d{4,8}-[A-Z])/")
FORM = re.compile(r'action="(/desk/cases/[^"]+/act/(\w+)/)[^"]*"(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
#: Acts that staff do without typing; the owner is the bureau whose people sign.
ACTS = {
    "accept": {},
    "dispatch": {"owner": "department:ecology"},
    "sign_for": {},
    "start_followup": {},
}


@dataclass
class Tally:
    """What everybody saw, added up under one lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    times: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0

    def saw(self, what: str, seconds: float) -> None:
        with self.lock:
            self.times.setdefault(what, []).append(seconds)

    def failed(self, what: str) -> None:
        with self.lock:
            self.errors[what] += 1

    def was_late(self) -> None:
        with self.lock:
            self.conflicts += 1


@dataclass
class Person:
    """Somebody with a browser: one connection, made anew when it breaks."""

    port: int
    tally: Tally
    cookies: str
    random: Random
    connection: load.Connection | None = None

    def ask(self, what: str, request: bytes, expected: tuple[int, ...]) -> load.Answer | None:
        """Send one request; anything but an expected status is an error."""
        began = time.perf_counter()
        try:
            self.connection = self.connection or load.Connection(self.port)
            answer = self.connection.ask(request)
        except (OSError, load.BadAnswer) as fault:
            self.connection = None
            self.tally.failed(f"{what}: {fault}"[:160])
            return None
        self.tally.saw(what, time.perf_counter() - began)
        if answer.status not in expected:
            self.tally.failed(f"{what}: {answer.status} {' '.join(answer.text.split())[:100]}")
            return None
        return answer


def reporter(person: Person, facts: dict[str, Any]) -> None:
    """Send one report and look at its receipt."""
    with_photo = person.random.random() < PHOTO_SHARE
    request = pages.photo_report(facts) if with_photo else pages.plain_report(facts)
    name = "report with a photo" if with_photo else "report"
    answer = person.ask(name, request, (302,))
    if answer is None:
        return
    place = re.search(rb"\r\nlocation: ([^\r]+)", answer.head, re.IGNORECASE)
    session = re.search(rb"set-cookie: ([^=]*sessionid=[^;]+)", answer.head, re.IGNORECASE)
    if place and session:
        path = place.group(1).decode()
        person.ask("receipt", load.get(path, session.group(1).decode()), (200,))


def member_of_staff(person: Person, facts: dict[str, Any]) -> None:
    """Look at a list, open one of its cases and do what can be done with one click."""
    tab = person.random.choice(("", "?tab=open", "?tab=mine", "?tab=overdue"))
    page = person.ask("desk list", load.get(f"/desk/{tab}", person.cookies), (200, 302))
    numbers = sorted(set(CASE_LINK.findall(page.text))) if page else []
    if not numbers:
        return
    number = person.random.choice(numbers[:20])
    path = f"/desk/cases/{number}/"
    case = person.ask("case page", load.get(path, person.cookies), (200, 404))
    if case is None or case.status == 404:
        return
    forms = {action: (url, inner) for url, action, inner in FORM.findall(case.text)}
    action = next((name for name in ACTS if name in forms), "")
    if action:
        _act(person, action, *forms[action], facts)


def _act(person: Person, action: str, url: str, inner: str, facts: dict[str, Any]) -> None:
    hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(inner)}
    body = {**hidden, **ACTS[action], "csrfmiddlewaretoken": facts["csrf"]}
    kind = "application/x-www-form-urlencoded"
    request = load.post(url, kind, urlencode(body).encode(), person.cookies)
    answer = person.ask(action, request, (302, 400, 403, 404, 409, 422))
    if answer is None or answer.status == 302:
        return
    if answer.status in {403, 404, 409, 422}:
        person.tally.was_late()
    else:
        person.tally.failed(f"{action}: {answer.status}")


def everybody(
    options: argparse.Namespace, port: int, facts: dict[str, Any], tally: Tally
) -> list[threading.Thread]:
    """Return one thread a person, not yet started."""
    until = time.monotonic() + options.seconds
    cookie = facts["session_cookie"]
    threads = []
    Round = Callable[[Person, dict[str, Any]], None]

    def live(person: Person, one_round: Round, pause: tuple[float, float]) -> None:
        time.sleep(person.random.uniform(0, pause[1]))
        while time.monotonic() < until:
            one_round(person, facts)
            time.sleep(person.random.uniform(*pause))

    for seed in range(options.reporters):
        person = Person(port, tally, "", Random(seed))
        threads.append(threading.Thread(target=live, args=(person, reporter, REPORTER_PAUSE)))
    for seed in range(options.staff):
        session = facts["sessions"][STAFF[seed % len(STAFF)]]
        cookies = f"{cookie}={session}; csrftoken={facts['csrf']}"
        person = Person(port, tally, cookies, Random(1000 + seed))
        threads.append(threading.Thread(target=live, args=(person, member_of_staff, STAFF_PAUSE)))
    return threads


def soak(world: World, options: argparse.Namespace) -> Tally:
    """Start pages and worker on ``world`` and let everybody work."""
    facts, tally = pages.look_inside(world), Tally()
    server = servers.gunicorn(world.environment(), world.var / "soak.log")
    worker = servers.start_worker(world.environment(), world.var / "soak-worker.log")
    try:
        threads = everybody(options, server.port, facts, tally)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.stop()
        worker.stop()
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--reporters", type=int, default=50)
    parser.add_argument("--staff", type=int, default=20)
    parser.add_argument("--count", type=int, default=100_000)
    options = parser.parse_args()
    root = prepare.var_dir()
    os.environ["STATIC_ROOT"] = os.environ.get("STATIC_ROOT") or str(root / "static")
    prepare.static()
    with opened(root, options.count) as world:
        tally = soak(world, options)
        verified = json.loads(world.manage("verify_ledger", "--json"))
    print(f"\n{options.reporters} reporters, {options.staff} staff, {options.seconds:.0f} s:")
    for what, times in sorted(tally.times.items()):
        print(
            f"  {what:<22}{len(times):>7} times  p50 {load.percentile(times, 0.5) * 1000:7.1f} ms"
            f"  p95 {load.percentile(times, 0.95) * 1000:7.1f} ms"
        )
    errors = sum(tally.errors.values())
    print(f"  errors {errors}, colleagues who were faster {tally.conflicts}, ", end="")
    print(f"ledger whole: {verified['ok']} ({verified['entries']:,} entries)")
    for what, count in tally.errors.most_common(10):
        print(f"  {count} x {what}")
    folder = root / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    told = {"options": vars(options), "errors": dict(tally.errors), "conflicts": tally.conflicts}
    told["p95_ms"] = {k: load.percentile(v, 0.95) * 1000 for k, v in tally.times.items()}
    stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    (folder / f"soak-{stamp}.json").write_text(json.dumps(told, ensure_ascii=False, indent=1))
    return 1 if errors or not verified["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
