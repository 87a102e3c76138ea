"""The end of the ladder is watched: somebody who can hear has to stand there."""

from typing import Any

import pytest

from complaints.health import last_rung_is_held
from foundation.accounts.models import User

pytestmark = pytest.mark.django_db


def test_an_active_person_holds_the_last_rung(district_pack: str, cast: Any) -> None:
    assert cast.leader.username == "leader"
    assert last_rung_is_held().state == "ok"


def test_who_has_left_holds_nothing(district_pack: str, cast: Any) -> None:
    User.objects.filter(pk=cast.leader.pk).update(is_active=False)
    found = last_rung_is_held()
    assert found.state == "degraded"
    assert "leader" in str(found.detail)
