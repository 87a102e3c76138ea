"""The conflict register: naming who is complained about, and stepping back from a case."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.inputs import clean_text
from complaints.models import Accused, Assist, Case, Recusal
from complaints.performer import Performer
from complaints.selectors.conflicts import refuse_owner
from complaints.services.clocks import stop_clocks
from complaints.services.digests import digest
from complaints.services.recording import locked_for, record
from complaints.services.transition import perform
from complaints.workflow import OWNED, Party
from foundation.ledger.actor import Actor
from foundation.places.selectors import department_by_code

NAME_LIMIT, REASON_LIMIT = 100, 200
#: Who keeps the register of a case.
REGISTRARS = frozenset({Party.DISPATCHER, Party.SUPERVISOR})
SYSTEM = Performer(Actor.system("conflict-register"))


def declare_accused(
    *, case_id: int, by: Performer, name: str = "", department: str = "", relation: str = "accused"
) -> Case:
    """Enter a firm or body that the case complains about; its department loses the case at once.

    An owner in conflict loses the case to the dispatcher, an open share of it ends. Raises
    CaseNotFound, NotPermitted (the dispatcher and supervisors enter it), InvalidInput.
    """
    named = clean_text(name, longest=NAME_LIMIT, label=_("Firm or body"), field="name")
    known = department_by_code(department) if department else None
    if department and known is None:
        raise InvalidInput(_("Choose a department from the list."), field="department")
    if not named and known is None:
        raise InvalidInput(_("Name the firm or body, or choose a department."), field="name")
    if relation not in Accused.Relation.values:
        raise InvalidInput(_("Choose one from the list."), field="relation")
    with transaction.atomic():
        case = locked_for(case_id, by, *REGISTRARS)
        Accused.objects.create(
            case=case,
            name=named,
            department=known,
            relation=relation,
            declared_at=timezone.now(),
        )
        case.conflict_count += 1
        ended = _end_shares(case, known.pk) if known else 0
        case.assist_count -= ended
        details: dict[str, object] = {"department": department, "relation": relation}
        if named:
            details["name_sha256"] = digest(named)
        record(case, "accused", by, internal=named, details=details)
        _take_from_owner(case)
    return case


def _end_shares(case: Case, department_id: int) -> int:
    """End what the department was called for, its clocks void. Three statements at most."""
    mine = Assist.objects.filter(case=case, department_id=department_id, is_open=True)
    clocks = [pk for pk in mine.values_list("clock_id", flat=True) if pk is not None]
    for pk in clocks:
        stop_clocks(case, (), at=timezone.now(), void=True, only=pk)
    return mine.update(is_open=False)


def _take_from_owner(case: Case) -> None:
    """Bring the case back to the dispatcher if its owner is now in conflict."""
    if case.state not in OWNED:
        return
    try:
        refuse_owner(case, case.owner_department, case.owner_grid)
    except InvalidInput:
        perform(
            case_id=case.pk,
            action="take_over",
            by=SYSTEM,
            data={"message": gettext("The owner is complained about in this case.")},
        )
        case.refresh_from_db()


def recuse(*, case_id: int, by: Performer, reason: str) -> Case:
    """Step back from a case (回避, 信访工作条例 Art 28): whoever does may read, no longer act.

    Raises CaseNotFound, NotPermitted (nothing to step back from, or done already), InvalidInput.
    """
    said = clean_text(reason, longest=REASON_LIMIT, label=_("Reason"), field="reason")
    if not said:
        raise InvalidInput(_("Please say why you step back."), code="required", field="reason")
    with transaction.atomic():
        case = locked_for(case_id, by, *STAFF)
        Recusal.objects.create(case=case, user_id=int(by.actor.id), declared_at=timezone.now())
        case.conflict_count += 1
        if case.handler_id == int(by.actor.id):
            case.handler = None
        record(case, "recuse", by, internal=said)
    return case


STAFF = tuple(party for party in Party if party not in {Party.COMPLAINANT, Party.SYSTEM})
