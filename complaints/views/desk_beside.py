"""What the desk shows beside a case: likely twins, those who reported the same, its kinds."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from complaints.models import Case
from complaints.performer import Performer
from complaints.selectors.desk import CaseView
from complaints.selectors.groups import group_of, may_become_main
from complaints.selectors.kinds import further_kinds_of
from complaints.selectors.rules import categories
from complaints.selectors.suggestions import suggested_kind
from complaints.selectors.twins import twins_of
from complaints.views.desk_offers import Offer
from complaints.workflow import Party


def beside_context(
    by: Performer,
    case: Case,
    offers: Iterable[Offer],
    *,
    compact: bool = False,
    with_photos: bool = True,
) -> dict[str, Any]:
    """Return twins while the case may be merged, and the guessed kind while it may be accepted.

    ``compact``: beside the queue a kind is guessed for reports without one only. At most three
    queries, none for a case that was sent on.
    """
    possible = {offer.action: offer for offer in offers}
    twins = twins_of(by, case, with_photos=with_photos) if "merge" in possible else None
    if twins is not None and twins.best:
        # "2" and Enter merge with the likeliest one.
        possible["merge"].form.initial["main_number"] = twins.best
    guesses = "accept" in possible and not (compact and case.category_id)
    return {
        "twins": twins,
        "guess": suggested_kind(case) if guesses else None,
    }


def group_context(by: Performer, view: CaseView) -> dict[str, Any]:
    """Return who else reported the problem, and the case's kinds. No query if there is neither."""
    case = view.case
    was_set = any(act.action == "kinds" for act in view.acts)
    further = further_kinds_of(case) if was_set else ()
    may_sort = Party.DISPATCHER in view.parties
    return {
        "group": group_of(case),
        "may_make_main": may_sort and may_become_main(case),
        "further_kinds": further,
        "may_sort": may_sort,
        "all_kinds": categories() if may_sort else (),
        "group_key": uuid4(),
    }
