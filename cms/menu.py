"""The office for information requests in the staff menu."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cms.policies import REQUEST_ROLES
from foundation.accounts.access import access_of
from foundation.ui.menu import Entry, register


def may_open_requests(request: HttpRequest) -> bool:
    """Whether the reader handles, checks or audits requests today. At most 1 query."""
    return access_of(request.user).has(*REQUEST_ROLES)


register(
    Entry(
        path="/desk/requests/",
        label=_("Requests for information"),
        icon="file-question-mark",
        order=40,
        allowed=may_open_requests,
    )
)
