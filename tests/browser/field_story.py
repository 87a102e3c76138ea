"""Runs in ``manage.py shell`` of the product: one JSON line asks, one answers (see test_field)."""

import json
import sys
from uuid import uuid4

from shapely.geometry import shape

from complaints.demo import GUEST, drawn
from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.services.acts import add_supplement
from complaints.services.intake import Reading, Report, submit_report
from complaints.services.transition import perform
from foundation.accounts.access import access_of
from foundation.accounts.models import User
from foundation.ledger.actor import Actor


def staff(username: str) -> Performer:
    user = User.objects.get(username=username)
    access = access_of(user)
    role = min(str(role) for role in access.roles)
    return Performer(Actor("staff", str(user.pk), role), access=access, account_id=user.pk)


def make(*, signed: bool) -> str:
    grid = User.objects.get(username="grid").posts.get().area
    point = shape(grid.geometry).representative_point()
    report = Report(
        submission_key=uuid4(),
        category="air-cooking-fumes",
        description="烧烤店油烟很大",
        reading=Reading(point.x, point.y),
        photos=[drawn("fumes")],
    )
    case = submit_report(report=report, by=GUEST).case
    perform(case_id=case.pk, action="accept", by=staff("dispatcher"))
    owner = {"owner": f"grid:{grid.code}"}
    perform(case_id=case.pk, action="dispatch", by=staff("dispatcher"), data=owner)
    if signed:
        perform(case_id=case.pk, action="sign_for", by=staff("grid"))
    return case.number


def acts(number: str) -> list[str]:
    found = Act.objects.filter(case__number=number).order_by("ledger_seq")
    return list(found.values_list("action", flat=True))


def supplement(number: str) -> None:
    case = Case.objects.get(number=number)
    by = Performer(Actor("resident", "guest"), receipts=frozenset({case.uid}))
    add_supplement(case_id=case.pk, by=by, message="垃圾又多了")


stories = {
    "task": lambda: make(signed=False),
    "signed": lambda: make(signed=True),
    "acts": acts,
    "supplement": supplement,
}
for line in sys.stdin:
    command, *arguments = json.loads(line)
    print(json.dumps(stories[command](*arguments)), flush=True)
