"""Looking at a complainant's contact: for a reason, once, and never without a trace."""

from django.utils.translation import gettext_lazy as _

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput, NotPermitted
from complaints.identity import Identity
from complaints.inputs import clean_text
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import may_reveal_contact, may_see
from complaints.workflow import Text
from foundation.vault.errors import RecordNotFound, RecordShredded
from foundation.vault.services import reveal

REASON_LIMIT = 200


#: Why somebody may look; anything else is said in words.
REVEAL_REASONS: dict[str, Text] = {
    "followup": _("Follow-up call"),
    "place": _("Ask for details of the place"),
    "result": _("Tell the result by telephone"),
    "safety": _("Somebody may be in danger"),
    "other": _("Another reason"),
}
OTHER = "other"


def reveal_contact(*, case: Case, by: Performer, reason: str, code: str = OTHER) -> dict[str, str]:
    """Return the contact's fields (``phone``, ``name``, ``landline``) to show once.

    ``code``: one of REVEAL_REASONS; "other" needs words, and so does every look at a 保密 case.

    Who looked and why lands in the case's ledger stream, where the complainant reads it too. Raises
    CaseNotFound, NotPermitted, InvalidInput (no reason), ActionRefused (nothing left, destroyed).
    1 query + the ledger's 3 statements.
    """
    said = clean_text(reason, longest=REASON_LIMIT, label=_("Reason"), field="reason")
    if not may_see(by, case):
        raise CaseNotFound(_("There is no such case here."))
    if not may_reveal_contact(by, case):
        raise NotPermitted(_("This step belongs to somebody else."))
    chosen = REVEAL_REASONS.get(code) if code != OTHER else None
    if not said and (chosen is None or case.identity == Identity.CONFIDENTIAL):
        raise InvalidInput(
            _("Please say why you need the contact. The complainant can read the reason."),
            code="required",
            field="reason",
        )
    said = "：".join(filter(None, [str(chosen or ""), said]))[:REASON_LIMIT]
    if case.complainant_record is None:
        raise ActionRefused(_("The complainant left no contact."), code="no_contact")
    try:
        return reveal(case.complainant_record, actor=by.actor, reason=said)
    except (RecordNotFound, RecordShredded) as gone:
        raise ActionRefused(_("The contact was deleted."), code="contact_gone") from gone
