"""The kinds of a case, set by a dispatcher: the main one and further ones."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput, VersionConflict
from complaints.models import Case, Category, FurtherKind
from complaints.performer import Performer
from complaints.selectors.rules import category_by_code
from complaints.services.recording import locked_for, record, seen
from complaints.services.routing import route
from complaints.workflow import Party, State

#: More than so many kinds are several cases.
MOST = 5
#: Until it is sent on, another main kind may mean another owner.
UNSENT = frozenset({State.SUBMITTED, State.ACCEPTED, State.PENDING_DISPATCH})


def set_kinds(
    *,
    case_id: int,
    by: Performer,
    main: str,
    further: Collection[str] = (),
    version: int | None = None,
    key: UUID | None = None,
) -> Case:
    """Give a case its main kind and any further ones, by their codes; a correction teaches.

    Running clocks stay as they are; the proposed owner follows until the case is sent on. Raises
    CaseNotFound, NotPermitted, VersionConflict and InvalidInput (field ``category`` or ``kinds``).
    At most 12 statements.
    """
    category = _known(main, "category")
    others = [_known(code, "kinds") for code in dict.fromkeys(further) if code != main]
    if len(others) >= MOST:
        raise InvalidInput(_("Choose at most five kinds."), field="kinds")
    with transaction.atomic():
        case = locked_for(case_id, by, Party.DISPATCHER)
        if seen(case, key):
            return case
        if version is not None and version != case.version:
            raise VersionConflict(
                _("Somebody changed this case while you were looking. It is now “%(state)s”.")
                % {"state": case.spec.label}
            )
        _set_main(case, category)
        FurtherKind.objects.filter(case=case).delete()
        FurtherKind.objects.bulk_create([FurtherKind(case=case, category=one) for one in others])
        details: dict[str, object] = {
            "category": category.code,
            "kinds": ",".join(one.code for one in others),
        }
        record(case, "kinds", by, key=key, details=details)
    return case


def _set_main(case: Case, category: Category) -> None:
    if case.category_id == category.pk:
        return
    case.category = category
    if case.state in UNSENT:
        case.urgency = category.urgency
        route(case)


def _known(code: str, field: str) -> Category:
    category = category_by_code(code)
    if category is None:
        raise InvalidInput(_("Choose what kind of problem it is."), field=field)
    return category
