"""The desks of cases in the staff menu."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.policies import DESK_ROLES, FIELD_ROLES
from foundation.accounts.access import access_of
from foundation.accounts.models import Role
from foundation.ui.menu import Entry, register


def may_open_desk(request: HttpRequest) -> bool:
    """Whether the reader has a desk of cases today. At most 1 query."""
    return access_of(request.user).has(*DESK_ROLES)


register(Entry(path="/desk/", label=_("Desk"), icon="inbox", order=10, allowed=may_open_desk))

register(
    Entry(
        path="/desk/supervision/",
        label=pgettext_lazy("supervision", "Supervision"),
        icon="stamp",
        order=15,
        allowed=may_open_desk,
    )
)


def may_recheck(request: HttpRequest) -> bool:
    """Whether the reader judges drawn cases today. At most 1 query."""
    return access_of(request.user).has(Role.FOLLOWUP_CLERK, Role.SUPERVISOR)


register(
    Entry(
        path="/desk/rechecks/",
        label=_("Blind re-checks"),
        icon="scan-search",
        order=16,
        allowed=may_recheck,
    )
)


def may_work_in_the_field(request: HttpRequest) -> bool:
    """Whether the reader may be the handler of a case today. At most 1 query."""
    return access_of(request.user).has(*FIELD_ROLES)


def may_audit(request: HttpRequest) -> bool:
    """Whether the reader is an auditor today. At most 1 query."""
    return access_of(request.user).has(Role.AUDITOR)


register(
    Entry(
        path="/desk/reveals/",
        label=_("Looks at personal data"),
        icon="eye",
        order=15,
        allowed=may_audit,
    )
)
register(
    Entry(
        path="/field/",
        label=_("Field work"),
        icon="smartphone",
        order=20,
        allowed=may_work_in_the_field,
    )
)
