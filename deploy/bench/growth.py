"""``make bench-growth``: what becomes of the desk when a database grows a hundredfold.

    python deploy/bench/growth.py [--sizes 10000,100000,1000000]

Every size is a database of its own, kept for the next run. A hundred and fifty ways of asking the
desk for a list are timed on each; what counts is how they compare with the smallest.
"""

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(BASE_DIR / "scripts"), str(BASE_DIR / "site")]

import prepare  # noqa: E402
from world import opened, run_program  # noqa: E402

SIZES = "10000,100000,1000000"
#: The desk's lists may take so much longer than in the smallest database, at the 95th percentile.
GROWTH = 2.0
LIMITS_MS = {"figures of the overview": 300.0, "overview page": 300.0, "map of the district": 200.0}


def quantile(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(size: int, root: Path) -> dict[str, Any]:
    """Open the database of ``size`` cases and ask it everything."""
    target = root / f"growth-{size}.json"
    with opened(root, size) as world:
        program = str(BASE_DIR / "deploy" / "bench" / "growth_inside.py")
        run_program(world.environment(), program, str(target))
    found: dict[str, Any] = json.loads(target.read_text())
    target.unlink()
    return found


def line(found: dict[str, Any], base: dict[str, Any]) -> str:
    """Return one row of the table: a size compared with the smallest."""
    every = [ms for times in found["desk"].values() for ms in times]
    first = [ms for times in base["desk"].values() for ms in times]
    p95 = quantile(every, 0.95)
    others = "  ".join(f"{n} {quantile(v, 0.95):.0f} ms" for n, v in found["others"].items())
    scan = found["due_scan"]
    return (
        f"{found['cases']:>9,}  open {found['open_cases']:>7,}  desk p50 "
        f"{quantile(every, 0.5):6.1f}  p95 {p95:6.1f} ms = {p95 / quantile(first, 0.95):.2f} x  "
        f"{others}  due scan {scan['read']} of {scan['clocks']:,} clocks"
    )


def slowest(found: dict[str, Any], base: dict[str, Any], count: int = 8) -> list[str]:
    """Name the lists that grew most."""
    grown = {
        name: quantile(times, 0.5) / quantile(base["desk"][name], 0.5)
        for name, times in found["desk"].items()
        if name in base["desk"]
    }
    worst = sorted(grown, key=lambda name: grown[name], reverse=True)[:count]
    return [f"  {grown[n]:5.2f} x  {quantile(found['desk'][n], 0.5):7.1f} ms  {n}" for n in worst]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES)
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        print("Set DATABASE_URL to a real PostgreSQL: make services")
        return 1
    root = prepare.var_dir()
    os.environ["STATIC_ROOT"] = os.environ.get("STATIC_ROOT") or str(root / "static")
    prepare.static()
    results = [measure(size, root) for size in sorted(sizes)]
    print("\nTimes in milliseconds, the whole page within one warm process.")
    for found in results:
        print(line(found, results[0]))
    print(f"\nGrew most from {results[0]['cases']:,} to {results[-1]['cases']:,} cases:")
    print("\n".join(slowest(results[-1], results[0])))
    print(f"\nAims: desk p95 <= {GROWTH:g} x; {LIMITS_MS}; a scan reads due rows only.")
    folder = root / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    (folder / f"growth-{stamp}.json").write_text(json.dumps(results, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
