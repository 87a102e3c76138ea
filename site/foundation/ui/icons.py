"""Icons of lucide-static (ISC), copied by scripts/build.mjs into ``icons/`` and drawn inline."""

import logging
import re
from functools import cache
from pathlib import Path

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent / "icons"
FALLBACK = "circle-help"
NAME = re.compile(r"^[a-z][a-z0-9-]*$")
DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@cache
def drawing(name: str) -> str:
    """Return the inside of the icon's ``<svg>``, or a question mark for an unknown name.

    Names may come from a district's data pack, so a wrong one is logged and never breaks a page.
    """
    path = FOLDER / f"{name}.svg"
    if not NAME.match(name) or not path.is_file():
        logger.warning("No icon %r in %s: run node scripts/build.mjs", name, FOLDER)
        path = FOLDER / f"{FALLBACK}.svg"
    found = DRAWING.search(path.read_text(encoding="utf-8"))
    return " ".join(found.group(1).split()) if found else ""
