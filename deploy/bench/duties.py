"""``make bench ARGS=duties``: the catalogue with a million duties, and a night's work on them."""

import json
import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(BASE_DIR / "scripts"), str(BASE_DIR / "site")]

import prepare  # noqa: E402
from world import opened, run_program  # noqa: E402

SMALL_WORLD = 200
#: Times a trivial view; seconds for 100,000 duties.
PAGE_AIM, NIGHT_AIM = 20, 60


def main() -> int:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        print("Set DATABASE_URL to a real PostgreSQL: make services")
        return 1
    root = prepare.var_dir()
    os.environ["STATIC_ROOT"] = os.environ.get("STATIC_ROOT") or str(root / "static")
    prepare.static()
    target = root / "duties.json"
    with opened(root, SMALL_WORLD) as world:
        program = str(BASE_DIR / "deploy" / "bench" / "duties_inside.py")
        run_program(world.environment(), program, str(target))
    found = json.loads(target.read_text())
    print(f"{found['duties']:,} duties in {found['tallies']:,} tallies")
    for path, (ms, statements) in found["pages"].items():
        ratio = ms / found["trivial_ms"]
        print(f"  {path}: {ms:.1f} ms = {ratio:.1f} x the trivial view, {statements} statements")
    print(f"  made by the rota: {found['made_s']:.0f} s per 100,000")
    print(f"  looked at, unchanged: {found['looked_s']:.0f} s per 100,000")
    print(f"Aims: at most {PAGE_AIM} x and 10 statements; at most {NIGHT_AIM} s per 100,000.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
