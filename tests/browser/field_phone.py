"""A grid worker's phone in browser tests: tasks made on the running product, and what is kept."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import BASE_DIR, Site

OFFLINE = "ERR_INTERNET_DISCONNECTED|Failed to fetch"
SCRIPT = Path(__file__).with_name("field_story.py")
ALL_KEPT = """
async () => {
  const tasks = [...document.querySelectorAll("[data-gz-task]")].map(e => e.dataset.href);
  const files = [...document.querySelectorAll("link[rel=stylesheet], script[src]")];
  const wanted = [location.pathname, ...tasks, ...files.map(e => e.href || e.src)];
  const copies = await Promise.all(wanted.map(url => caches.match(url, { ignoreVary: true })));
  return copies.every(Boolean);
}
"""


class Story:
    """Makes tasks on the running product and tells what became of them, in a process of its own."""

    def __init__(self, site: Site) -> None:
        code = f"exec(open({str(SCRIPT)!r}).read())"
        self.process = subprocess.Popen(
            [sys.executable, str(BASE_DIR / "manage.py"), "shell", "-v", "0", "-c", code],
            env=site.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *words: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=20)

    def task(self, *, signed: bool = False) -> str:
        return str(self.tell("signed" if signed else "task"))

    def acts(self, number: str) -> list[str]:
        return list(self.tell("acts", number))

    def supplement(self, number: str) -> None:
        self.tell("supplement", number)


def open_ready(page: Page, address: str) -> None:
    page.goto(address)
    ready(page)


def ready(page: Page) -> None:
    page.locator("html[data-gz-ready]").wait_for(timeout=20_000)


def badge(page: Page) -> Any:
    return page.locator("[data-gz-outbox-badge]")
