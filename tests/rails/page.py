"""What no answer of ours may have: inline code or style, loose headers, loose cookies."""

import re
from html.parser import HTMLParser
from typing import Any

EDITOR = "/cms/"
#: Every page with a fault contains this; most pages need no parser.
SUSPECT = re.compile(
    rb"<style|<script(?![^>]*\ssrc=)|[\s\"'/](?:on[a-z]+|style)\s*=|javascript:", re.IGNORECASE
)
#: Types of script elements that hold data, not code.
DATA = {"application/json", "application/ld+json"}
LOOSE = {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}
DIRECTIVES = ("default-src", "script-src", "object-src", "base-uri", "form-action")


class _Markup(HTMLParser):
    """Collects inline scripts, styles and handlers of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style":
            self.faults.append("<style>")
        if tag == "script" and "src" not in given and given.get("type") not in DATA:
            self.faults.append("<script> without src")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.faults.append(f"{name}= on <{tag}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"javascript: in {name}= on <{tag}>")


def faults_of_markup(path: str, response: Any, body: bytes) -> list[str]:
    """Inline code or style in a page of ours; Wagtail's admin is held by its policy alone."""
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    if not is_page or path.startswith(EDITOR) or not SUSPECT.search(body):
        return []
    parser = _Markup()
    parser.feed(body.decode("utf-8", "replace"))
    return parser.faults


def policy_of(response: Any) -> dict[str, list[str]]:
    """The answer's content security policy by directive."""
    text = response.headers.get("Content-Security-Policy", "")
    parts = [part.split() for part in text.split(";") if part.strip()]
    return {part[0]: part[1:] for part in parts}


def _faults_of_policy(path: str, policy: dict[str, list[str]]) -> list[str]:
    if not policy:
        return ["no Content-Security-Policy"]
    faults = []
    for directive, sources in policy.items():
        is_style = directive.startswith("style-src") and path.startswith(EDITOR)
        for source in sources:
            is_loose = source in LOOSE and not (is_style and source == "'unsafe-inline'")
            if is_loose or (source == "data:" and not directive.startswith("img")):
                faults.append(f"policy: {directive} {source}")
    if "sandbox" not in policy:
        faults += [f"policy: no {name}" for name in DIRECTIVES if name not in policy]
    return faults


def _faults_of_cookies(response: Any) -> list[str]:
    faults = []
    for name, morsel in response.cookies.items():
        if not morsel.value or str(morsel["max-age"]) == "0":
            continue
        if morsel["samesite"] not in {"Lax", "Strict"}:
            faults.append(f"cookie {name}: no SameSite")
        if name != "csrftoken" and not morsel["httponly"]:
            faults.append(f"cookie {name}: readable by scripts")
    return faults


def _faults_of_caching(response: Any, *, private: bool) -> list[str]:
    control = response.headers.get("Cache-Control", "")
    if "no-store" in control or ("private" in control and "no-cache" in control):
        return []
    faults = []
    if private:
        faults.append(f"private data with Cache-Control: {control!r}")
    if response.cookies:
        faults.append(f"a cookie on a page with Cache-Control: {control!r}")
    if control != "no-cache" and "public" not in control and "max-age" not in control:
        faults.append(f"Cache-Control: {control!r}")
    return faults


def faults_of_headers(path: str, response: Any, *, private: bool) -> list[str]:
    """What is wrong with an answer's headers and cookies; ``private``: it holds a mark."""
    faults = _faults_of_policy(path, policy_of(response))
    faults += _faults_of_cookies(response)
    faults += _faults_of_caching(response, private=private)
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("no X-Content-Type-Options: nosniff")
    if response.headers.get("X-Frame-Options") not in {"DENY", "SAMEORIGIN"}:
        faults.append("no X-Frame-Options")
    if not response.headers.get("Referrer-Policy"):
        faults.append("no Referrer-Policy")
    if not response.headers.get("Permissions-Policy"):
        faults.append("no Permissions-Policy")
    return faults
