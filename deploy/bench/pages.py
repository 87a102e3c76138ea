"""``make bench``: how fast the product is, as ratios to its own trivial view in the same run.

    python scripts/bench.py [--count 100000] [--rounds 3] [--seconds 2] [--only TEXT] [--smoke]

Needs DATABASE_URL (a PostgreSQL server) and REDIS_URL, as scripts/bench.py sets them; with
ELASTICSEARCH_URL both search engines are measured. A benchmark is no test: it always ends with 0
when it could measure, whatever it found.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

BASE_DIR = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(BASE_DIR / "scripts"), str(BASE_DIR / "site")]

import load  # noqa: E402
import prepare  # noqa: E402
import servers  # noqa: E402
import table  # noqa: E402
from load import Scenario, Slice  # noqa: E402
from servers import Server  # noqa: E402
from world import NOBODY, World, opened, pace, run_program, settings_of_server  # noqa: E402

TRIVIAL = Scenario("trivial view", lambda: load.get("/healthz"))
DATABASE_SEARCH = "search, database engine"
WARM_UP = 6
PACE_COUNT = 10_000


@dataclass
class Options:
    """What was asked for; ``smoke`` shrinks everything to a proof that the bench runs."""

    count: int
    rounds: int
    seconds: float
    only: str
    smoke: bool

    @classmethod
    def read(cls) -> "Options":
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--count", type=int, default=100_000, help="synthetic cases")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--seconds", type=float, default=2.0, help="per scenario and round")
        parser.add_argument("--only", default="", help="only scenarios whose name holds this text")
        parser.add_argument("--smoke", action="store_true", help="tiny numbers: does it run?")
        given = parser.parse_args()
        if given.smoke:
            return cls(200, 1, 0.05, given.only, True)
        return cls(given.count, given.rounds, given.seconds, given.only, False)

    @property
    def trivial_seconds(self) -> float:
        return self.seconds / 2


@dataclass
class Samples:
    """The slices of one scenario, and the trivial view's pace and cost around each."""

    slices: list[Slice] = field(default_factory=list)
    trivial_rates: list[float] = field(default_factory=list)
    trivial_cpu_ms: list[float] = field(default_factory=list)

    def ratio(self) -> float:
        """Time per request ÷ the trivial view's."""
        pairs = zip(self.trivial_rates, self.slices, strict=True)
        return load.middle([trivial / part.rate for trivial, part in pairs])

    def cpu_ratio(self) -> float:
        """Processor time per request ÷ the trivial view's."""
        pairs = zip(self.trivial_cpu_ms, self.slices, strict=True)
        return load.middle([part.cpu_ms / trivial for trivial, part in pairs if trivial] or [0.0])


