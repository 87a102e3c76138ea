"""Accessibility check of a page with axe-core (npm, pinned), for every browser test.

All rules up to WCAG 2.2 AA and the best practices run; ``target-size`` is off in axe's own default
and is switched on here (design/ux.md §5).
"""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

BASE_DIR = Path(__file__).resolve().parents[2]
SOURCE = BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
}


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def violations(page: Page, *, within: str | None = None) -> list[str]:
    """Return one line per violation on the page (or inside the selector ``within``).

    The window grows to the whole page meanwhile: a bar fixed at its foot would otherwise cover
    targets that a reader simply scrolls to. The script is handed over through the debugger, so a
    strict policy does not stop it. A line names the rule, how many elements break it, and the
    first of them with axe's reason.
    """
    size = page.viewport_size
    # Right after a click the old page is gone and the new one has no root yet; the wait outlives
    # the change, where an ``evaluate`` would fail in the middle of it.
    page.locator("body").wait_for()
    page.wait_for_load_state()
    height = page.evaluate("document.documentElement.scrollHeight")
    if size:
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    page.evaluate(_source())
    found = page.evaluate(
        "([within, options]) => axe.run(within || document, options).then(r => r.violations)",
        [within, OPTIONS],
    )
    if size:
        page.set_viewport_size(size)
    return [_line(violation) for violation in found]


def _line(violation: dict) -> str:
    nodes = violation["nodes"]
    reasons = "; ".join(
        f"{node['target'][0]}: {' '.join(node.get('failureSummary', '').split())}"
        for node in nodes[:3]
    )
    return f"{violation['id']} ×{len(nodes)} ({violation['help']}): {reasons}"
