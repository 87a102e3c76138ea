"""Catalogues are compiled without gettext when stale, and every kind of fault is named."""

import gettext
import os
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from scripts.compile_messages import catalogues, compile_catalogue, stale
from scripts.messages import faults_of

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
