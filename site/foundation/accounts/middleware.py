"""The gate of every staff area: a post in force and a second factor, whatever the view forgets."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from foundation.accounts.access import access_of
from foundation.accounts.models import User
from foundation.accounts.policies import has_second_factor, may_enter, staff_area_of
from foundation.accounts.services import sync_groups

#: Password pages that Wagtail brings along; they know neither rate limits nor second factors.
CLOSED_DOORS = ("/cms/login/", "/cms/password_reset/", "/_util/login/")

#: Screens of Wagtail's that show residents' accounts and change people and rights past posts,
#: second factor and ledger. Our own page is there instead.
OURS_INSTEAD = ("/cms/users/", "/cms/groups/")

#: A page of Wagtail's that fails on purpose.
NO_PAGE = "/cms/failwhale/"


class StaffSecondFactorMiddleware:
    """Lets only staff on duty, signed in with a second factor, into the staff areas.

    Residents' pages pass untouched and cost nothing here. Inside a staff area: 1 query for the
    posts, and one for the authenticator only when the session lacks the second factor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._stop(request)
        return answer if answer is not None else self.get_response(request)

    def _stop(self, request: HttpRequest) -> HttpResponse | None:
        if request.path.startswith(CLOSED_DOORS):
            return redirect_to_login(_safe_target(request))
        area = staff_area_of(request.path)
        if area is None:
            return None
        if not request.user.is_authenticated:
            return _sign_in(request)
        if not may_enter(access_of(request.user), area):
            raise PermissionDenied
        if not has_second_factor(request):
            return _prove(request)
        return self._stop_in_cms(request, request.user) if area == "/cms/" else None

    def _stop_in_cms(self, request: HttpRequest, user: User) -> HttpResponse | None:
        if request.path.startswith(OURS_INSTEAD):
            return redirect("accounts_staff")
        if request.path.startswith(NO_PAGE):
            raise Http404
        if user.rights_checked_on != timezone.localdate():
            sync_groups(user=user)
        return None


def _safe_target(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    return wanted if wanted.startswith("/cms/") and "//" not in wanted else "/accounts/home/"


def _sign_in(request: HttpRequest) -> HttpResponse:
    if _wants_json(request):
        return _problem("sign_in", _("Please sign in again."), 401)
    target = request.get_full_path() if request.method in {"GET", "HEAD"} else "/accounts/home/"
    return redirect_to_login(target)


def _prove(request: HttpRequest) -> HttpResponse:
    if _wants_json(request):
        return _problem("second_factor", _("Please sign in with your code again."), 401)
    target = request.get_full_path() if request.method in {"GET", "HEAD"} else "/accounts/home/"
    known = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
    page = reverse("mfa_reauthenticate" if known else "mfa_activate_totp")
    return redirect(f"{page}?{urlencode({'next': target})}")


def _wants_json(request: HttpRequest) -> bool:
    """Scripts that ask for JSON get an answer they can read instead of a page to follow."""
    accepts = request.headers.get("Accept", "")
    return "json" in accepts and "text/html" not in accepts


def _problem(code: str, title: str, status: int) -> JsonResponse:
    return JsonResponse(
        {"type": "about:blank", "title": title, "status": status, "code": code},
        status=status,
        content_type="application/problem+json",
    )
