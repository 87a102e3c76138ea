"""API v1: public reads, reports with a key, and the work of a department's own system."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.api import schemas
from complaints.api.operations import Call, Parameter, operation
from complaints.api.problems import BadRequest, answer
from complaints.errors import CaseNotFound, InvalidInput, NotPermitted
from complaints.inputs import FIELDS, OPTIONAL
from complaints.models import Case, Channel, LocationSource, Track
from complaints.performer import Performer
from complaints.selectors import api
from complaints.selectors.desk import find_case
from complaints.selectors.public_statistics import EXPLAINED
from complaints.services.clients import performer_of_client, submit_for_client
from complaints.services.intake import Reading, Report
from complaints.services.transition import perform
from foundation.metrics.period import Period
from foundation.metrics.selectors import shown_figures

AFTER = Parameter("after", gettext_lazy("The “next” of the page before"), schemas.text(60))
NUMBER = Parameter("number", gettext_lazy("Number of the case"), schemas.text(24), "path")


@operation(
    "categories", "GET", "categories", gives="Category", is_list=True,
    summary=gettext_lazy("Kinds of problems"),
)  # fmt: skip
def categories(call: Call) -> HttpResponse:
    return answer(api.category_list())


@operation(
    "areas", "GET", "areas", gives="Area", is_list=True,
    summary=gettext_lazy("Towns and streets"),
)  # fmt: skip
def areas(call: Call) -> HttpResponse:
    return answer(api.area_list())


@operation(
    "cases", "GET", "cases", gives="PublicCaseList",
    summary=gettext_lazy("Public cases, newest first, 100 a page"),
    parameters=(
        Parameter("category", gettext_lazy("Code of a kind"), schemas.text(60)),
        Parameter("town", gettext_lazy("Code of a town or street"), schemas.text(32)),
        Parameter("status", gettext_lazy("open or closed"),
                  {"type": "string", "enum": ["open", "closed"]}),
        Parameter("since", gettext_lazy("Changed on this day or later"), schemas.DAY),
        AFTER,
    ),
)  # fmt: skip
def cases(call: Call) -> HttpResponse:
    asked = call.parameters
    wanted = api.Wanted(
        category=asked.get("category", ""),
        town=asked.get("town", ""),
        status=asked.get("status", ""),
        since=_day(asked.get("since", "")),
        after=asked.get("after", ""),
    )
    if wanted.status not in {"", "open", "closed"}:
        raise InvalidInput(_("status is open or closed."), field="status")
    return answer(api.public_cases(wanted))


@operation(
    "case", "GET", "cases/{id}", gives="PublicCase",
    summary=gettext_lazy("One public case"),
    parameters=(Parameter("id", gettext_lazy("Public id of a case"), schemas.UUID4, "path"),),
)  # fmt: skip
def case(call: Call) -> HttpResponse:
    found = api.public_case(str(_uuid(call.parameters["id"])))
    if found is None:
        raise CaseNotFound(_("There is no request with this id."))
    return answer(found)


@operation(
    "report", "POST", "cases", takes="Report", gives="Receipt", needs="key", status=201,
    summary=gettext_lazy("Send a report; the header Idempotency-Key makes repeating harmless"),
)  # fmt: skip
def report(call: Call) -> HttpResponse:
    receipt, public_id = submit_for_client(client=call.known_client, report=_report(call))
    given = {"id": str(public_id), "number": receipt.case.number, "code": receipt.code}
    return answer(given, 201 if receipt.is_new else 200)


@operation(
    "statistics", "GET", "statistics/{month}", gives="Month",
    summary=gettext_lazy("The rates of a month, as the statistics page shows them"),
    parameters=(
        Parameter("month", gettext_lazy("A month like 2026-10"), schemas.text(7), "path"),
    ),
)  # fmt: skip
def statistics(call: Call) -> HttpResponse:
    period = _month(call.parameters["month"])
    rates = [
        {
            "code": shown.metric.code,
            "title": str(shown.metric.title),
            "numerator": int(shown.figure.numerator),
            "denominator": int(shown.figure.denominator),
            "percent": float(shown.figure.value) if shown.figure.value is not None else None,
            "as_of": timezone.localtime(shown.figure.as_of).isoformat("T", "seconds"),
        }
        for shown in shown_figures(period, EXPLAINED)
    ]
    return answer({"period": str(period), "rates": rates})


@operation(
    "work", "GET", "work/cases", gives="WorkCaseList", needs="work", parameters=(AFTER,),
    summary=gettext_lazy("Open cases of the key's department"),
)  # fmt: skip
def work(call: Call) -> HttpResponse:
    return answer(api.work_cases(_performer(call), call.parameters.get("after", "")))


@operation(
    "work-case", "GET", "work/cases/{number}", gives="WorkCaseWhole", needs="work",
    parameters=(NUMBER,), summary=gettext_lazy("One case of the department, and what can be done"),
)  # fmt: skip
def work_case(call: Call) -> HttpResponse:
    by = _performer(call)
    return _whole(by, _case(by, call.parameters["number"]))


@operation(
    "act", "POST", "work/cases/{number}/acts", takes="ActInput", gives="WorkCaseWhole",
    needs="work", parameters=(NUMBER,),
    summary=gettext_lazy("Act on a case: the version is what was seen, so that nobody overwrites"),
)  # fmt: skip
def act(call: Call) -> HttpResponse:
    by = _performer(call)
    found = _case(by, call.parameters["number"])
    action, given = call.body["action"], call.body.get("inputs", {})
    row = next((row for row in api.working_rows(by, found) if row.action == action), None)
    if row is not None:
        known = (*row.required, *OPTIONAL.get(action, ()))
        unknown = [name for name in given if name not in known or name not in FIELDS]
        if unknown:
            sentence = _("There is no such field: %(what)s.") % {"what": ", ".join(unknown)}
            raise BadRequest(sentence, [{"field": f"inputs.{unknown[0]}", "detail": sentence}])
    elif found.version == call.body["version"]:
        raise NotPermitted(_("This step belongs to somebody else."))
    key = _uuid(call.body["key"]) if "key" in call.body else None
    done = perform(
        case_id=found.pk, action=action, by=by, data=given, version=call.body["version"], key=key
    )
    left = find_case(by, done.number)
    return _whole(by, left) if left else _gone(by, done)


def _whole(by: Performer, found: Case) -> HttpResponse:
    return answer({"case": api.work_case(by, found), "offers": api.offers(by, found)})


def _gone(by: Performer, done: Case) -> HttpResponse:
    """Handed on by the act: its new state is told, nothing more is offered."""
    return answer({"case": api.work_case(by, done), "offers": []})


def _performer(call: Call) -> Performer:
    return performer_of_client(call.known_client)


def _case(by: Performer, number: str) -> Case:
    found = find_case(by, number)
    if found is None:
        raise CaseNotFound(_("There is no such case here."))
    return found


def _report(call: Call) -> Report:
    body: dict[str, Any] = call.body
    point = [body.get(name) for name in ("longitude", "latitude")]
    if (point[0] is None) != (point[1] is None):
        raise InvalidInput(_("Give longitude and latitude, or neither."), field="longitude")
    if point[0] is None and not body.get("address", "").strip():
        raise InvalidInput(_("Give longitude and latitude, or address."), field="address")
    contact = {name: body[name].strip() for name in ("name", "phone") if body.get(name)}
    return Report(
        submission_key=_key(call),
        category=body["category"],
        description=body.get("description", ""),
        address=body.get("address", ""),
        reading=Reading(float(point[0]), float(point[1]), source=LocationSource.PIN)
        if point[0] is not None and point[1] is not None
        else None,
        track=Track.REPORT,
        channel=Channel.API,
        contact=contact,
    )


def _key(call: Call) -> UUID:
    given = call.request.headers.get("Idempotency-Key", "")
    if not given:
        return uuid4()
    found = _uuid(given)
    if found.version != 4:
        raise InvalidInput(_("Idempotency-Key is a UUID of version 4."), field="Idempotency-Key")
    return found


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise InvalidInput(_("%(what)s is no UUID.") % {"what": given[:40]}, field="id") from error


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        said = _("%(name)s is a day like 2026-11-23.") % {"name": "since"}
        raise InvalidInput(said, field="since") from error


def _month(given: str) -> Period:
    try:
        found = Period.parse(given)
    except ValueError as error:
        raise InvalidInput(_("month is like 2026-10."), field="month") from error
    if found.kind != "month":
        raise InvalidInput(_("month is like 2026-10."), field="month")
    return found
