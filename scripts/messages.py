"""Message catalogues: ``update`` extracts for every app, ``check`` proves them complete.

Complete means: every English source string of code and templates is in the app's zh_Hans
catalogue, translated, not fuzzy, with the same placeholders; nothing obsolete is kept. No two
catalogues translate the same words (and context) differently: Django would take whichever app
comes first. Needs gettext's xgettext (``make services`` installs it).
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

BASE_DIR = Path(__file__).resolve().parents[1]
LOCALE = "zh_Hans"
CATALOGUE = Path("locale") / LOCALE / "LC_MESSAGES" / "django.po"
HANZI = re.compile(r"[\u4e00-\u9fff]")
SKIPPED = shutil.ignore_patterns("__pycache__", "migrations", "static", "frontend", "*.mo")


def apps() -> list[Path]:
    """Return the folder of every app of the house."""
    roots = [BASE_DIR / name for name in ("search", "cms", "campaigns", "complaints")]
    roots += sorted((BASE_DIR / "site" / "foundation").iterdir())
    return [root for root in roots if (root / "apps.py").exists()]


def extract(folder: Path) -> None:
    """Bring the zh_Hans catalogue of the app at ``folder`` up to date with its sources."""
    from django.core.management import call_command

    (folder / "locale").mkdir(exist_ok=True)
    with chdir(folder):
        call_command("makemessages", locale=[LOCALE], no_location=True, no_wrap=True, verbosity=0)
    if not any((folder / "locale").iterdir()):
        (folder / "locale").rmdir()


def read(path: Path) -> Catalog:
    """Return the catalogue at ``path``; an absent file is an empty one."""
    if not path.exists():
        return Catalog(locale=LOCALE)
    with path.open("rb") as source:
        return read_po(source, locale=LOCALE)


def _keys(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, _text(message)) for message in catalogue if message.id}


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _translation(message: Message) -> str:
    return message.string if isinstance(message.string, str) else (message.string or ("",))[0]


def faults_of(message: Message) -> list[str]:
    """Return what is wrong with one entry of a catalogue."""
    translated = (message.string,) if isinstance(message.string, str) else message.string
    found = [] if all(translated) else ["is not translated"]
    if message.fuzzy:
        found.append("is fuzzy")
    if HANZI.search(_text(message)):
        found.append("is not English")
    found += [f"has a wrong translation: {error}" for error in message.check() if all(translated)]
    return found


def check(folder: Path, scratch: Path) -> list[str]:
    """Return one sentence per fault in the catalogue of the app at ``folder``."""
    copy = scratch / folder.name
    shutil.copytree(folder, copy, ignore=SKIPPED)
    extract(copy)
    kept, fresh = read(folder / CATALOGUE), read(copy / CATALOGUE)
    faults = [f"{text!r} is missing" for _, text in _keys(fresh) - _keys(kept)]
    faults += [f"{text!r} is used nowhere" for _, text in _keys(kept) - _keys(fresh)]
    for message in kept:
        if message.id:
            faults += [f"{_text(message)!r} {fault}" for fault in faults_of(message)]
    if kept.obsolete:
        faults.append(f"{len(kept.obsolete)} obsolete entries are kept")
    where = (folder / CATALOGUE).relative_to(BASE_DIR)
    return [f"{where}: {fault}" for fault in sorted(faults)]


def clashes(catalogues: Mapping[str, Catalog]) -> list[str]:
    """Return one sentence per source string that catalogues (by name) translate differently."""
    found: dict[tuple[str | None, str], dict[str, list[str]]] = {}
    for name, catalogue in catalogues.items():
        for message in catalogue:
            if message.id:
                words = _translation(message)
                known = found.setdefault((message.context, _text(message)), {})
                known.setdefault(words, []).append(name)
    return [
        f"{text!r} means different things, give them a context: "
        + "; ".join(f"{words} ({', '.join(names)})" for words, names in known.items())
        for (_, text), known in sorted(found.items(), key=str)
        if len(known) > 1
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["update", "check"])
    what = parser.parse_args().what
    if shutil.which("xgettext") is None:
        print("xgettext is missing: `apt-get install gettext` (or `make services`).")
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    sys.path.insert(1, str(BASE_DIR / "site"))
    if what == "update":
        for folder in apps():
            extract(folder)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        faults = [fault for folder in apps() for fault in check(folder, Path(scratch))]
    faults += clashes({folder.name: read(folder / CATALOGUE) for folder in apps()})
    print("\n".join(faults) or "Message catalogues are complete.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
