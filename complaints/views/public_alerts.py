"""Mail alerts without an account: ask, confirm from the mailbox, end with one click."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from complaints.models import AlertSubscription
from complaints.selectors import public_map as points
from complaints.services import alerts
from complaints.services.alerts import CONFIRM, END, Wish, wish_of, words_of
from complaints.services.guessing import source_of
from complaints.views.public_map import wanted_of
from foundation.places.selectors import towns


class AlertForm(forms.Form):
    """One mailbox; area and kind are read like the map's filters."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=200,
        error_messages={
            "required": _("Please write your e-mail address."),
            "invalid": _("Please check the address: it should look like name@example.cn."),
            "max_length": _("Please check the address: it is too long."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    # Only machines fill this in.
    website = forms.CharField(required=False, widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Take in a wish; the answer is the same whether the mailbox is known or not."""
    data = request.POST if request.method == "POST" else None
    wanted = wanted_of(data if data is not None else request.GET)
    form = AlertForm(data)
    if data is not None and form.is_valid():
        if not form.cleaned_data["website"]:
            alerts.ask(
                email=form.cleaned_data["email"],
                wish=Wish(wanted.town, wanted.kind),
                source=source_of(request.META.get("REMOTE_ADDR", "")),
            )
        return redirect("public:alert_asked")
    context = {
        "form": form,
        "errors": [{"href": f"#{form['email'].auto_id}", "text": e} for e in form["email"].errors],
        "wanted": wanted,
        "kinds": points.kinds(),
        "towns": towns(),
    }
    return render(request, "complaints/alerts.html", context, status=200 if data is None else 422)


@require_http_methods(["GET", "HEAD"])
def asked(request: HttpRequest) -> HttpResponse:
    """Say what comes next."""
    return render(request, "complaints/alert_done.html", {"stage": "asked"})


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button, because programs that look into mail open links by themselves."""
    wish = _wish(token, CONFIRM)
    if request.method == "POST":
        alerts.confirm(pk=wish.pk)
        return render(request, "complaints/alert_done.html", _about(wish, "confirmed"))
    return render(request, "complaints/alert_done.html", _about(wish, "confirm"))


# Mail programs post here without a cookie of ours (RFC 8058); the signed link is the right to it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """End a wish: one click in the mail program, or one button here. Twice is no mistake."""
    wish = wish_of(token, END)
    if request.method == "POST" or wish is None:
        if wish is not None:
            alerts.end(pk=wish.pk)
        elif not alerts.is_link(token, END):
            raise Http404
        return render(request, "complaints/alert_done.html", {"stage": "ended"})
    return render(request, "complaints/alert_done.html", _about(wish, "end"))


def _wish(token: str, purpose: str) -> AlertSubscription:
    wish = wish_of(token, purpose)
    if wish is None:
        raise Http404
    return wish


def _about(wish: AlertSubscription, stage: str) -> dict[str, str]:
    return {"stage": stage, "what": words_of(wish)}
