"""Catalogues are compiled without gettext when stale, and every kind of fault is named."""

import gettext
import os
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from scripts.compile_messages import catalogues, compile_catalogue, stale
from scripts.messages import CATALOGUE, apps, clashes, faults_of, read

pytestmark = pytest.mark.once

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def test_every_app_with_words_has_a_catalogue() -> None:
    assert {path.parts[-5] for path in catalogues()} >= {"complaints", "cms", "ui", "accounts"}


def test_a_catalogue_is_compiled_once(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text(HEADER + 'msgid "Report"\nmsgstr "上报"\n', encoding="utf-8")
    assert stale(source)
    compile_catalogue(source)
    assert not stale(source)
    with source.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Report") == "上报"
    later = source.stat().st_mtime + 5
    os.utime(source, (later, later))
    assert stale(source)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".mo"] == ["django.mo"]


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (Message("Report", ""), "not translated"),
        (Message("Report", "上报", flags={"fuzzy"}), "fuzzy"),
        (Message("上报", "上报"), "not English"),
        (Message("%(n)d left", "还剩 %(m)d", flags={"python-format"}), "wrong translation"),
    ],
)
def test_a_fault_is_named(message: Message, fault: str) -> None:
    assert any(fault in found for found in faults_of(message))


def test_a_good_translation_has_no_fault() -> None:
    assert faults_of(Message("%(n)d left", "还剩 %(n)d", flags={"python-format"})) == []


def catalogue(*entries: tuple[str, str, str]) -> Catalog:
    made = Catalog(locale="zh_Hans")
    for text, words, context in entries:
        made.add(text, words, context=context or None)
    return made


def test_words_that_two_apps_translate_differently_are_named() -> None:
    cases = catalogue(("Closed", "已办结", ""), ("Report", "上报", ""))
    shops = catalogue(("Closed", "已关门", ""), ("Report", "上报", ""))
    [fault] = clashes({"cases": cases, "shops": shops})
    assert "'Closed'" in fault
    assert "已办结 (cases)" in fault
    assert "已关门 (shops)" in fault


def test_a_context_settles_a_clash() -> None:
    cases = catalogue(("Closed", "已办结", "case"))
    assert clashes({"cases": cases, "shops": catalogue(("Closed", "已关门", ""))}) == []


def test_one_word_has_one_translation_in_the_whole_house() -> None:
    assert clashes({folder.name: read(folder / CATALOGUE) for folder in apps()}) == []
