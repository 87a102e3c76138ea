"""The editors' words above a list that stands at a fixed address."""

from wagtail.models import Page


def live_page(model: type[Page]) -> Page | None:
    """Return the page of words of this kind, when one is published. 1 query.

    /results/ and /indicators/ are addresses that others rely on (design/contract.md), so they
    answer even when an editor has taken the page of words above the list away.
    """
    found: Page | None = model.objects.live().public().first()
    return found
