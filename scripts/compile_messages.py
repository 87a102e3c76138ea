"""Compile every django.po into the .mo beside it, when stale. Needs Babel, not gettext."""

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
APP_ROOTS = ("search", "cms", "campaigns", "complaints", "cms/wording", "site/foundation/*")


def catalogues() -> list[Path]:
    """Return every message catalogue of the house's apps."""
    return sorted(
        path
        for root in APP_ROOTS
        for path in BASE_DIR.glob(f"{root}/locale/*/LC_MESSAGES/django*.po")
    )


def stale(path: Path) -> bool:
    """Return whether the compiled catalogue is missing or older than its source."""
    compiled = path.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime


def compile_catalogue(path: Path) -> None:
    """Write the .mo beside ``path`` in one step, so that a reader never meets half of it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as source:
        catalogue = read_po(source)
    scratch = path.with_name(f".{os.getpid()}.mo")
    with scratch.open("wb") as target:
        write_mo(target, catalogue)
    scratch.replace(path.with_suffix(".mo"))


def main() -> int:
    todo = [path for path in catalogues() if stale(path)]
    for path in todo:
        compile_catalogue(path)
    if todo:
        print(f"Compiled {len(todo)} message catalogue(s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
