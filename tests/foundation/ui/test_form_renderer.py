"""Our form renderer draws what Django's own templates draw, but for blanks between options."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from foundation.ui.form_renderer import FormRenderer

OURS, THEIRS = FormRenderer(), DjangoTemplates()
NASTY = "<b>\"'&\n油烟"
ATTRS = {"class": NASTY, "required": True, "disabled": False, "maxlength": 24, "data-x": None}
GROUPS = [("", _("Search")), (NASTY, [("a", NASTY), (2, mark_safe("<i>2</i>"))]), ("c", "C")]


def drawn(widget: forms.Widget, value: object, renderer: DjangoTemplates) -> str:
    html = widget.render("na<me", value, {"id": "x", "title": NASTY}, renderer)
    return re.sub(r">\s+<", "><", html)


@pytest.mark.parametrize("value", [None, "", NASTY, 5, "5", mark_safe("&amp;"), "c", "a"])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(),
        forms.TextInput(attrs=ATTRS),
        forms.HiddenInput(attrs=ATTRS),
        forms.EmailInput(),
        forms.URLInput(),
        forms.NumberInput(attrs={"min": 0, "step": "any"}),
        forms.PasswordInput(),
        forms.DateInput(),
        forms.Textarea(attrs={"rows": 3}),
        forms.Textarea(attrs=ATTRS),
        forms.Select(choices=GROUPS, attrs=ATTRS),
        forms.NullBooleanSelect(),
        forms.CheckboxInput(),
        forms.RadioSelect(choices=GROUPS),
        forms.ClearableFileInput(),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_a_control_is_drawn_as_django_draws_it(widget: forms.Widget, value: object) -> None:
    assert drawn(widget, value, OURS) == drawn(widget, value, THEIRS)


@given(st.text())
def test_no_text_breaks_out_of_a_control(text: str) -> None:
    for widget in (forms.TextInput(), forms.Textarea(), forms.Select(choices=[(text, text)])):
        assert drawn(widget, text, OURS) == drawn(widget, text, THEIRS)
