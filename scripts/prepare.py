"""Bring everything that is made from the sources up to date, and nothing that already is.

Front end, message catalogues, collected static files, database with district pack and demo
content. Each part keeps a stamp (a hash of what it is made from) and is skipped while it fits.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
BUILD = BASE_DIR / "site" / "foundation" / "ui" / "static" / "build"
FAILURE_LINES = 15
APP_ROOTS = ("search", "cms", "campaigns", "complaints", "site/foundation/*")
sys.path[:0] = [str(BASE_DIR), str(BASE_DIR / "site"), str(BASE_DIR / "scripts")]

import compile_messages  # noqa: E402

from foundation.operations import template_database  # noqa: E402


class PreparationFailed(Exception):
    """A part could not be made; the message says which and what the tool said."""


def say(line: str) -> None:
    print(line, flush=True)


def var_dir() -> Path:
    return Path(os.environ.get("GONGZHI_VAR") or BASE_DIR / "var")


def python_environment() -> dict[str, str]:
    """Return the environment of every Python child: both roots on the path, bytecode kept."""
    environment = {**os.environ, "PYTHONPATH": f"{BASE_DIR}{os.pathsep}{BASE_DIR / 'site'}"}
    environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def manage(*arguments: str) -> str:
    """Run one management command and return what it printed."""
    return _tool(sys.executable, str(BASE_DIR / "manage.py"), *arguments, env=python_environment())


def _tool(*command: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-FAILURE_LINES:])
        raise PreparationFailed(f"{' '.join(command)} failed:\n{said}")
    return done.stdout


# -- stamps -----------------------------------------------------------------------------------


def files_of(*patterns: str) -> Iterator[Path]:
    """Yield the files that match, in every app and (for a pattern with '/') from the root."""
    for pattern in patterns:
        roots = [""] if pattern.startswith("/") else [f"{root}/" for root in APP_ROOTS]
        for root in roots:
            yield from (
                path for path in BASE_DIR.glob(root + pattern.lstrip("/")) if path.is_file()
            )


def digest(files: Iterable[Path]) -> str:
    """Return a hash over names and contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(str(path).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def when_stale(stamp: Path, wanted: str, make: Callable[[], None]) -> bool:
    """Call ``make`` unless ``stamp`` holds ``wanted``; return whether it was called."""
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    make()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    return True


# -- parts ------------------------------------------------------------------------------------


def front_end() -> None:
    """Install the node packages of the lock and bundle scripts and styles with esbuild."""
    if not (BASE_DIR / "scripts" / "build.mjs").exists():
        return
    modules = BASE_DIR / "node_modules"
    lock = BASE_DIR / "package-lock.json"
    when_stale(modules / ".gongzhi-lock", digest([lock]), _install_node_packages)
    stamp = BASE_DIR / "var" / "front-end.stamp"
    if not BUILD.exists():
        stamp.unlink(missing_ok=True)
    sources = files_of("frontend/**/*", "templates/**/*.html", "/scripts/build.mjs")
    when_stale(stamp, digest([*sources, lock]), _bundle)


def _install_node_packages() -> None:
    if shutil.which("npm") is None:
        raise PreparationFailed("Node 20 with npm is missing: install it and start again.")
    say("Installing the front-end packages of package-lock.json …")
    _tool("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")


def _bundle() -> None:
    say("Building scripts and styles …")
    _tool("node", "scripts/build.mjs")


def messages() -> None:
    """Compile the message catalogues that changed."""
    compile_messages.main()


def static() -> None:
    """Collect static files under names that carry their hash, with gzip copies."""
    tree = sorted(
        f"{path}:{path.stat().st_mtime_ns}:{path.stat().st_size}"
        for path in files_of("static/**/*")
    )
    key = digest([BASE_DIR / "requirements.lock"])
    key += hashlib.sha256("\n".join(tree).encode()).hexdigest()

    def collect() -> None:
        say("Collecting static files …")
        manage("collectstatic", "--no-input", "--verbosity=0")

    target = Path(os.environ.get("STATIC_ROOT") or var_dir() / "static")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".lock").open("w") as lock:  # several starts may share one folder
        fcntl.flock(lock, fcntl.LOCK_EX)
        when_stale(target.with_suffix(".stamp"), key, collect)


def database(*, demo: bool) -> None:
    """Make or update the database: copied from a template, migrated, district and demo loaded."""
    url = os.environ.get("DATABASE_URL", "")
    wanted = {
        "url": hashlib.sha256(url.encode()).hexdigest(),
        "schema": template_database.fingerprint("migrated"),
        "district": template_database.fingerprint("district"),
    }
    stamps = var_dir() / "database.json"
    known: dict[str, str] = json.loads(stamps.read_text()) if stamps.exists() else {}
    if not url and not (var_dir() / "gongzhi.sqlite3").exists():
        _copy_template()
        known = {**wanted, "demo": ""}
    if {**known, "demo": ""} != {**wanted, "demo": ""}:
        _update()
    if demo and known.get("demo") != wanted["district"]:
        say("Loading the demo content …")
        manage("load_demo")
    if demo:
        wanted["demo"] = wanted["district"]
    if known != wanted:
        say("Filling the search index …")
        manage("reindex")
    stamps.write_text(json.dumps(wanted))


def _copy_template() -> None:
    """Copy the database with the district loaded; the first time on a machine it is made."""
    say("Making the database (the first one on this machine takes about 20 s) …")
    server = template_database.SqliteServer(template_database.template_root())
    name = template_database.ensure(server, "district")
    server.copy(name, var_dir() / "gongzhi.sqlite3")


def _update() -> None:
    say("Updating the database …")
    manage("migrate", "--no-input", "--verbosity=0")
    pack = os.environ.get("DISTRICT_PACK") or str(BASE_DIR / "site" / "districts" / "tianning")
    manage("load_district", pack)


def sources() -> None:
    """Everything that tests and the product need and that is not data."""
    front_end()
    messages()


def main() -> int:
    try:
        sources()
        static()
    except PreparationFailed as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
