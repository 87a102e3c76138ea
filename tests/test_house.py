"""House rules that a short look at the files proves (``make lint`` runs the slow ones too)."""

from collections.abc import Callable, Iterator

import pytest

from scripts.house import RULES

pytestmark = pytest.mark.once


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_house_rule_is_kept(rule: Callable[[], Iterator[str]]) -> None:
    assert list(rule()) == []
