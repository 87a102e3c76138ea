"""What people enter by hand for the yearly report: reviews and lawsuits, problems and plans."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.inforequest_errors import InvalidInput, NotPermitted
from cms.inforequest_inputs import clean
from cms.inforequest_workflow import Text
from cms.models import YearlyEntry
from cms.performer import Performer
from cms.policies import REQUEST_EDITORS
from foundation.ledger.services import append

HAND_FIGURES: dict[str, Text] = {
    "review_upheld": _("Administrative reviews: upheld"),
    "review_corrected": _("Administrative reviews: corrected"),
    "review_open": _("Administrative reviews: not decided"),
    "suit_upheld": _("Lawsuits: upheld"),
    "suit_corrected": _("Lawsuits: corrected"),
    "suit_open": _("Lawsuits: not decided"),
}


def keep_entry(*, year: int, by: Performer, given: Mapping[str, str]) -> YearlyEntry:
    """Keep the figures and words entered by hand, with a trace. Raises InvalidInput."""
    if not by.access.has(*REQUEST_EDITORS):
        raise NotPermitted(_("This step belongs to somebody else."))
    figures = {code: _whole(given.get(code, "0"), code) for code in HAND_FIGURES}
    words = clean(given.get("problems", ""), longest=4000, name="problems", required=False)
    with transaction.atomic():
        values = {"figures": figures, "problems": words, "entered_at": timezone.now()}
        entry, _made = YearlyEntry.objects.update_or_create(year=year, defaults=values)
        append(stream=f"request-report:{year}", action="report.enter", actor=by.actor, data=figures)
    return entry


def _whole(text: str, name: str) -> int:
    tidy = text.strip() or "0"
    if not (tidy.isascii() and tidy.isdigit() and len(tidy) <= 6):
        raise InvalidInput(_("Please enter whole numbers."), field=name)
    return int(tidy)
