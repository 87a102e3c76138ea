"""Take the pictures of the README from the running product: docs/screenshots/*.png.

make screenshots                         all of scripts/screenshots.toml
make screenshots ARGS="home desk"        some of them
"""

import os
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import prepare
import pyotp
from playwright.sync_api import Browser, Page, sync_playwright

OUT = prepare.BASE_DIR / "docs" / "screenshots"
SHOTS = prepare.BASE_DIR / "scripts" / "screenshots.toml"
PORT = "8899"
URL = f"http://127.0.0.1:{PORT}"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]


def shots(wanted: list[str]) -> list[dict[str, Any]]:
    """Return the pictures to take, all when none is named."""
    listed: list[dict[str, Any]] = tomllib.loads(SHOTS.read_text())["shot"]
    return [shot for shot in listed if not wanted or shot["name"] in wanted]


def wait_for_site(process: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        try:
            urllib.request.urlopen(f"{URL}/healthz", timeout=5).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    sys.exit("The product did not start; run `make run` to see why.")


def sign_in(page: Page, username: str) -> None:
    """Sign in as a demo person through the real forms."""
    staff = tomllib.loads((Path(os.environ["DISTRICT_PACK"]) / "demo" / "staff.toml").read_text())
    person = next(row for row in staff["person"] if row["username"] == username)
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(staff["password"])
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    if person.get("totp"):
        page.wait_for_url("**/2fa/authenticate/**")
        page.locator("input[name=code]").fill(pyotp.TOTP(person["totp"]).now())
        page.locator("form:has(input[name=code]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url and "/2fa/" not in url)


def take(browser: Browser, shot: dict[str, Any]) -> None:
    """Take one picture: path, width, and who looks (nobody signed in by default)."""
    phone = shot["width"] < 600
    context = browser.new_context(
        base_url=URL,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": shot["width"], "height": shot.get("height", 812 if phone else 800)},
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
    )
    page = context.new_page()
    if shot.get("who"):
        sign_in(page, shot["who"])
    page.goto(shot["path"])
    if shot.get("click"):
        page.locator(shot["click"]).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=OUT / f"{shot['name']}.png")
    context.close()
    print(f"docs/screenshots/{shot['name']}.png", flush=True)


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault(
        "DISTRICT_PACK", str(prepare.BASE_DIR / "site" / "districts" / "tianning")
    )
    with tempfile.TemporaryDirectory(prefix="gongzhi-shots-") as var:
        environment = {**prepare.python_environment(), "GONGZHI_VAR": var, "PORT": PORT}
        environment |= {"PUBLIC_URL": URL, "DEMO": "1"}
        command = [sys.executable, str(prepare.BASE_DIR / "scripts" / "run.py")]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for_site(process)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=FLAGS
                )
                for shot in shots(sys.argv[1:]):
                    take(browser, shot)
                browser.close()
        finally:
            process.terminate()
            process.wait(timeout=40)
    return 0


if __name__ == "__main__":
    sys.exit(main())
