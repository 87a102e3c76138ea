"""What several people asked for is proposed for publication unasked (公开条例 Art 44)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.inforequest_errors import ActionRefused, InvalidInput
from cms.inforequest_inputs import clean
from cms.inforequest_workflow import AnswerType
from cms.models import CatalogueItem, CatalogueProposal, InfoRequest
from cms.performer import Performer
from foundation.ledger.services import append
from foundation.vault.masking import masked
from search.analysis import tokens

#: So many different applicants make a repeated request.
PROPOSED_FROM = 3
LOOKED_BACK = timedelta(days=2 * 365)
#: Share of common words (Jaccard) from which two titles ask for the same.
SAME_FROM = 0.5
MOST_COMPARED = 500


def likeness(one: str, other: str) -> float:
    """Return the share of common words of two titles, 0 to 1."""
    a, b = set(tokens(one)), set(tokens(other))
    return len(a & b) / len(a | b) if a and b else 0.0


def propose_if_repeated(request: InfoRequest, *, at: datetime) -> CatalogueProposal | None:
    """Make or extend the proposal that an answer of "released" calls for. At most 8 statements."""
    if request.answer_type != AnswerType.GRANTED:
        return None
    others = InfoRequest.objects.filter(
        answer_type=AnswerType.GRANTED, submitted_at__gte=at - LOOKED_BACK
    )
    recent = others.exclude(pk=request.pk).exclude(title="")[:MOST_COMPARED]
    same = [row for row in recent if likeness(row.title, request.title) >= SAME_FROM]
    if len({row.applicant_index for row in [*same, request]}) < PROPOSED_FROM:
        return None
    proposal = CatalogueProposal.objects.filter(requests__in=same).first()
    if proposal is None:
        # A title may hold a name or a number of a person: it goes into the open masked.
        name = masked(request.title)
        proposal = CatalogueProposal.objects.create(name=name, made_at=at)
    proposal.requests.add(request, *same)
    return proposal


def decide_proposal(
    *, proposal_id: int, by: Performer, item_code: str = "", reason: str = ""
) -> CatalogueProposal:
    """Take a proposal into the catalogue (``item_code``: the item that now covers it) or decline.

    Raises InvalidInput (no such item; no reason given) and ActionRefused (decided already).
    """
    said = clean(reason, longest=300, name="reason", required=not item_code)
    with transaction.atomic():
        proposal = CatalogueProposal.objects.select_for_update().filter(pk=proposal_id).first()
        if proposal is None or proposal.state != CatalogueProposal.State.OPEN:
            raise ActionRefused(_("This proposal was decided already."))
        item = CatalogueItem.objects.filter(code=item_code).first() if item_code else None
        if item_code and item is None:
            raise InvalidInput(_("Please choose one of the list."), field="item")
        taken = CatalogueProposal.State.TAKEN
        proposal.state = taken if item else CatalogueProposal.State.DECLINED
        proposal.item, proposal.reason, proposal.decided_at = item, said, timezone.now()
        proposal.save()
        data = {"proposal": proposal.pk, "state": str(proposal.state), "item": item_code}
        append(
            stream=f"proposal:{proposal.pk}", action="proposal.decide", actor=by.actor, data=data
        )
    return proposal
