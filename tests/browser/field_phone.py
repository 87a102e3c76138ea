"""A grid worker's phone in browser tests: tasks made on the running product, and what is kept."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import BASE_DIR, Site

OFFLINE = "ERR_(INTERNET_DISCONNECTED|CONNECTION_|EMPTY_RESPONSE|NETWORK_)|Failed to fetch"
SCRIPT = Path(__file__).with_name("field_story.py")
#: Which of the pages named, and of the files this page is made of, lie on the phone.
MISSING = """
async (pages) => {
  const named = document.querySelectorAll("link[rel=stylesheet], script[src]");
  const loaded = performance.getEntriesByType("resource").map(e => e.name);
  const files = [...loaded, ...[...named].map(e => e.href || e.src)];
  const wanted = [...pages, ...files.filter(url => url.includes("/static/build/"))];
  const copies = await Promise.all(wanted.map(url => caches.match(url, { ignoreVary: true })));
  return wanted.filter((url, place) => !copies[place]);
}
"""
KEEPING_LIMIT = 30.0


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


def wait_kept(page: Page, number: str) -> None:
    """Wait until the list and the task ``number`` would open without a network."""
    # Not wait_for_function: it takes the promise of an async function for its answer.
    deadline = time.monotonic() + KEEPING_LIMIT
    while missing := page.evaluate(MISSING, ["/field/", f"/field/{number}/"]):
        assert time.monotonic() < deadline, f"not kept on the phone: {missing}"
        page.wait_for_timeout(100)


def badge(page: Page) -> Any:
    return page.locator("[data-gz-outbox-badge]")
