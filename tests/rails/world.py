"""A small district in which every private field holds a mark that occurs nowhere else.

Two cases: ``near`` in the town of the cast's grid worker and street officer, filed by a guest and
owned by that grid; ``far`` in another town, filed from an account and owned by another department.
A mark that turns up in an answer to somebody outside its ``readers`` is a leak.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, override_settings
from shapely.geometry import shape

from cms.models import CatalogueItem, Duty, HomePage, NewsIndexPage, NewsPage, PublishedResult
from complaints.models import Case
from complaints.numbers import grouped
from complaints.selectors import rules
from complaints.services.acts import add_evidence, leave_contact
from complaints.services.intake import Reading, Receipt, Report, submit_report
from complaints.services.transition import perform
from foundation.accounts.models import Post, Role, User
from foundation.accounts.services import sync_groups
from foundation.jobs import worker
from foundation.media.models import Photo
from foundation.media.services import stage
from foundation.places.models import Area
from tests.cast import PARTS, TOTP_SECRET, Cast, sign_in
from tests.cms.request_stories import ask
from tests.complaints.conftest import GUEST, complainant, staff
from tests.foundation.media.specimens import MARKER, marked_jpeg

#: One name per role of the cast, in the order of the matrix.
ROLES = [name for name, part in PARTS.items() if part.role and not name.endswith("2")]
FOREIGNERS = ["grid2", "street2", "bureau2"]
#: Without a duty: guest; a resident with an account; who typed the receipt of ``near``; who filed
#: ``far`` from an account. Then staff whose rights are incomplete or over.
RESIDENTS = ["guest", "resident", "holder", "owner"]
LAPSED = ["no_mfa", "ended"]
VISITORS = [*RESIDENTS, *ROLES, *FOREIGNERS, *LAPSED]

SEES_ALL = {"dispatcher", "followup", "supervisor", "leader", "auditor"}
NEAR_STAFF = SEES_ALL | {"grid", "street"}
FAR_STAFF = SEES_ALL | {"street2", "bureau2"}
EDITORS = {"editor", "admin"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Mark:
    """A private value and the visitors who may read it; ``forms`` are its spellings."""

    name: str
    forms: tuple[bytes, ...]
    readers: frozenset[str]


def mark(name: str, *texts: str | bytes, readers: set[str]) -> Mark:
    forms = tuple(text.encode() if isinstance(text, str) else text for text in texts)
    return Mark(name, forms, frozenset(readers))


def phone_forms(number: str) -> tuple[str, ...]:
    """The ways in which a number may be printed."""
    return (
        number,
        f"{number[:3]} {number[3:7]} {number[7:]}",
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
    )


NEAR_PHONE, OWNER_PHONE = "13961190417", "13961190528"
NEAR_WORDS, FAR_WORDS = "kanari-near-words-5c1e", "kanari-far-words-9b72"
NEAR_ADDRESS, FAR_ADDRESS = "kanari-near-address-18aa", "kanari-far-address-77d0"
NEAR_NOTE, FAR_NOTE = "kanari-near-note-2fd4", "kanari-far-note-e36b"
ASKER_NAME, ASKER_IDENTITY, ASKER_PHONE = "kanari-asker-3d1b", "KANARI7F21", "13961190639"
ASKED_WORDS = "kanari-asked-words-8ac4"
OWNER_EMAIL, OWNER_NAME = "kanari-owner-41c9@example.invalid", "kanari-name-d07e"
DRAFT_WORDS, DRAFT_PAGE = "kanari-draft-result-c3b5", "kanari-draft-page-6a90"


@dataclass
class World:
    """The people, the cases and the marks; ``samples`` fills the addresses of the matrix."""

    cast: Cast
    near: Case
    far: Case
    marks: list[Mark] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def found(self, answer: bytes) -> list[Mark]:
        """The marks in ``answer``, whoever reads it."""
        return [mark for mark in self.marks if any(form in answer for form in mark.forms)]


def build() -> World:
    """Write the world into the open test database. Takes about two seconds."""
    rules.forget()
    cast = Cast()
    owner = _owner()
    near, near_receipt = _near(cast)
    far, far_receipt = _far(cast, owner)
    world = World(cast, near, far)
    world.samples = _samples(world, _publish())
    worker.drain()
    world.marks = _marks(near_receipt, far_receipt)
    world.samples["photo"] = str(Photo.objects.filter(stream=near.stream, state="clean")[0].pk)
    world.clients = _clients(world, owner, near_receipt)
    return world


def _owner() -> User:
    from foundation.accounts.services import people

    owner = User.objects.create_user("owner", OWNER_EMAIL, "x" * 16, display_name=OWNER_NAME)
    people.set_phone(user=owner, phone=OWNER_PHONE, verified=True)
    return owner


def inside(area: Area) -> Reading:
    """A position inside the first grid of ``area``."""
    grid = Area.objects.filter(path__startswith=area.path, geometry__isnull=False).first()
    assert grid is not None
    point = shape(grid.geometry).representative_point()
    return Reading(point.x, point.y)


def marked_photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("kanari-file-name.jpg", marked_jpeg(), "image/jpeg")


def _near(cast: Cast) -> tuple[Case, Receipt]:
    """Filed by a guest with a photo and a telephone, dispatched to the grid, signed for."""
    grid = cast.grid.posts.get().area
    report = Report(
        uuid4(),
        category="waste-household",
        description=f"楼下烧烤店油烟 {NEAR_WORDS}",
        address=f"红梅路 {NEAR_ADDRESS}",
        reading=inside(grid),
        photos=[stage(marked_photo())],
    )
    receipt = submit_report(report=report, by=GUEST)
    case = receipt.case
    leave_contact(case_id=case.pk, by=complainant(case), phone=NEAR_PHONE)
    perform(case_id=case.pk, action="accept", by=staff(cast.dispatcher))
    data = {"owner": f"grid:{grid.code}", "message": f"请速办 {NEAR_NOTE}"}
    perform(case_id=case.pk, action="dispatch", by=staff(cast.dispatcher), data=data)
    perform(case_id=case.pk, action="sign_for", by=staff(cast.grid))
    add_evidence(
        case_id=case.pk, by=staff(cast.grid), purpose="before", photos=[stage(marked_photo())]
    )
    return Case.objects.get(pk=case.pk), receipt


def _far(cast: Cast, owner: User) -> tuple[Case, Receipt]:
    """Filed from an account, dispatched to another department, handed back with a reason."""
    town = cast.street2.posts.get().area
    report = Report(
        uuid4(),
        category="air",
        description=f"夜间异味 {FAR_WORDS}",
        address=f"雕庄路 {FAR_ADDRESS}",
        reading=inside(town),
        account_id=owner.pk,
    )
    receipt = submit_report(report=report, by=GUEST)
    case = receipt.case
    perform(case_id=case.pk, action="accept", by=staff(cast.dispatcher))
    data = {"owner": "department:urban-management", "message": f"请核查 {FAR_NOTE}"}
    perform(case_id=case.pk, action="dispatch", by=staff(cast.dispatcher), data=data)
    return Case.objects.get(pk=case.pk), receipt


def _publish() -> dict[str, str]:
    """One published result and news page, and a draft of each that only editors may read."""
    town = Area.objects.get(name="红梅街道")
    fields = {"area": town, "category": "大气", "closed_on": datetime.date(2026, 10, 3)}
    live = PublishedResult.objects.create(
        number="TN-1", problem="沿街烧烤油烟大。", outcome="已整改。", live=True, **fields
    )
    draft = PublishedResult.objects.create(
        number="TN-2", problem=f"沿街烧烤 {DRAFT_WORDS}", outcome="x", live=False, **fields
    )
    index = NewsIndexPage.objects.get()
    page = NewsPage(title=f"烧烤整治 {DRAFT_PAGE}", slug="draft", live=False, source="本区")
    index.add_child(instance=page)
    page.save_revision()
    found = {"result": live.pk, "draft_result": draft.pk, "draft_page": page.pk, "duty": _duty().pk}
    return {name: str(pk) for name, pk in found.items()}


def _duty() -> Duty:
    """One open duty to publish."""
    item = CatalogueItem.objects.get(code="environment-state")
    return Duty.objects.create(
        item=item, department=item.department, subject_key="district", period="2026-09",
        starts_on=datetime.date(2026, 9, 30), due_on=datetime.date(2026, 11, 5), limit="20wd",
    )  # fmt: skip


def _samples(world: World, published: dict[str, str]) -> dict[str, str]:
    stranger_post = world.cast.grid2.posts.get()
    User.objects.filter(posts__isnull=False).update(is_staff=True)
    return {
        **published,
        "near": world.near.number,
        "far": world.far.number,
        "near_uid": str(world.near.uid),
        "far_uid": str(world.far.uid),
        "home_page": str(HomePage.objects.get().pk),
        "user": str(world.cast.grid2.pk),
        "owner_user": str(User.objects.get(username="owner").pk),
        "post": str(stranger_post.pk),
        "no_uuid": str(UUID(int=7)),
        "request": _information_request(),
    }


def _information_request() -> str:
    """A request whose applicant and words nobody outside the office may read; its number."""
    applicant = {"name": ASKER_NAME, "identity": ASKER_IDENTITY, "phone": ASKER_PHONE}
    return ask(title=ASKED_WORDS, applicant=applicant).request.number


def _marks(near: Receipt, far: Receipt) -> list[Mark]:
    near_read, far_read = NEAR_STAFF | {"holder"}, FAR_STAFF | {"owner"}
    sealed = [str(name) for name in Photo.objects.values_list("sealed_name", flat=True)]
    office = {"editor", "supervisor", "leader", "auditor"}
    return [
        mark("request: words", ASKED_WORDS, readers=office),
        mark("request: applicant", ASKER_NAME, ASKER_IDENTITY, readers=NOBODY),
        mark("request: telephone", *phone_forms(ASKER_PHONE), readers=NOBODY),
        mark("near: description", NEAR_WORDS, readers=near_read),
        mark("near: address", NEAR_ADDRESS, readers=near_read),
        mark("near: internal note", NEAR_NOTE, readers=NEAR_STAFF),
        mark("near: telephone", *phone_forms(NEAR_PHONE), readers=NOBODY),
        mark("near: receipt code", near.code, grouped(near.code), readers=NOBODY),
        mark("far: description", FAR_WORDS, readers=far_read),
        mark("far: address", FAR_ADDRESS, readers=far_read),
        mark("far: internal note", FAR_NOTE, readers=FAR_STAFF),
        mark("far: receipt code", far.code, grouped(far.code), readers=NOBODY),
        mark("complainant: e-mail", OWNER_EMAIL, readers={"owner"}),
        mark("complainant: name", OWNER_NAME, readers={"owner"}),
        mark("complainant: telephone", *phone_forms(OWNER_PHONE), readers={"owner"}),
        mark("photo: metadata", MARKER, readers=NOBODY),
        mark("photo: file name", "kanari-file-name", readers=NOBODY),
        mark("photo: sealed original", *sealed, readers=NOBODY),
        mark("staff: TOTP secret", TOTP_SECRET, readers=NOBODY),
        mark("password hash", "md5$", readers=NOBODY),
        mark("draft of a result", DRAFT_WORDS, readers=EDITORS),
        mark("draft of a page", DRAFT_PAGE, readers=EDITORS),
    ]


def _clients(world: World, owner: User, receipt: Receipt) -> dict[str, Client]:
    clients = {"guest": Client(), "resident": sign_in(world.cast.resident), "owner": sign_in(owner)}
    clients["holder"] = Client()
    clients["holder"].post("/track/", {"code": receipt.code})
    for name in [*ROLES, *FOREIGNERS]:
        clients[name] = sign_in(getattr(world.cast, name))
        sync_groups(user=getattr(world.cast, name))
    clients["no_mfa"] = sign_in(_dispatcher("no_mfa", None))
    session = clients["no_mfa"].session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = session[AUTHENTICATION_METHODS_SESSION_KEY][:1]
    session.save()
    yesterday = datetime.date.today() - datetime.timedelta(days=1)  # noqa: DTZ011
    clients["ended"] = sign_in(_dispatcher("ended", yesterday))
    for client in clients.values():
        client.raise_request_exception = False
    return {name: clients[name] for name in VISITORS}


def _dispatcher(name: str, ends_on: datetime.date | None) -> User:
    user = User.objects.create_user(name, f"{name}@example.invalid", "x" * 16)
    Post.objects.create(
        user=user, role=Role.DISPATCHER, starts_on=datetime.date(2020, 1, 1), ends_on=ends_on
    )
    return user


@contextmanager
def own_world(folder: Path) -> Iterator[World]:
    """Build the world in a transaction of its own, with folders of its own; gone afterwards."""
    folders = {
        "MEDIA_ROOT": folder / "media",
        "SEALED_ROOT": folder / "sealed",
        "CLEAN_ROOT": folder / "clean",
        "OUTBOX_ROOT": folder / "outbox",
        "LEDGER_ANCHOR_FILE": folder / "ledger" / "anchors.jsonl",
    }
    with override_settings(**folders), transaction.atomic():
        try:
            yield build()
        finally:
            transaction.set_rollback(True)
            rules.forget()


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside did not happen afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
