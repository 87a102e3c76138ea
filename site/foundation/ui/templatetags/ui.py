"""Template tags of the interface: ``{% load ui %}``."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape

import segno
from django import template
from django.forms.boundfield import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from foundation.ui import clock, icons, menu, wording
from foundation.ui.options import options_html

register = template.Library()

STATE_ICONS = {
    "new": "inbox",
    "accepted": "circle-check",
    "dispatched": "send",
    "working": "hammer",
    "need-info": "message-circle-reply",
    "checking": "search",
    "closed": "circle-check-big",
    "reopened": "rotate-ccw",
    "rejected": "ban",
    "supervised": "stamp",
    "overdue": "siren",
}
CHOICE_WIDGETS = {"radioselect", "checkboxselectmultiple"}


@register.simple_tag
def script(name: str) -> SafeString:
    """``{% script "complaints/report" %}``: the bundle of complaints/frontend/report.js."""
    return format_html('<script type="module" src="{}"></script>', static(f"build/{name}.js"))


@register.simple_tag
def stylesheet(name: str, media: str = "") -> SafeString:
    """``{% stylesheet "complaints/report" %}``: the bundle of complaints/frontend/report.css."""
    wanted = format_html(' media="{}"', media) if media else ""
    return format_html('<link rel="stylesheet" href="{}"{}>', static(f"build/{name}.css"), wanted)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """``{% icon "camera" %}``: inline SVG; ``size`` is small, large or huge.

    An icon is decoration beside a word and hidden from screen readers, unless ``label`` names it.
    """
    if label:
        return _drawn(name, size, format_html('role="img" aria-label="{}"', label))
    return _decoration(name, size)


@lru_cache(maxsize=512)
def _decoration(name: str, size: str) -> SafeString:
    """Lists draw the same few icons hundreds of times."""
    return _drawn(name, size, 'aria-hidden="true"')


def _drawn(name: str, size: str, role: str) -> SafeString:
    kind = f" gz-icon--{size}" if size else ""
    return format_html(
        '<svg class="gz-icon{}" viewBox="0 0 24 24" width="24" height="24" focusable="false" {}>'
        "{}</svg>",
        kind,
        mark_safe(role),  # noqa: S308 - a literal or the output of format_html
        mark_safe(icons.drawing(name)),  # noqa: S308 - our own committed drawings
    )


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | date | None, style: str = "near") -> str:
    """``{% moment case.created %}``: a ``<time>``; style near, full or date. Empty for None.

    The reference is ``now`` of the context when a view sets one, so that a page agrees with itself.
    """
    if at is None:
        return ""
    if not isinstance(at, datetime):
        return format_html(
            '<time datetime="{}">{}</time>', at.isoformat(), formats.date_format(at, "DATE_FORMAT")
        )
    local = timezone.localtime(at)
    if style == "date":
        return format_html(
            '<time datetime="{}">{}</time>', local.date().isoformat(), clock.date_text(at)
        )
    full = clock.full_text(at)
    now = context.get("now") or timezone.now()
    text = full if style == "full" else clock.moment_text(at, now=now)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), full, text
    )


@register.simple_tag(takes_context=True)
def countdown(
    context: Context,
    due: datetime | None,
    start: datetime | None = None,
    now: datetime | None = None,
    working_days: int | None = None,
    short: bool = False,
) -> SafeString:
    """``{% countdown case.due case.accepted_at %}``: word, icon and colour of a deadline.

    ``short`` leaves the date out. Drawn here, not by a template: lists have one in every row.
    """
    if not due:
        return SafeString("")
    left = clock.countdown(
        due, start=start, now=now or context.get("now"), working_days=working_days
    )
    drawing = icon(left.icon, size="small")
    date = "" if short else f'<span class="gz-countdown__due">{due_text(due)}</span>'
    return mark_safe(  # noqa: S308 - words are escaped, the rest is drawn by our own tags
        f'<span class="gz-countdown gz-countdown--{left.stage.value}">{drawing}'
        f'<span class="gz-countdown__word">{escape(left.word)}</span>'
        f'<span class="gz-countdown__text">{escape(left.text)}</span>{date}</span>'
    )


@register.simple_tag
def due_text(due: datetime) -> str:
    """``{% due_text due %}``: "by 11月25日 17:30" as a ``<time>``."""
    local = timezone.localtime(due)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="minutes"),
        clock.full_text(due),
        _("by %(moment)s") % {"moment": clock.short_text(due, now=timezone.now())},
    )


@register.simple_tag
def chip(state: str, label: object, picture: str = "") -> SafeString:
    """``{% chip case.spec.chip case.spec.label %}``: a state as word, icon and colour together.

    Drawn here, not by a template: lists have one in every row. ``picture`` names another icon.
    """
    drawing = icon(picture or STATE_ICONS.get(state, "circle-dot"), size="small")
    return mark_safe(  # noqa: S308 - both texts are escaped
        f'<span class="gz-chip gz-chip--{escape(state)}">{drawing}{escape(str(label))}</span>'
    )


@register.simple_tag
def options(choices: Iterable[tuple[object, object]], chosen: object = "") -> SafeString:
    """``{% options pairs "air" %}``: the ``<option>`` elements of (value, label) pairs."""
    return options_html(choices, {str(chosen)})


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    """``{% qr url %}``: an inline SVG code with alternative text, ≥ 25 mm on paper."""
    code = segno.make_qr(text, error="m")
    width, height = code.symbol_size(border=4)
    path = " ".join(
        f"M{column + 4} {row + 4}h1v1h-1z"
        for row, line in enumerate(code.matrix)
        for column, dark in enumerate(line)
        if dark
    )
    return format_html(
        '<svg class="gz-qr" viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'shape-rendering="crispEdges"><path class="gz-qr__paper" d="M0 0h{}v{}H0z"/>'
        '<path class="gz-qr__ink" d="{}"/></svg>',
        width,
        height,
        label or _("QR code that opens %(text)s") % {"text": text},
        width,
        height,
        path,
    )


@register.simple_tag
def ratio(part: int | Decimal, whole: int | Decimal, digits: int = 1) -> str:
    """``{% ratio 628 645 %}`` → ``628/645 97.4%``; a whole of 0 is "no data", never 0 %."""
    if not whole:
        return format_html('<span class="gz-ratio">{}</span>', _("no data"))
    return format_html(
        '<span class="gz-ratio"><span class="gz-ratio__counts">{}/{}</span> '
        '<span class="gz-ratio__share">{}</span></span>',
        thousands(part),
        thousands(whole),
        percent(Decimal(part) * 100 / Decimal(whole), digits),
    )


@register.simple_tag
def share(part: int | Decimal, whole: int | Decimal, digits: int = 1) -> str:
    """``{% share 628 645 %}`` → ``97.4%`` (without the counts: print them beside it)."""
    return percent(Decimal(part) * 100 / Decimal(whole), digits) if whole else _("no data")


@register.filter
def percent(value: Decimal | float | int | None, digits: int = 1) -> str:
    """``{{ 97.43|percent }}`` → ``97.4%``; a rate below 100 is never rounded up to 100 %."""
    if value is None:
        return _("no data")
    exact = Decimal(str(value))
    rounded = round(exact, int(digits))
    if exact < 100 <= rounded:
        rounded = Decimal(100) - Decimal(1).scaleb(-int(digits))
    text = f"{rounded:.{int(digits)}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


@register.filter
def thousands(value: int | Decimal | float | None) -> str:
    """``{{ 8000|thousands }}`` → ``8,000``."""
    return "–" if value is None else f"{value:,}"


@register.filter
def spaced(code: str) -> str:
    """``{{ code|spaced }}``: groups of four, easy to read out: ``1234 5678 9012 3456``."""
    plain = "".join(str(code).split())
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))


@register.simple_tag
def field_input(field: BoundField, hint: str = "") -> SafeString:
    """Draw a field's control with our class, its hint and error named for screen readers."""
    own = str(field.field.widget.attrs.get("class", ""))
    kind = field.widget_type
    base = "gz-choice__input" if kind in CHOICE_WIDGETS | {"checkbox"} else "gz-field__input"
    described = []
    if hint or field.help_text:
        described.append(f"{field.auto_id}_hint")
    if field.errors:
        described.append(f"{field.auto_id}_error")
    attrs: dict[str, str | bool] = {"class": f"{base} {own}".strip()}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.simple_tag
