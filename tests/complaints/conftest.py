"""Cases for tests: short ways to a report and to any state of the main line."""

import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from complaints.models import Case
from complaints.performer import Performer
from complaints.selectors import rules
from complaints.services.intake import Reading, Receipt, Report, submit_report
from complaints.services.transition import perform
from foundation.accounts.access import access_of
from foundation.accounts.models import User
from foundation.ledger import live
from foundation.ledger.actor import Actor

GUEST = Performer(Actor(kind="resident", id="guest"))
SYSTEM = Performer(Actor.system("worker"))


@pytest.fixture(autouse=True)
def _fresh_rules(request: pytest.FixtureRequest) -> None:
    """Categories and clocks are kept per process; every test starts without."""
    rules.forget()


@pytest.fixture
def worker_follows(channel_layer: Any, transactional_db: None) -> Iterator[None]:
    """With Redis a worker tells the news; with the in-memory layer this thread ends at once."""
    stop = threading.Event()
    thread = threading.Thread(target=live.follow, args=[stop])
    thread.start()
    yield
    stop.set()
    thread.join(timeout=20)


def jpeg(name: str = "photo.jpg", *, colour: str = "olive") -> SimpleUploadedFile:
    """A real, small JPEG as a browser would send it."""
    buffer = BytesIO()
    Image.new("RGB", (64, 48), colour).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def located_jpeg(lon: float, lat: float, *, taken: str = "") -> SimpleUploadedFile:
    """A JPEG whose EXIF block holds a position (north and east) and perhaps a time."""
    exif = Image.Exif()
    exif[IFD.GPSInfo] = {
        GPS.GPSLatitudeRef: "N",
        GPS.GPSLatitude: _degrees(lat),
        GPS.GPSLongitudeRef: "E",
        GPS.GPSLongitude: _degrees(lon),
    }
    if taken:
        exif[Base.DateTime] = taken
    buffer = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "JPEG", exif=exif)
    return SimpleUploadedFile("here.jpg", buffer.getvalue(), "image/jpeg")


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value % 1) * 60
    return (int(value), int(minutes), round((minutes % 1) * 60, 4))


def staff(user: User) -> Performer:
    """The performer that a signed-in member of staff is."""
    access = access_of(user)
    role = sorted(str(role) for role in access.roles)[0]
    return Performer(Actor("staff", str(user.pk), role), access=access, account_id=user.pk)


def complainant(case: Case) -> Performer:
    """Somebody who showed the receipt of ``case``."""
    return Performer(Actor("resident", "guest"), receipts=frozenset({case.uid}))


@pytest.fixture
def submit(district_pack: str) -> Callable[..., Receipt]:
    """``submit(description=…)``: a small air complaint, unless told otherwise."""

    def submitting(**parts: Any) -> Receipt:
        known: dict[str, Any] = {
            "submission_key": uuid4(),
            "category": "air",
            "description": "楼下烧烤店的油烟一直飘进来",
            **parts,
        }
        return submit_report(report=Report(**known), by=GUEST)

    return submitting


class Line:
    """Walks a case along the main line with the named cast."""

    def __init__(self, cast: Any, case: Case) -> None:
        self.cast, self.case = cast, case

    def act(self, who: str, action: str, **data: str) -> Case:
        """Let a member of the cast, ``complainant`` or ``system`` perform ``action``."""
        by = {"complainant": complainant(self.case), "system": SYSTEM}.get(who)
        performer = by or staff(getattr(self.cast, who))
        self.case = perform(
            case_id=self.case.pk,
            action=action,
            by=performer,
            data=data,
            version=self.case.version,
        )
        return self.case


__all__ = ["GUEST", "SYSTEM", "Line", "Reading", "complainant", "jpeg", "located_jpeg", "staff"]
