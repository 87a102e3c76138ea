"""Administration of staff accounts and their posts; administrators only."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foundation.accounts.errors import PostRefused
from foundation.accounts.forms import PostForm, StaffForm
from foundation.accounts.models import Post, Role, User
from foundation.accounts.policies import require_roles
from foundation.accounts.selectors import actor_of, posts_of, staff_accounts
from foundation.accounts.services import (
    deactivate_user,
    end_post,
    grant_post,
    open_staff_account,
    reactivate_user,
    reset_sign_in,
)

only_administrators = require_roles(Role.ADMINISTRATOR)


@only_administrators
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List staff accounts with their posts in force; ``q`` searches names."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:60]
    context = {"people": staff_accounts(query), "query": query}
    return render(request, "accounts/staff/index.html", context)


@only_administrators
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Open an account; its first password is shown once, to hand over in person."""
    form = StaffForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/staff/create.html", {"form": form})
    user, password = open_staff_account(actor=actor_of(request), **form.cleaned_data)
    return render(request, "accounts/staff/password.html", {"person": user, "password": password})


@only_administrators
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one account with its posts; a POST grants a post."""
    person = _person(user_id)
    form = PostForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            grant_post(actor=actor_of(request), user=person, **form.cleaned_data)
        except PostRefused as refusal:
            form.add_error(None, str(refusal.sentence))
        else:
            messages.success(request, _("The post is granted."))
            return redirect("accounts_staff_detail", user_id=person.pk)
    context = {"person": person, "posts": posts_of(person), "form": form}
    return render(request, "accounts/staff/detail.html", context)


@only_administrators
@require_POST
def end(request: HttpRequest, user_id: int, post_id: int) -> HttpResponse:
    """End a post from now on."""
    post = get_object_or_404(Post.objects.select_related("user"), pk=post_id, user_id=user_id)
    end_post(actor=actor_of(request), post=post)
    messages.success(request, _("The post has ended."))
    return redirect("accounts_staff_detail", user_id=user_id)


@only_administrators
@require_POST
def act(request: HttpRequest, user_id: int, action: str) -> HttpResponse:
    """Shut somebody out, let them in again, or give them a fresh start at signing in."""
    person = _person(user_id)
    if person == request.user:
        messages.error(request, _("You cannot do this to your own account."))
        return redirect("accounts_staff_detail", user_id=user_id)
    if action == "reset":
        password = reset_sign_in(actor=actor_of(request), user=person)
        context = {"person": person, "password": password}
        return render(request, "accounts/staff/password.html", context)
    _ACTIONS[action](request, person)
    return redirect("accounts_staff_detail", user_id=user_id)


def _deactivate(request: HttpRequest, person: User) -> None:
    deactivate_user(actor=actor_of(request), user=person, reason="by an administrator")
    messages.success(request, _("The account is off and signed out everywhere."))


def _reactivate(request: HttpRequest, person: User) -> None:
    reactivate_user(actor=actor_of(request), user=person, reason="by an administrator")
    messages.success(request, _("The account is on again."))


_ACTIONS: dict[str, Callable[[HttpRequest, User], None]] = {
    "deactivate": _deactivate,
    "reactivate": _reactivate,
}


def _person(user_id: int) -> User:
    """Return a staff account; residents' accounts are not for administrators to open."""
    person = User.objects.filter(pk=user_id, is_staff=True).first()
    if person is None:
        raise Http404
    return person
