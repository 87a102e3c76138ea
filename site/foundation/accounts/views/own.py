"""Pages of one's own account; signing in itself is allauth's."""

from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import RequestLoginCodeView
from allauth.decorators import rate_limit
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods

from foundation.accounts.access import access_of
from foundation.accounts.forms import CloseAccountForm, SignInCodeForm
from foundation.accounts.phones import masked
from foundation.accounts.policies import home_of
from foundation.accounts.selectors import display_of, phone_of, posts_of, user_of
from foundation.accounts.services import close_account, open_account


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to the place where their work starts."""
    return redirect(home_of(access_of(request.user)))


@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account: what is known, and where to change it."""
    user = user_of(request)
    phone = phone_of(user)
    return render(
        request,
        "accounts/account.html",
        {
            "name": display_of(user),
            "phone": masked(phone) if phone else "",
            "posts": posts_of(user),
            "home": home_of(access_of(user)),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """Let a resident close the account and have its contact data destroyed."""
    if access_of(request.user).is_staff_member:
        raise PermissionDenied
    form = CloseAccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        close_account(user=user_of(request))
        logout(request)
        return render(request, "accounts/closed.html")
    return render(request, "accounts/close.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """There is no separate sign-up: confirming a code opens the account."""
    page = reverse("account_request_login_code")
    return redirect(passthrough_next_redirect_url(request, page, "next"))


@method_decorator(rate_limit(action="signup"), name="dispatch")
class SignInCodeView(RequestLoginCodeView):
    """Send a code to a number or an address; an unknown one gets its account with the code.

    Known or unknown, page, message and status are the same: nobody learns who has an account.
    """

    form_class = SignInCodeForm

    def get_form_class(self) -> type[SignInCodeForm]:
        return SignInCodeForm

    def form_valid(self, form: SignInCodeForm) -> HttpResponseBase:
        if form._user is None:
            form._user = open_account(
                phone=form.cleaned_data["phone"], email=form.cleaned_data["email"]
            )
        answer: HttpResponseBase = super().form_valid(form)
        return answer


sign_in_code = SignInCodeView.as_view()
