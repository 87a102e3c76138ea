"""The real product in a real Chromium, each started once per session.

``site`` is what ``make run`` starts (web and worker, scripts/run.py) on a free port with fresh data
and demo content. Every page fails its test on a console error, a policy violation or a request
that leaves this machine; ``watch.allow("409")`` names an error that the test provokes.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.network import Network
from tests.loopback import is_loopback

if TYPE_CHECKING:
    from tests.browser.field_phone import Story

BASE_DIR = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
START_LIMIT = 180.0
STEP = 30.0  # seconds for which a code of the second factor is new
PHONE = {"width": 375, "height": 812}
DESKTOP = {"width": 1280, "height": 900}


# -- the product ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """The running product: its address, its folder of data, and its log."""

    url: str
    var: Path
    log: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run one management command on the product's data; return what it printed."""
        done = subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _free_port() -> int:
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _site(var: Path) -> Site:
    port = _free_port()
    dropped = {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "PYTHONDONTWRITEBYTECODE"}
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "GONGZHI_VAR": str(var),
        "STATIC_ROOT": str(BASE_DIR / "var" / "test" / "static"),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DEMO": "1",
        "LOG_LEVEL": "INFO",
    }
    return Site(f"http://127.0.0.1:{port}", var, var / "run.log", environment)


def _wait(site: Site, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{site.url}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"The product did not start:\n{site.log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product as ``make run`` starts it, with demo content; stopped as Ctrl-C would."""
    site = _site(tmp_path_factory.mktemp("site"))
    with site.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(BASE_DIR / "scripts" / "run.py")],
            env=site.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(site, process)
            yield site
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)


# -- the browser ------------------------------------------------------------------------------


@dataclass
class Watch:
    """What went wrong on a page, except for what its test provokes."""

    faults: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Accept faults that match the regular expression ``pattern``."""
        self.allowed.append(pattern)

    def on(self, page: Page) -> None:
        """Listen to one page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and not is_loopback(parts.hostname or ""):
            self.faults.append(f"request leaves this machine: {request.url}")

    def check(self) -> None:
        """Fail on everything that was not allowed."""
        left = [
            fault
            for fault in self.faults
            if not any(re.search(pattern, fault) for pattern in self.allowed)
        ]
        assert not left, "\n".join(left)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    # Playwright keeps an event loop running in this thread; the ORM is used synchronously here.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Collects faults of every page of this test and fails it at its end."""
    watch = Watch()
    yield watch
    watch.check()


@pytest.fixture
def new_context(
    browser: Browser, site: Site, watch: Watch
) -> Iterator[Callable[..., BrowserContext]]:
    """``new_context(viewport=…, java_script_enabled=False, …)``: a visitor with no history."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        defaults = {
            "base_url": site.url,
            "viewport": DESKTOP,
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
        }
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(10_000)
        context.on("page", watch.on)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page1280(new_context: Callable[..., BrowserContext]) -> Page:
    """A page on a desktop."""
    return new_context().new_page()


@pytest.fixture
def page375(new_context: Callable[..., BrowserContext]) -> Page:
    """A page on a phone: 375 px, touch."""
    return new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()


@pytest.fixture
def page_without_js(new_context: Callable[..., BrowserContext]) -> Page:
    """A page on a phone whose browser runs no scripts."""
    return new_context(viewport=PHONE, java_script_enabled=False).new_page()


# -- people -----------------------------------------------------------------------------------


def _staff() -> dict[str, Any]:
    path = BASE_DIR / "site" / "districts" / "tianning" / "demo" / "staff.toml"
    return tomllib.loads(path.read_text())


def demo_secret(username: str) -> str:
    """Return the fixed TOTP secret of a demo account ('' when it needs none)."""
    people = [row for value in _staff().values() if isinstance(value, list) for row in value]
    person = next(row for row in people if row.get("username") == username)
    return str(person.get("totp", ""))


@pytest.fixture(scope="session")
def kept_sessions() -> dict[str, list[Any]]:
    """Cookies of those who signed in already: one code works once, the next comes in 30 s."""
    return {}


@pytest.fixture
def sign_in(kept_sessions: dict[str, list[Any]]) -> Callable[[Page, str], None]:
    """``sign_in(page, "dispatcher")`` and land on the person's desk.

    The first time goes through the real forms (password, then the code), later ones reuse that
    session as long as it lives.
    """

    def enter(page: Page, username: str) -> None:
        if username in kept_sessions:
            page.context.add_cookies(kept_sessions[username])
            page.goto("/accounts/home/")
            if "/login" not in page.url:
                return
        _sign_in_with_forms(page, username)
        # Not how the first page looked: theme and text size are each test's own choice.
        cookies = page.context.cookies()
        kept_sessions[username] = [c for c in cookies if not c["name"].startswith("gz_")]

    return enter


def _sign_in_with_forms(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(str(_staff()["password"]))
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    secret = demo_secret(username)
    if secret:
        page.wait_for_url("**/2fa/authenticate/**")
        page.locator("input[name=code]").fill(_unused_code(secret))
        page.locator("form:has(input[name=code]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url and "/2fa/" not in url)


@pytest.fixture(scope="session")
def story(site: Site) -> Iterator["Story"]:
    """Makes tasks of the demo's grid worker and tells what became of them."""
    from tests.browser.field_phone import Story

    story = Story(site)
    yield story
    story.end()


@pytest.fixture(scope="session")
def line(site: Site) -> Iterator[Network]:
    """The forwarder between the phones and the product."""
    line = Network(site.url)
    yield line
    line.close()


@pytest.fixture
def network(line: Network) -> Iterator[Network]:
    """The mobile network; ``network.cut(phone.context)`` takes it away for this test."""
    yield line
    line.restore()


@pytest.fixture
def phone(
    new_context: Callable[..., BrowserContext],
    sign_in: Callable[[Page, str], None],
    network: Network,
) -> Page:
    """The phone of the demo's grid worker, signed in, on the list."""
    from tests.browser.field_phone import ready

    options = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    page = new_context(base_url=network.url, **options).new_page()
    sign_in(page, "grid")
    ready(page)
    return page


_used: set[str] = set()


def _unused_code(secret: str) -> str:
    """Return a code; allauth refuses one that was used, so a second sign-in takes the next.

    The next is good already (MFA_TOTP_TOLERANCE); only a third sign-in within 30 s waits.
    """
    while True:
        now = time.time()
        for at in (now, now + STEP):
            code = pyotp.TOTP(secret).at(int(at))
            if secret + code not in _used:
                _used.add(secret + code)
                return code
        time.sleep(0.5)
