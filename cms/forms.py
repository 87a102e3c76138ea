"""Forms of cms: what a reader may ask of a list, and what an editor may publish."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from foundation.vault.masking import ALWAYS_PRIVATE, Finding, find_private, masked

_MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$", re.ASCII)


def month_of(data: QueryDict) -> date | None:
    """The first day of ``?month=2026-10``; None when it is missing or is no month."""
    match = _MONTH.match(data.get("month", ""))
    return date(int(match[1]), int(match[2]), 1) if match else None


def year_of(data: QueryDict) -> int | None:
    """The year of ``?year=2026``; None when it is missing or is no year of this century."""
    text = data.get("year", "")
    known = len(text) == 4 and text.isascii() and text.isdigit() and text.startswith("20")
    return int(text) if known else None


def short_text(data: QueryDict, name: str, longest: int = 40) -> str:
    """A plain query value, '' when it is missing, too long or holds control characters."""
    value = data.get(name, "")
    return value if len(value) <= longest and value.isprintable() else ""


class ResultForm(WagtailAdminModelForm):
    """Edits a published result and keeps private details out of it.

    Telephone numbers, identity numbers and mail addresses are always refused, with a masked
    suggestion. Building, unit and plate numbers are refused until the editor has said that they
    name a public place.
    """

    places_checked = forms.BooleanField(
        label=_("The numbers of buildings, units or plates in the texts point at no person"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        checked = bool(cleaned.get("places_checked"))
        for name in ("problem", "outcome"):
            text = cleaned.get(name) or ""
            self._refuse(name, text, find_private(text), checked=checked)
        return cleaned

    def _refuse(self, name: str, text: str, found: Iterable[Finding], *, checked: bool) -> None:
        grave = [f.text for f in found if f.kind in ALWAYS_PRIVATE]
        doubtful = [f.text for f in found if f.kind not in ALWAYS_PRIVATE]
        if grave or (doubtful and not checked):
            self.add_error(
                name,
                forms.ValidationError(
                    _(
                        "The text still holds details that may point at a person: %(details)s. "
                        "Suggested wording: %(masked)s"
                    ),
                    code="private",
                    params={
                        "details": "、".join(grave + doubtful),
                        "masked": masked(text),
                    },
                ),
            )
