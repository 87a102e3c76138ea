"""The report form and the receipt, as plain POST and GET."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from complaints.models import Case
from foundation.media.models import Photo
from tests.complaints.conftest import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client: Client, district_pack: str) -> Callable[..., Any]:
    """``post(category=…, photos=…)``: send the form as a browser without scripts does."""

    def posting(**fields: Any) -> Any:
        return client.post("/report/", {"key": str(uuid4()), "category": "air", **fields})

    return posting


def only_case() -> Case:
    return Case.objects.get()


def test_the_form_opens_without_a_session(client: Client, district_pack: str) -> None:
    page = client.get("/report/")
    assert page.status_code == 200
    assert "sessionid" not in client.cookies
    assert len(re.findall(r"<h1", page.content.decode())) == 1


def test_a_report_leads_to_its_receipt(post: Callable[..., Any], client: Client) -> None:
    answer = post(description="河边有人倒垃圾", photos=jpeg())
    case = only_case()
    assert answer.status_code == 302
    assert answer.url == f"/report/{case.number}/receipt/"
    assert Photo.objects.filter(stream=case.stream).count() == 1
    receipt = client.get(answer.url).content.decode()
    assert case.number in receipt
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", receipt)
    assert Session.objects.count() == 0
