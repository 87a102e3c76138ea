"""Hints of a demonstration: ``{% load accounts_demo %}``. Everything is empty without DEMO=1."""

from django import template
from django.conf import settings
from django.template import Context

from foundation.accounts import demo
from foundation.accounts.errors import NoSecondFactor
from foundation.places.pack import Pack

register = template.Library()


@register.simple_tag(takes_context=True)
def demo_people(context: Context) -> list[demo.Login]:
    """The accounts to try; also sets ``demo_password`` for the partial that lists them."""
    people = demo.logins()
    if people:
        row = Pack(settings.DISTRICT_PACK).row("demo/staff")
        context["demo_password"] = row.text("password")
    return people


@register.simple_tag(takes_context=True)
def demo_authenticator_code(context: Context) -> str:
    """What the authenticator of the demonstration user at this page shows now, or ''."""
    if not settings.DEMO:
        return ""
    request = context["request"]
    stage = getattr(request, "_login_stage", None)
    user = stage.login.user if stage else request.user
    try:
        return demo.current_code(user) if user and user.pk else ""
    except NoSecondFactor:
        return ""


@register.simple_tag(takes_context=True)
def demo_sent_code(context: Context) -> str:
    """The code that was just "sent" from this page; a demonstration has no gateway. Or ''."""
    stage = getattr(context["request"], "_login_stage", None)
    if not settings.DEMO or stage is None:
        return ""
    return str(stage.state.get("code", ""))
