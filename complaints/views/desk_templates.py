"""Which templates the case page offers with each act."""

from collections.abc import Iterable
from dataclasses import replace

from complaints.models import Act, Case
from complaints.selectors.wording import facts_of, replies_for
from complaints.views.desk_offers import PUBLIC_INPUTS, PUBLIC_MESSAGES, Offer
from complaints.workflow import Transition


def field_of(row: Transition) -> str:
    """Return the input of ``row`` whose words the resident reads; '' if it has none."""
    if PUBLIC_INPUTS & set(row.required):
        return next(name for name in row.required if name in PUBLIC_INPUTS)
    return "message" if row.action in PUBLIC_MESSAGES and "message" in row.required else ""


def with_templates(offers: Iterable[Offer], case: Case, acts: Iterable[Act]) -> list[Offer]:
    """Return ``offers`` with the templates for each and the input they go into. No query."""
    facts = facts_of(case, acts)
    return [
        replace(offer, words_field=name, templates=replies_for(case, offer.action, facts))
        if (name := field_of(offer.row))
        else offer
        for offer in offers
    ]