def main() -> int:
    options = Options.read()
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing or not os.environ["DATABASE_URL"].startswith("postgres"):
        print(f"Set {' and '.join(missing or ['DATABASE_URL'])} to a real server: make services")
        return 1
    root = prepare.var_dir()
    os.environ["STATIC_ROOT"] = os.environ.get("STATIC_ROOT") or str(root / "static")
    prepare.static()
    began, busy = datetime.now().astimezone(), os.getloadavg()
    with opened(root, options.count) as measured_world:
        lines, figures, details = measure(measured_world, options)
    if not options.smoke:
        figures |= embedded(root)
    found = list(table.aims(lines, figures))
    result = {
        "began": began.isoformat(timespec="seconds"),
        "options": vars(options),
        "machine": {"cores": os.cpu_count(), "load_before": busy, "load_after": os.getloadavg()},
        "postgresql": settings_of_server(),
        "lines": [vars(line) for line in lines],
        "figures": figures,
        "aims": [vars(aim) for aim in found],
        "details": details,
    }
    path = table.write(root / "bench", f"{began:%Y%m%d-%H%M%S}", result)
    print(f"\n{table.draw(lines, found, figures)}\n")
    if busy[0] > 1:
        print("Other work ran beside: it slows long requests more than short ones, so that the")
        print("ratios of time come out too high. The ratios of processor time hold.")
    print(
        f"Load of the machine {busy[0]:.1f} → {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )
    print(f"Ratios tell more than digits. Details: {path}")
    return 0


# -- pages ------------------------------------------------------------------------------------


def measure(world: World, options: Options) -> tuple[list[table.Line], dict[str, float], Any]:
    """Measure every page of ``world``; returns table lines, single figures and details."""
    facts = look_inside(world)
    elastic = bool(os.environ.get("ELASTICSEARCH_URL"))
    world.manage("reindex", "--engine", "database", ELASTICSEARCH_URL=NOBODY)
    if elastic:
        world.manage("reindex", "--engine", "elasticsearch")
    try:
        with running(world, elastic=elastic) as started:
            chosen = [s for s in scenarios(facts, elastic=elastic) if options.only in s.name]
            for scenario in chosen:
                warm_up(scenario, started[scenario.server], times=1 if options.smoke else WARM_UP)
            samples, trivial, client = alternate(chosen, started, options, world)
            memory = [servers.resident_mb(pid) for pid in started["production"].workers()]
    finally:
        if elastic:
            forget_index(world)
    lines = [trivial_line(trivial, facts)]
    lines += [line_of(name, part, facts) for name, part in samples.items()]
    figures = {
        "cases": facts["cases"],
        "open_cases": facts["open_cases"],
        "gunicorn_worker_rss_mb": max(memory),
        "client_cpu_ms_per_trivial_request": round(client * 1000, 3),
        **after(world, options),
    }
    return lines, figures, facts["counted"]


def look_inside(world: World) -> dict[str, Any]:
    """Run inside.py on the world; returns what it wrote."""
    target = world.var / "inside.json"
    inside = str(Path(__file__).with_name("inside.py"))
    run_program(world.environment(), inside, str(target))
    facts: dict[str, Any] = json.loads(target.read_text())
    facts["photo"] = target.with_suffix(".jpg").read_bytes()
    return facts


@contextmanager
def running(world: World, *, elastic: bool) -> Iterator[dict[str, Server]]:
    """The server of production and, beside it, one whose Elasticsearch is away."""
    started: dict[str, Server] = {}
    try:
        started["production"] = servers.gunicorn(world.environment(), world.var / "production.log")
        if elastic:
            alone = world.environment(ELASTICSEARCH_URL=NOBODY)
            started["alone"] = servers.gunicorn(alone, world.var / "alone.log")
        yield started
    finally:
        for server in started.values():
            server.stop()


def forget_index(world: World) -> None:
    """Delete the indexes of this run from the Elasticsearch node."""
    from elasticsearch import Elasticsearch

    prefix = world.environment()["SEARCH_INDEX_PREFIX"]
    client = Elasticsearch(os.environ["ELASTICSEARCH_URL"])
    for name in client.indices.get(index=f"{prefix}*", expand_wildcards="all"):
        client.indices.delete(index=name)


def scenarios(facts: dict[str, Any], *, elastic: bool) -> list[Scenario]:
    """Return everything that is measured besides the trivial view."""
    found = [
        Scenario("report", lambda: plain_report(facts), 302),
        Scenario("report with a photo", lambda: photo_report(facts), 302),
    ]
    for name, page in facts["pages"].items():
        session = facts["sessions"][page["who"]]
        request = load.get(page["path"], f"{facts['session_cookie']}={session}" if session else "")
        found.append(Scenario(named(name, elastic=elastic), lambda request=request: request))
    if elastic:
        request = load.get(facts["pages"]["search"]["path"])
        found.append(Scenario(DATABASE_SEARCH, lambda: request, server="alone"))
    return found


def named(name: str, *, elastic: bool) -> str:
    if name != "search":
        return name
    return "search, Elasticsearch" if elastic else DATABASE_SEARCH


def plain_report(facts: dict[str, Any]) -> bytes:
    body = {**facts["fields"], "key": str(uuid4()), "csrfmiddlewaretoken": facts["csrf"]}
    kind = "application/x-www-form-urlencoded"
    return load.post("/report/", kind, urlencode(body).encode(), f"csrftoken={facts['csrf']}")


def photo_report(facts: dict[str, Any]) -> bytes:
    mark = uuid4().hex
    fields = {**facts["fields"], "key": str(uuid4()), "csrfmiddlewaretoken": facts["csrf"]}
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="photos"; filename="p.jpg"\r\n'
    parts += [f"{head}Content-Type: image/jpeg\r\n\r\n".encode(), facts["photo"]]
    body = b"".join([*parts, f"\r\n--{mark}--\r\n".encode()])
    kind = f"multipart/form-data; boundary={mark}"
    return load.post("/report/", kind, body, f"csrftoken={facts['csrf']}")


def alternate(
    chosen: list[Scenario], started: dict[str, Server], options: Options, world: World
) -> tuple[dict[str, Samples], list[Slice], float]:
    """Measure each scenario between two stretches of the trivial view, several rounds.

    Returns the samples, all trivial slices, and the client's own processor time per trivial
    request: when that comes near the server's time, the trivial view looks slower than it is.
    """
    samples = {scenario.name: Samples() for scenario in chosen}
    trivial: list[Slice] = []
    client_seconds = 0.0
    for number in range(options.rounds):
        for position, scenario in enumerate(chosen):
            server = started[scenario.server]
            connections = load.balanced(server.port, server.owner_of, server.workers())
            spent = partial(_spent, server, world)
            cpu = time.process_time()
            before = load.run(TRIVIAL, connections, options.trivial_seconds, spent)
            client_seconds += time.process_time() - cpu
            part = load.run(scenario, connections, options.seconds, spent)
            after = load.run(TRIVIAL, connections, options.trivial_seconds, spent)
            for connection in connections:
                connection.close()
            trivial += [before, after]
            mine = samples[scenario.name]
            mine.slices.append(part)
            mine.trivial_rates.append((before.rate + after.rate) / 2)
            mine.trivial_cpu_ms.append((before.cpu_ms + after.cpu_ms) / 2)
            told(
                f"round {number + 1}/{options.rounds}, {position + 1}/{len(chosen)} {scenario.name}"
            )
    told("")
    counted = sum(len(part.latencies) for part in trivial[::2])
    return samples, trivial, client_seconds / max(counted, 1)


def _spent(server: Server, world: World) -> dict[int, float]:
    processes = [*server.workers(), *world.backends()]
    return {pid: servers.cpu_seconds(pid) for pid in processes}


def warm_up(scenario: Scenario, server: Server, *, times: int) -> None:
    """Let every worker compile its templates and open its connections."""
    connections = load.balanced(server.port, server.owner_of, server.workers())
    for connection in connections * times:
        answer = connection.ask(scenario.make())
        if answer.status != scenario.status:
            raise load.BadAnswer(f"{scenario.name}: {answer.status}\n{answer.text[:2000]}")
    for connection in connections:
        connection.close()


def told(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def line_of(name: str, samples: Samples, facts: dict[str, Any]) -> table.Line:
    parts = samples.slices
    counted = facts["counted"].get("search" if name.startswith("search") else name, {})
    return table.Line(
        name=name,
        rate=round(load.middle([part.rate for part in parts]), 1),
        p50=_milliseconds(parts, 0.5),
        p95=_milliseconds(parts, 0.95),
        ratio=round(samples.ratio(), 1),
        cpu_ms=round(load.middle([part.cpu_ms for part in parts]), 2),
        cpu_ratio=round(samples.cpu_ratio(), 1),
        statements=counted.get("statements"),
        bytes_gz=counted.get("bytes_gz"),
    )


def trivial_line(parts: list[Slice], facts: dict[str, Any]) -> table.Line:
    counted = facts["counted"]["trivial view"]
    rate = round(load.middle([part.rate for part in parts]), 1)
    p50, p95 = _milliseconds(parts, 0.5), _milliseconds(parts, 0.95)
    return table.Line(
        name=TRIVIAL.name,
        rate=rate,
        p50=p50,
        p95=p95,
        ratio=1.0,
        cpu_ms=round(load.middle([part.cpu_ms for part in parts]), 2),
        cpu_ratio=1.0,
        statements=counted["statements"],
        bytes_gz=counted["bytes_gz"],
    )


def _milliseconds(parts: list[Slice], share: float) -> float:
    values = [load.percentile(part.latencies, share) for part in parts]
    return round(load.middle(values) * 1000, 2)


# -- single figures ---------------------------------------------------------------------------


def after(world: World, options: Options) -> dict[str, float]:
    """Measure what has no page: writing synthetic cases, verifying the ledger."""
    count = options.count if options.smoke else PACE_COUNT
    quiet = {"ELASTICSEARCH_URL": NOBODY}
    said = world.manage("demo_cases", "--count", str(count), "--seed", "7", **quiet)
    began = time.monotonic()
    verified = json.loads(world.manage("verify_ledger", "--json", **quiet))
    seconds = time.monotonic() - began
    return {
        "demo_cases_per_second": pace(said),
        "demo_cases_per_second_when_filled": world.facts["demo_cases_per_second"],
        "ledger_entries": verified["entries"],
        "ledger_entries_verified_per_second": round(verified["entries"] / seconds),
    }


def embedded(root: Path) -> dict[str, float]:
    """Start the embedded default twice in a folder of its own; the second start is measured."""
    var = root / "bench-embedded"
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    environment |= {
        "GONGZHI_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    }
    first = start_embedded(environment, var)
    seconds, web, worker = start_embedded(environment, var)
    return {
        "embedded_first_start_seconds": first[0],
        "embedded_start_seconds": seconds,
        "embedded_rss_mb": web,
        "embedded_worker_rss_mb": worker,
    }


def start_embedded(environment: dict[str, str], var: Path) -> tuple[float, float, float]:
    """Return seconds to the first page, and the memory in MB of web server and worker after use."""
    began = time.monotonic()
    server = servers.embedded(environment, var / "start.log")
    try:
        seconds = round(time.monotonic() - began, 1)
        connection = load.Connection(server.port)
        for path in ("/", "/report/", "/track/", "/results/", "/search/?q=%E6%B2%B9%E7%83%9F") * 20:
            connection.ask(load.get(path))
        connection.close()
        memory = {servers.command_of(pid): servers.resident_mb(pid) for pid in server.workers()}
        web = max(mb for command, mb in memory.items() if "uvicorn" in command)
        worker = max(mb for command, mb in memory.items() if "worker" in command)
    finally:
        server.stop()
    return seconds, web, worker


if __name__ == "__main__":
    sys.exit(main())
