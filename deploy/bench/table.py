"""What a run found, compared with the aims, as a table to read and a file to keep."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REPORT_RATIO, REPORT_STATEMENTS = 10.0, 12
DESK_RATIO, DESK_STATEMENTS = 30.0, 10
START_SECONDS, RESIDENT_MB = 10.0, 300.0


@dataclass(frozen=True)
class Line:
    """One scenario: medians over the rounds, times in milliseconds.

    ``ratio``: its time per request ÷ the trivial one's. ``cpu_ratio``: the same of processor time
    (server and database), which other work on the machine moves less. ``statements``: SQL
    statements of one request in a warm process.
    """

    name: str
    rate: float
    p50: float
    p95: float
    ratio: float
    cpu_ms: float
    cpu_ratio: float
    statements: int | None
    bytes_gz: int | None


@dataclass(frozen=True)
class Aim:
    """A promise of design/contract and issue: what was wanted, what was found."""

    what: str
    wanted: str
    found: str
    met: bool


def aims(lines: list[Line], figures: dict[str, float]) -> Iterator[Aim]:
    """Yield every aim that this run can judge."""
    for line in lines:
        if line.name == "report":
            yield from _aim(line, REPORT_RATIO, REPORT_STATEMENTS)
        elif line.name.startswith("desk"):
            yield from _aim(line, DESK_RATIO, DESK_STATEMENTS)
    seconds = figures.get("embedded_start_seconds")
    if seconds is not None:
        yield _most("embedded, warm: seconds to the first page", seconds, START_SECONDS, " s")
    for key, what in (
        ("embedded_rss_mb", "embedded: memory of the server"),
        ("gunicorn_worker_rss_mb", "production: memory of a page process"),
    ):
        if key in figures:
            yield _most(what, figures[key], RESIDENT_MB, " MB")


def _aim(line: Line, ratio: float, statements: int) -> Iterator[Aim]:
    yield _most(f"{line.name}: × trivial view", line.ratio, ratio, " ×")
    yield _most(f"{line.name}: × trivial view, processor", line.cpu_ratio, ratio, " ×")
    if line.statements is not None:
        yield _most(f"{line.name}: statements", line.statements, statements, "")


def _most(what: str, found: float, limit: float, unit: str) -> Aim:
    return Aim(what, f"≤ {limit:g}{unit}", f"{found:g}{unit}", found <= limit)


def write(folder: Path, stamp: str, result: dict[str, Any]) -> Path:
    """Write ``<stamp>.json`` and ``latest.json``; returns the former."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1, default=asdict)
    path = folder / f"{stamp}.json"
    path.write_text(text)
    (folder / "latest.json").write_text(text)
    return path


def draw(lines: list[Line], found: list[Aim], figures: dict[str, float]) -> str:
    """Return the tables as text for a terminal."""
    heads = (
        "scenario",
        "req/s",
        "p50 ms",
        "p95 ms",
        "× trivial",
        "CPU ms",
        "× CPU",
        "SQL",
        "kB gz",
    )
    rows = [
        (
            line.name,
            f"{line.rate:,.0f}" if line.rate >= 100 else f"{line.rate:.1f}",
            f"{line.p50:.1f}",
            f"{line.p95:.1f}",
            f"{line.ratio:.1f}",
            f"{line.cpu_ms:.2f}",
            f"{line.cpu_ratio:.1f}",
            "-" if line.statements is None else str(line.statements),
            "-" if line.bytes_gz is None else f"{line.bytes_gz / 1000:.1f}",
        )
        for line in lines
    ]
    parts = [_columns(heads, rows), ""]
    parts += [f"{name.replace('_', ' ')}: {value:,g}" for name, value in figures.items()]
    missed = [aim for aim in found if not aim.met]
    parts += ["", f"Aims: {len(found) - len(missed)} of {len(found)} met."]
    parts += [f"  NOT MET  {aim.what}: {aim.found} (aim {aim.wanted})" for aim in missed]
    return "\n".join(parts)


def _columns(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]

    def line(cells: tuple[str, ...]) -> str:
        first, *others = cells
        padded = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        return "  ".join([first.ljust(widths[0]), *padded])

    return "\n".join([line(heads), "-" * (sum(widths) + 2 * (len(widths) - 1)), *map(line, rows)])
