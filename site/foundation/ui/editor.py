"""Wagtail's admin without inline scripts, so that the strict script policy holds there too.

Wagtail 8 starts its date pickers, inline panels and choosers by inline scripts such as
``new X("id", {…});``. We write the same call down as data, a JSON block with ``data-gz-init="X"``,
which no browser executes, and ``frontend/editor.js`` makes the call from a list of known names.
Templates: wagtailadmin/widgets/*_input.html, wagtailadmin/panels/*_panel.html in this app.
"""

import re
from functools import wraps
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.widgets import BaseChooser

CALL = re.compile(r"<script>(?:new )?(\w+)\((.*)\);</script>\Z", re.DOTALL)


def call_as_data(html: str) -> SafeString:
    """Return a widget's HTML with its closing initialiser written as data."""

    def data(found: re.Match[str]) -> str:
        name, arguments = found.group(1), found.group(2).replace("<", "\\u003c")
        return f'<script type="application/json" data-gz-init="{name}">[{arguments}]</script>'

    return mark_safe(CALL.sub(data, html))  # noqa: S308 - HTML that Wagtail already declared safe


def without_inline_script(chooser: type[BaseChooser]) -> None:
    """Make every chooser render its initialiser as data; doing it twice changes nothing."""
    original = chooser.render
    if getattr(original, "writes_data", False):
        return

    @wraps(original)
    def render(self: BaseChooser, *args: Any, **kwargs: Any) -> SafeString:
        return call_as_data(original(self, *args, **kwargs))

    render.writes_data = True  # type: ignore[attr-defined]
    chooser.render = render
