"""Doors of Wagtail's admin that lead elsewhere or stay shut, and its scripts' words."""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.i18n import JavaScriptCatalog
from wagtail.admin.localization import get_localized_response


def sign_in(request: HttpRequest) -> HttpResponse:
    """Send every door of Wagtail's own sign-in to the one sign-in with its second factor."""
    wanted = request.GET.get("next") or reverse("wagtailadmin_home")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    target = wanted if safe else reverse("wagtailadmin_home")
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': target}, quote_via=quote)}")


def closed(request: HttpRequest, rest: str = "") -> HttpResponse:
    """A door of Wagtail that this house keeps closed."""
    raise Http404


_SCRIPT_WORDS = JavaScriptCatalog.as_view(packages=["wagtail.admin", "cms.wording"])


def script_words(request: HttpRequest) -> HttpResponseBase:
    """``/cms/jsi18n/``: the words of the editors' scripts; no query but the user's profile."""
    answer: HttpResponseBase = get_localized_response(_SCRIPT_WORDS, request)
    return answer
