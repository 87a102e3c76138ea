"""The administration of staff accounts in the staff menu."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.accounts.access import access_of
from foundation.accounts.models import Role
from foundation.ui.menu import Entry, register


def may_administer(request: HttpRequest) -> bool:
    """Whether the reader is an administrator on duty. At most 1 query."""
    return access_of(request.user).has(Role.ADMINISTRATOR)


register(
    Entry(
        path="/accounts/staff/",
        label=_("Staff accounts"),
        icon="users-round",
        order=90,
        allowed=may_administer,
    )
)
