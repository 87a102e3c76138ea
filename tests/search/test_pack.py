from pathlib import Path
from typing import Any

import pytest

from foundation.places.pack import Pack, PackError
from search.dictionary import current
from search.models import SynonymSet
from search.pack import load_synonyms

pytestmark = pytest.mark.django_db


def pack_of(folder: Path, text: str) -> Pack:
    (folder / "synonyms.txt").write_text(text)
    return Pack(folder)


def test_the_district_brings_its_words(district_pack: Any) -> None:
    words = current()
    assert "异味" in words.synonyms_of("臭")
    assert "生态环境局" in words.synonyms_of("环保局")
    assert "pm2.5" in words.synonyms_of("细颗粒物")
    assert "北塘河" in words.words
    changes = load_synonyms(Pack(district_pack))
    assert not changes
    assert changes.unchanged > 100


def test_loading_says_what_changed_and_is_idempotent(tmp_path: Path) -> None:
    SynonymSet.objects.all().delete()
    pack = pack_of(tmp_path, "# 注释\n\n油烟，油烟味\n北塘河\n")
    assert load_synonyms(pack).added == 2
    assert load_synonyms(pack).unchanged == 2
    changes = load_synonyms(pack_of(tmp_path, "北塘河\n噪声,噪音\n"))
    assert (changes.added, changes.unchanged, changes.removed) == (1, 1, 1)


def test_a_pack_without_the_file_has_no_words(tmp_path: Path) -> None:
    assert load_synonyms(Pack(tmp_path)).added == 0
    assert not SynonymSet.objects.exists()


def test_a_line_that_is_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="line 2"):
        load_synonyms(pack_of(tmp_path, "# 一\n" + "很长的词," * 100))