def summary_line(field: BoundField, message: str) -> str:
    """An error as the summary says it: a generic message gets its field's name in front."""
    if wording.names_its_field(message):
        return message
    return _("%(label)s: %(message)s") % {"label": field.label, "message": message}


@register.filter
def is_choice_list(field: BoundField) -> bool:
    """Whether the control is a list of radio buttons or check boxes and needs a fieldset."""
    return field.widget_type in CHOICE_WIDGETS


@register.simple_tag(takes_context=True)
def staff_menu(context: Context) -> list[menu.Entry]:
    """The desks that the signed-in reader may open; a view may set ``staff_menu`` itself."""
    chosen = context.get("staff_menu")
    if chosen is not None:
        return list(chosen)
    request = context.get("request")
    return menu.entries_for(request) if request else []


@register.simple_tag(takes_context=True)
def desk_at(context: Context, desks: list[menu.Entry]) -> str:
    """The address of the desk that this page lies in, '' when none."""
    request = context.get("request")
    return menu.desk_at(request.path, desks) if request else ""


@register.simple_tag(takes_context=True)
def current(context: Context, path: str) -> SafeString:
    """``<a href="/report/" {% current "/report/" %}>``: marks the link of the page being read."""
    request = context.get("request")
    here = getattr(request, "path", "")
    if here == path:
        return mark_safe('aria-current="page"')
    inside = path != "/" and here.startswith(path)
    return mark_safe('aria-current="true"' if inside else "")  # noqa: S308 - literals
