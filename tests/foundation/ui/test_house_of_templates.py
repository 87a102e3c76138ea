"""What every template and front-end file of the house must keep to."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
APPS = [
    *sorted((ROOT / "site" / "foundation").iterdir()),
    *(ROOT / a for a in ("search", "cms", "complaints", "campaigns")),
]
TEMPLATES = [path for app in APPS for path in sorted(app.glob("templates/**/*.html"))]
ICONS = ROOT / "site" / "foundation" / "ui" / "icons"
INLINE = re.compile(
    r"<script(?![^>]*\b(?:src=|type=\"application/(?:ld\+)?json\"))[^>]*>|<style|\sstyle=|\son[a-z]+=\"",
    re.I,
)
MAIL = ("/notices/", "/email/", ".txt")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_writes_inline_script_or_style(path: Path) -> None:
    if any(part in str(path) for part in MAIL):
        return
    assert INLINE.findall(path.read_text(encoding="utf-8")) == []


def test_every_icon_that_a_template_names_is_there() -> None:
    named = re.compile(r"{%\s*icon\s+[\"']([^\"']+)[\"']")
    missing = {
        name
        for path in TEMPLATES
        for name in named.findall(path.read_text(encoding="utf-8"))
        if not (ICONS / f"{name}.svg").is_file()
    }
    assert missing == set(), "run: node scripts/build.mjs"


def test_every_component_lists_its_variables_at_its_head() -> None:
    folder = ROOT / "site" / "foundation" / "ui" / "templates" / "ui" / "components"
    for path in sorted(folder.glob("[a-z]*.html")):
        head = path.read_text(encoding="utf-8")[:120]
        assert "{% comment %}" in head, path.name


def test_style_sheets_use_tokens_and_logical_properties() -> None:
    folder = ROOT / "site" / "foundation" / "ui" / "frontend"
    physical = re.compile(r"^\s*(?:margin|padding|border)-(?:left|right|top|bottom)\b", re.M)
    colour = re.compile(r"#[0-9a-f]{3,8}\b", re.I)
    for path in sorted(folder.glob("**/*.css")):
        text = path.read_text(encoding="utf-8")
        assert physical.findall(text) == [], path.name
        if path.name not in {"tokens.css", "print.css", "field.css", "media.css"}:
            assert colour.findall(text) == [], path.name
