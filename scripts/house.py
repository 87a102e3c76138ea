"""House rules that a short look at the files can prove; used by ``make lint`` and by a test."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
LINE_LIMIT = 500
OWN_SUFFIXES = {".py", ".html", ".js", ".mjs", ".css", ".toml"}
ADDRESS = re.compile(r"https?://|--index-url|--find-links")
# Inline handlers, scripts and styles would need a hole in the content security policy.
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/)|<style\b|\son\w+=\"|\sstyle=\""
)


def own_files() -> list[Path]:
    """Return every file that git knows or would add, which leaves out builds and caches."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True)
    paths = [BASE_DIR / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def _shown(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


def site_is_a_plain_folder() -> Iterator[str]:
    """``site`` is the standard library's name: a package there would break every import."""
    if (BASE_DIR / "site" / "__init__.py").exists():
        yield "site/__init__.py exists: site/ is a plain folder, never a package"


def locks_name_no_address() -> Iterator[str]:
    """Packages are pinned by hash; where they come from is the machine's business."""
    for name in ("requirements.lock", "package-lock.json"):
        path = BASE_DIR / name
        lines = path.read_text().splitlines() if path.exists() else []
        for number, line in enumerate(lines, 1):
            # npm also notes where a package asks for donations; that downloads nothing.
            if ADDRESS.search(line) and not re.match(r'\s*"(url|funding)":', line):
                yield f"{name}:{number} names an address"


def lock_has_hashes() -> Iterator[str]:
    """Every package of both locks is pinned by hash."""
    for block in re.split(r"\n(?=\S)", (BASE_DIR / "requirements.lock").read_text()):
        if re.match(r"[\w.\[\]-]+==", block) and "--hash=sha256:" not in block:
            yield f"requirements.lock: {block.splitlines()[0]} has no hash"


def files_are_short() -> Iterator[str]:
    """A file longer than the limit holds more than one thought."""
    for path in own_files():
        if path.suffix not in OWN_SUFFIXES or "migrations" in path.parts:
            continue
        if path.is_relative_to(BASE_DIR / "site" / "districts"):
            continue  # data
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LINE_LIMIT:
            yield f"{_shown(path)} has {lines} lines (limit {LINE_LIMIT})"


def templates_hold_no_inline_code() -> Iterator[str]:
    """The content security policy is strict: no inline script, style or handler."""
    for path in own_files():
        if path.suffix != ".html" or "templates" not in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if INLINE.search(line):
                yield f"{_shown(path)}:{number} has inline script or style"


def no_grab_bags() -> Iterator[str]:
    """A module is named by what it is about."""
    for path in own_files():
        if path.suffix == ".py" and path.stem in {"utils", "helpers", "common", "misc"}:
            yield f"{_shown(path)}: name it by its subject"


def nothing_built_is_kept() -> Iterator[str]:
    """Builds, caches and compiled catalogues are made, never committed."""
    for path in own_files():
        if path.suffix in {".mo", ".pyc", ".sqlite3"} or "node_modules" in path.parts:
            yield f"{_shown(path)} is made by a tool and must not be committed"


RULES: list[Callable[[], Iterator[str]]] = [
    site_is_a_plain_folder,
    locks_name_no_address,
    lock_has_hashes,
    files_are_short,
    templates_hold_no_inline_code,
    no_grab_bags,
    nothing_built_is_kept,
]


def main() -> int:
    faults = [fault for rule in RULES for fault in rule()]
    print("\n".join(faults) or "House rules are kept.")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
