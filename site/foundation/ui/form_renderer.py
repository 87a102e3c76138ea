"""Draws the plain form controls in Python as Django's own templates would (less blanks).

Django renders every control, every ``<option>`` and every attribute list by a template of its own;
a desk pane with six forms spent a fifth of its time there (measured). Everything that is not a
plain input, text area or select still goes through its template.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

FOLDER = "django/forms/widgets/"
OPTION = FOLDER + "select_option.html"
Widget = Mapping[str, Any]


class FormRenderer(DjangoTemplates):
    """The project's form renderer (``settings.FORM_RENDERER``)."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        """Return the HTML of one control."""
        draw = DRAWN.get(template_name)
        html = draw(context["widget"]) if draw else None
        if html is None:
            html = super().render(template_name, context, request)
        return mark_safe(html)  # noqa: S308 - escaped by the template, or value by value below


def _attributes(widget: Widget) -> str:
    parts = []
    for name, value in widget["attrs"].items():
        if value is True:
            parts.append(f" {conditional_escape(name)}")
        elif value is not False:
            parts.append(f' {conditional_escape(name)}="{conditional_escape(value)}"')
    return "".join(parts)


def _input(widget: Widget) -> str:
    value = widget["value"]
    shown = "" if value is None else f' value="{conditional_escape(value)}"'
    name = conditional_escape(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{shown}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    text = conditional_escape(widget["value"] or "")
    name = conditional_escape(widget["name"])
    return f'<textarea name="{name}"{_attributes(widget)}>\n{text}</textarea>'


def _select(widget: Widget) -> str | None:
    """Draw a select; None when an option has a template of its own."""
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{conditional_escape(group)}">')
        for option in options:
            if option["template_name"] != OPTION:
                return None
            parts.append(f"\n  {_option(option)}")
        if group:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


def _option(option: Widget) -> str:
    value, label = conditional_escape(option["value"]), conditional_escape(option["label"])
    return f'<option value="{value}"{_attributes(option)}>{label}</option>'


_INPUTS = ("date", "email", "hidden", "input", "number", "password", "search", "tel", "text", "url")
DRAWN: dict[str, Callable[[Widget], str | None]] = {
    **{f"{FOLDER}{name}.html": _input for name in _INPUTS},
    f"{FOLDER}textarea.html": _textarea,
    f"{FOLDER}select.html": _select,
}
