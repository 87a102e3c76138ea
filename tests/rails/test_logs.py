"""A whole main line through the pages leaves nothing private in the logs."""

import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from complaints.models import Case
from foundation.media.models import Photo
from tests.cast import sign_in
from tests.complaints.conftest import Line
from tests.rails.processes import CODE
from tests.rails.world import (
    NEAR_ADDRESS,
    NEAR_NOTE,
    NEAR_PHONE,
    NEAR_WORDS,
    OWNER_EMAIL,
    marked_photo,
    phone_forms,
)

pytestmark = pytest.mark.django_db


class Kept(logging.Handler):
    """Everything that any logger says at INFO or above, as it would be printed."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["line"]["format"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, root = Kept(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_logs_of_a_main_line_hold_nothing_private(
    client: Client, cast: Any, district_pack: str, run_jobs: Callable[[], Any], kept: Kept
) -> None:
    client.raise_request_exception = False
    report = {
        "key": str(uuid4()),
        "category": "air",
        "description": NEAR_WORDS,
        "address": NEAR_ADDRESS,
        "photos": marked_photo(),
    }
    where = client.post("/report/", report).headers["Location"]
    code = CODE.search(client.get(where).content.decode())
    assert code
    case = Case.objects.get()
    contact = where.replace("receipt", "contact")
    client.post(contact, {"phone": f"{NEAR_PHONE}0"})  # wrong first, as people do
    client.post(contact, {"phone": NEAR_PHONE})
    client.post("/track/", {"code": "1" * 16})
    client.post("/track/", {"code": code[0]})
    client.get(f"/track/{case.number}/")
    client.post(f"/track/{case.number}/supplement/", {"message": NEAR_WORDS * 100})
    client.post("/accounts/login/code/", {"email": OWNER_EMAIL})
    client.post("/accounts/login/", {"login": OWNER_EMAIL, "password": "kanari-password-88e1"})
    line = Line(cast, Case.objects.get())
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology", message=NEAR_NOTE)
    desk = sign_in(cast.dispatcher)
    desk.raise_request_exception = False
    desk.get(f"/desk/cases/{case.number}/")
    desk.post(f"/desk/cases/{case.number}/contact/", {"reason": NEAR_NOTE})
    client.get(f"/photos/{Photo.objects.get().pk}/original.jpg")
    client.get("/nowhere/")
    run_jobs()
    said = "\n".join(kept.lines)
    assert "Not Found: /nowhere/" in said, "the logs were not captured"
    private = [
        NEAR_WORDS, NEAR_ADDRESS, NEAR_NOTE, OWNER_EMAIL, "kanari-", code[0],
        code[0].replace(" ", ""), *phone_forms(NEAR_PHONE), Photo.objects.get().sealed_name,
        "GZ-MARKER",
    ]  # fmt: skip
    found = [text for text in private if str(text) in said]
    assert not found, [line for line in kept.lines if any(str(t) in line for t in found)][:5]
