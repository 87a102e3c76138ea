"""The demonstration's requests stand in different states, and loading twice changes nothing."""

from typing import Any

import pytest

from cms.demo_requests import load_requests
from cms.models import InfoRequest
from foundation.places.pack import Pack

pytestmark = pytest.mark.django_db


def test_the_demonstration_shows_every_stage(district_pack: str, cast: Any) -> None:
    assert cast.editor
    assert cast.leader
    assert load_requests(Pack(district_pack)).added == 6
    assert load_requests(Pack(district_pack)).unchanged == 6
    states = set(InfoRequest.objects.values_list("state", flat=True))
    assert states == {
        "submitted", "in_progress", "correction", "consulting", "in_review", "answered"
    }  # fmt: skip
    assert InfoRequest.objects.filter(published_at__isnull=False).count() == 1
