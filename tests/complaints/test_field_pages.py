"""What grid staff see on their phones, as plain pages."""

import pytest

pytestmark = pytest.mark.django_db


def test_nothing_to_do_is_said(staff_client, district_pack):
    page = staff_client("grid").get("/field/")
    assert page.status_code == 200
