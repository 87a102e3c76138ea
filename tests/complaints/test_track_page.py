"""Following one's own report, as plain POST and GET."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from complaints.models import Case
from complaints.services.intake import Receipt
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(client: Client, submit: Callable[..., Receipt]) -> Case:
    """A fresh case whose receipt code was typed in ``client``."""
    receipt = submit()
    assert client.post("/track/", {"code": receipt.code}).status_code == 302
    return receipt.case


@pytest.fixture
def line(cast: Any, opened: Case) -> Line:
    return Line(cast, opened)


def page_of(client: Client, case: Case, **headers: str) -> str:
    answer = client.get(f"/track/{case.number}/", headers=headers or None)
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, case: Case, action: str, **fields: Any) -> Any:
    return client.post(f"/track/{case.number}/{action}/", {"key": str(uuid4()), **fields})


def test_a_right_code_opens_the_case(client: Client, submit: Callable[..., Receipt]) -> None:
    receipt = submit()
    answer = client.post("/track/", {"code": receipt.code})
    assert answer.url == f"/track/{receipt.case.number}/"
    assert "已收到，等待受理" in page_of(client, receipt.case)
