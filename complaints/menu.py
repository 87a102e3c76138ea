"""The desks of cases in the staff menu."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints.policies import DESK_ROLES, FIELD_ROLES
from foundation.accounts.access import access_of
from foundation.ui.menu import Entry, register


def may_open_desk(request: HttpRequest) -> bool:
    """Whether the reader has a desk of cases today. At most 1 query."""
    return access_of(request.user).has(*DESK_ROLES)


register(Entry(path="/desk/", label=_("Desk"), icon="inbox", order=10, allowed=may_open_desk))


def may_work_in_the_field(request: HttpRequest) -> bool:
    """Whether the reader may be the handler of a case today. At most 1 query."""
    return access_of(request.user).has(*FIELD_ROLES)


register(
    Entry(
        path="/field/",
        label=_("Field work"),
        icon="smartphone",
        order=20,
        allowed=may_work_in_the_field,
    )
)
