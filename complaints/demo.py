"""Demonstration cases: a year of synthetic history, and a few live ones for every demo login."""

from io import BytesIO
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image, ImageDraw
from shapely.geometry import shape

from complaints.models import Assist, Case, Channel, SupervisionOrder, System, Track
from complaints.numbers import submission_hash
from complaints.performer import Performer
from complaints.services import assists
from complaints.services.acts import add_evidence, leave_contact
from complaints.services.conflicts import declare_accused
from complaints.services.intake import Reading, Report, Ticket, submit_report
from complaints.services.supervision import answer_order, close_order, issue_order, sign_order
from complaints.services.synthetic import make_cases
from complaints.services.transition import perform
from foundation.accounts.access import access_of
from foundation.ledger.actor import Actor
from foundation.media.services import StagedPhoto, stage
from foundation.places.pack import Changes, Pack, Row
from foundation.places.selectors import area_by_code
from foundation.worktime.services import deadline

GUEST = Performer(Actor("resident", "guest"))
NAMESPACE = uuid5(NAMESPACE_URL, "gongzhi:demo-cases")


def load_demo_cases(pack: Pack) -> Changes:
    """History once, then each live case of ``demo/cases.toml`` that is not there yet."""
    head = pack.row("demo/cases")
    history, seed = head.whole("history"), head.whole("seed")
    years = head.number("years")
    head.raw("case", [])
    head.finish()
    added = 0
    if not Case.objects.filter(is_demo=True).exists():
        added += make_cases(count=history, seed=seed, years=years)
    rows = pack.rows("demo/cases", "case")
    made = sum(_live_case(row) for row in rows)
    return Changes(added=added + made, unchanged=len(rows) - made)


def _live_case(row: Row) -> bool:
    """Report one case and walk it through its acts with the demo staff; False if it is there."""
    key = _key(row.text("key"))
    scene = row.choice("photo", set(SCENES), "")
    report = Report(
        submission_key=key,
        category=row.text("category"),
        description=row.text("text"),
        reading=_middle_of(row.text("grid")),
        photos=[drawn(scene)] if scene else (),
        account_id=_account(row.text("account", "")),
        **_source(row),
    )
    acts = row.rows("acts", ())
    row.finish()
    receipt = submit_report(report=report, by=GUEST)
    if not receipt.is_new:
        return False
    for act in acts:
        _act(receipt.case, act)
    return True


def _source(row: Row) -> dict[str, Any]:
    """Return how a case came in when not by our own form, and its ticket elsewhere."""
    channel = row.choice("channel", set(Channel.values), Channel.WEB)
    track = row.choice("track", set(Track.values), Track.REPORT)
    system = row.choice("system", set(System.values), "")
    number = row.text("ticket", "")
    found: dict[str, Any] = {"channel": Channel(channel), "track": Track(track)}
    if system:
        found["ticket"] = Ticket(System(system), number)
    return found


def _account(username: str) -> int | None:
    found = get_user_model().objects.filter(username=username).values_list("pk", flat=True)
    return found.first() if username else None


def _act(case: Case, row: Row) -> None:
    by = _performer(row.text("by"), case)
    action = row.text("act")
    photo = row.choice("photo", set(SCENES), "")
    inputs = {name: str(value) for name, value in row.data.items() if name not in OWN_FIELDS}
    if action == "evidence":
        purpose = row.choice("purpose", {"before", "after"})
        add_evidence(case_id=case.pk, by=by, purpose=purpose, photos=[drawn(photo or "clean")])
        return
    if action in SHARE_ACTS:
        SHARE_ACTS[action](case, by, inputs)
        return
    perform(case_id=case.pk, action=action, by=by, data=inputs)


