"""Wagtail's widgets start from data, so that no inline script is needed in the editor."""

import json
import re

import pytest
from django import forms
from wagtail.admin.widgets import (
    AdminDateInput,
    AdminDateTimeInput,
    AdminPageChooser,
    AdminTimeInput,
)
from wagtail.admin.widgets.workflows import AdminTaskChooser

from foundation.ui.editor import call_as_data

DATA = re.compile(r'<script type="application/json" data-gz-init="(\w+)">(.*?)</script>', re.DOTALL)


def started(widget: forms.Widget) -> tuple[str, list[object]]:
    html = widget.render("when", None, attrs={"id": "id_when"})
    assert "<script>" not in html
    (found,) = DATA.findall(html)
    return found[0], json.loads(found[1])


@pytest.mark.parametrize(
    ("widget", "name"),
    [
        (AdminDateInput, "initDateChooser"),
        (AdminTimeInput, "initTimeChooser"),
        (AdminDateTimeInput, "initDateTimeChooser"),
    ],
)
def test_pickers_write_their_call_as_data(widget: type[forms.Widget], name: str) -> None:
    called, arguments = started(widget())
    assert (called, arguments[0]) == (name, "id_when")
    assert isinstance(arguments[1], dict)


@pytest.mark.django_db
def test_choosers_write_their_call_as_data() -> None:
    assert started(AdminPageChooser())[0] == "PageChooser"
    assert started(AdminTaskChooser())[0] == "createTaskChooser"


def test_data_cannot_close_its_own_block() -> None:
    html = call_as_data('<p></p><script>new X("a", {"b": "</script><script>alert(1)"});</script>')
    assert html.count("</script>") == 1
    assert json.loads(DATA.findall(html)[0][1])[1]["b"] == "</script><script>alert(1)"


def test_panels_of_wagtail_have_no_script_of_their_own() -> None:
    from django.template.loader import get_template

    for name in ("inline_panel", "multiple_chooser_panel"):
        source = get_template(f"wagtailadmin/panels/{name}.html").template.source
        assert "data-gz-init" in source
