"""The queue: whose cases, in which order, under which tabs, with how few queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from complaints.services.intake import Receipt

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]


def test_the_dispatcher_starts_with_new_reports(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    page = staff_client("dispatcher").get("/desk/")
    assert page.status_code == 200
    assert case.number in page.content.decode()
    again = staff_client("dispatcher").get(f"/desk/cases/{case.number}/")
    assert again.status_code == 200