def _join(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    main = Case.objects.get(submission_hash=submission_hash(_key(inputs["main"])))
    data = {"main_number": main.number}
    perform(case_id=case.pk, action="merge", by=by, data=data)


def _key(name: str) -> UUID:
    return UUID(bytes=uuid5(NAMESPACE, name).bytes, version=4)


def _report_in(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    """Let the department of ``by`` come to the whistle."""
    share = Assist.objects.get(case=case, is_open=True, department__code__in=by.departments)
    assists.report_in(case_id=case.pk, assist_id=share.pk, by=by)


def _plan(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    assists.set_plan(case_id=case.pk, by=by, plan=inputs["plan"], until=None)


def _task(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    called, words = inputs["departments"], inputs["message"]
    assists.add_task(case_id=case.pk, by=by, departments=called, message=words)


def _leave_contact(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    """Let the complainant leave an invented number, and say how to be known."""
    leave_contact(case_id=case.pk, by=by, phone="13800138000", identity=inputs["identity"])


def _accused(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    declare_accused(case_id=case.pk, by=by, **inputs)


def _supervise(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    issue_order(
        case_id=case.pk,
        by=by,
        colour=inputs["colour"],
        level=inputs.get("level", "order"),
        reason_code=inputs["reason"],
        demand=inputs["demand"],
        note=inputs.get("note", ""),
        due=deadline(timezone.now(), inputs.get("limit", "2wd")).due,
    )


def _open_order(case: Case) -> UUID:
    return SupervisionOrder.objects.get(case=case, is_open=True).uid


def _sign_order(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    sign_order(order_uid=_open_order(case), by=by)


def _answer_order(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    answer_order(order_uid=_open_order(case), by=by, feedback=inputs["feedback"])


def _close_order(case: Case, by: Performer, inputs: dict[str, str]) -> None:
    close_order(order_uid=_open_order(case), by=by, note=inputs["note"])


#: Acts beside the workflow's table: shares of other offices in a case, identity, conflicts.
SHARE_ACTS = {
    "join": _join,
    "supervise": _supervise,
    "sign_order": _sign_order,
    "answer_order": _answer_order,
    "close_order": _close_order,
    "report_in": _report_in,
    "plan": _plan,
    "task": _task,
    "contact": _leave_contact,
    "accused": _accused,
}
OWN_FIELDS = {"by", "act", "photo", "purpose"}


def _performer(name: str, case: Case) -> Performer:
    if name == "complainant":
        return Performer(Actor("resident", "guest"), receipts=frozenset({case.uid}))
    user = get_user_model().objects.get(username=name)
    access = access_of(user)
    role = min(str(role) for role in access.roles)
    return Performer(Actor("staff", str(user.pk), role), access=access, account_id=user.pk)


def _middle_of(grid_code: str) -> Reading | None:
    area = area_by_code(grid_code)
    if area is None or not area.geometry:
        return None
    point = shape(area.geometry).representative_point()
    return Reading(point.x, point.y)


def drawn(scene: str) -> StagedPhoto:
    """Return a staged photo of a drawn scene: demo pictures accuse nobody."""
    picture = Image.new("RGB", (1200, 900), "#cfe3ea")
    SCENES[scene](ImageDraw.Draw(picture))
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=82)
    return stage(SimpleUploadedFile(f"{scene}.jpg", buffer.getvalue(), "image/jpeg"))


def _street(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((0, 620, 1200, 900), fill="#9aa3a0")
    pen.rectangle((80, 160, 460, 640), fill="#d9cbb3")
    pen.rectangle((700, 240, 1120, 640), fill="#c7b79b")
    for left in (130, 250, 370, 750, 880, 1010):
        for top in (300, 420, 540):
            pen.rectangle((left, top, left + 60, top + 70), fill="#8fb0bd")


def _fumes(pen: ImageDraw.ImageDraw) -> None:
    _street(pen)
    pen.rectangle((440, 420, 600, 470), fill="#6c6f70")
    for step in range(9):
        left, top = 580 + step * 45, 380 - step * 32
        pen.ellipse((left, top, left + 110 + step * 12, top + 90), fill="#b9bdbd")


def _dust(pen: ImageDraw.ImageDraw) -> None:
    _street(pen)
    pen.polygon(((300, 700), (600, 480), (920, 700)), fill="#b48a5a")
    for step in range(12):
        pen.ellipse((250 + step * 55, 520 + step % 3 * 40, 380 + step * 60, 640), fill="#d8c3a0")


def _river(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((0, 0, 1200, 380), fill="#bcd3c0")
    pen.polygon(((0, 380), (1200, 300), (1200, 900), (0, 900)), fill="#4a4f3d")
    for left, top in ((200, 520), (420, 640), (700, 560), (900, 720)):
        pen.ellipse((left, top, left + 120, top + 40), fill="#d7d3c4")


def _rubbish(pen: ImageDraw.ImageDraw) -> None:
    _street(pen)
    for left in range(300, 860, 70):
        pen.ellipse((left, 660 + left % 3 * 20, left + 120, 780), fill="#3e4a56")
    pen.rectangle((880, 560, 1020, 780), fill="#2f6b4f")


def _clean(pen: ImageDraw.ImageDraw) -> None:
    _street(pen)
    pen.rectangle((880, 560, 1020, 780), fill="#2f6b4f")
    for left in (120, 320, 560):
        pen.ellipse((left, 560, left + 130, 690), fill="#4f9a63")


SCENES = {"fumes": _fumes, "dust": _dust, "river": _river, "rubbish": _rubbish, "clean": _clean}
