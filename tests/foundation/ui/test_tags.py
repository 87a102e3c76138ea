"""Template tags draw what their users expect, and nothing that a page's policy forbids."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from foundation.ui.templatetags import ui

pytestmark = pytest.mark.once

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def draw(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context({"now": NOW, **context}))


def test_scripts_and_styles_are_links_only() -> None:
    assert draw('{% script "complaints/report" %}') == (
        '<script type="module" src="/static/build/complaints/report.js"></script>'
    )
    assert draw('{% stylesheet "ui/core" %}') == (
        '<link rel="stylesheet" href="/static/build/ui/core.css">'
    )


def test_an_icon_is_decoration_unless_it_has_a_name() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "camera" %}')
    named = draw('{% icon "camera" label="拍照" %}')
    assert 'role="img" aria-label="拍照"' in named
    assert "aria-hidden" not in named


@pytest.mark.parametrize("name", ["no-such-icon", "../../manage", "Camera", ""])
def test_an_unknown_icon_is_a_question_mark(name: str) -> None:
    assert draw("{% icon name %}", name=name) == draw('{% icon "circle-help" %}')


def test_a_moment_carries_its_machine_time_and_its_full_text() -> None:
    html = draw("{% moment at %}", at=NOW - timedelta(hours=5))
    assert html == (
        '<time datetime="2026-11-23T09:30:00+08:00" title="2026年11月23日 09:30">今天 09:30</time>'
    )
    assert draw("{% moment at %}", at=None) == ""


def test_a_moment_can_be_full_or_a_date() -> None:
    assert ">2026年11月23日 14:30</time>" in draw('{% moment at "full" %}', at=NOW)
    assert ">2026年11月23日</time>" in draw('{% moment at "date" %}', at=NOW)
    assert ">2026年11月23日</time>" in draw("{% moment at %}", at=NOW.date())


def test_a_countdown_says_its_colour_in_a_word() -> None:
    html = draw("{% countdown due start %}", due=NOW - timedelta(days=2), start=NOW.min)
    assert "gz-countdown--overdue" in html
    assert "逾期" in html
    assert "已逾期 2 天" in html
    assert draw("{% countdown due %}", due=None).strip() == ""


def test_a_qr_code_is_drawn_with_its_meaning_in_words() -> None:
    html = draw('{% qr "https://example.invalid/t#1" label="查询码" %}')
    assert html.startswith('<svg class="gz-qr"')
    assert 'role="img" aria-label="查询码"' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(812, 812, "812/812 100%"), (628, 645, "628/645 97.4%"), (2999, 3000, "2,999/3,000 99.9%")],
)
def test_a_ratio_prints_its_counts(part: int, whole: int, words: str) -> None:
    html = draw("{% ratio part whole %}", part=part, whole=whole)
    assert "".join(html.split("<span")[1:]).count(words.split()[0]) == 1
    assert words.split()[1] in html


def test_nothing_counted_is_no_data_and_never_zero() -> None:
    assert "暂无数据" in draw("{% ratio 0 0 %}")


@given(st.integers(1, 10**7), st.data())
def test_less_than_all_is_never_shown_as_all(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole - 1))
    assert ui.percent(Decimal(part) * 100 / whole) != "100%"


def test_a_code_is_spaced_like_a_bank_card() -> None:
    assert ui.spaced("1234567890123456") == "1234 5678 9012 3456"
    assert ui.spaced("1234 5678") == "1234 5678"


class Sample(forms.Form):
    place = forms.CharField(label="发生地点", help_text="路名或小区")
    words = forms.CharField(label="说两句", required=False)
    kind = forms.ChoiceField(
        label="类型",
        choices=[("a", "异味")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择问题类型"},
    )


def test_a_field_names_its_hint_and_its_error() -> None:
    form = Sample({})
    html = draw('{% include "ui/components/field.html" %}', field=form["place"])
    assert 'aria-describedby="id_place_hint id_place_error"' in html
    assert 'aria-invalid="true"' in html
    assert "请填写这一项" in html
    assert 'for="id_place"' in html


def test_optional_fields_say_so() -> None:
    form = Sample()
    assert "（选填）" in draw('{% include "ui/components/field.html" %}', field=form["words"])
    assert "（选填）" not in draw('{% include "ui/components/field.html" %}', field=form["place"])
    html = draw(
        '{% include "ui/components/field.html" with mark="required" %}', field=form["place"]
    )
    assert "必填" in html


def test_the_summary_names_the_field_of_a_generic_message() -> None:
    html = draw('{% include "ui/components/error_summary.html" %}', form=Sample({}))
    assert '<a href="#id_place">发生地点：请填写这一项</a>' in html
    assert '<a href="#id_kind_0">请选择问题类型</a>' in html


def test_no_mistakes_no_summary() -> None:
    html = draw('{% include "ui/components/error_summary.html" %}', form=Sample())
    assert html.strip() == ""


def test_text_from_people_is_escaped_everywhere() -> None:
    evil = "<script>alert(1)</script>"
    html = draw(
        '{% icon "camera" label=evil %}{% qr "x" label=evil %}'
        '{% include "ui/components/alert.html" with text=evil %}'
        '{% include "ui/components/chip.html" with state=evil label=evil %}'
        '{% include "ui/components/timeline.html" %}',
        evil=evil,
        items=[{"at": NOW, "title": evil, "body": evil, "actor": evil}],
    )
    assert "<script>" not in html


def test_the_current_page_is_marked() -> None:
    here = SimpleNamespace(path="/desk/cases/1/")
    assert draw('{% current "/desk/" %}', request=here) == 'aria-current="true"'
    assert draw('{% current "/desk/cases/1/" %}', request=here) == 'aria-current="page"'
    assert draw('{% current "/" %}', request=here) == ""
