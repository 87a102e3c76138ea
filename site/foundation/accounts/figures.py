"""Who may open the overview: foundation.metrics asks, accounts answer."""

from django.http import HttpRequest

from foundation.accounts.policies import OVERVIEW, access_of, may_enter
from foundation.metrics.registry import allow_overview


@allow_overview
def may_open_overview(request: HttpRequest) -> bool:
    """Leaders, supervisors, auditors and administrators on duty. At most 1 query."""
    return may_enter(access_of(request.user), OVERVIEW)
