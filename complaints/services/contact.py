"""Looking at a complainant's contact: for a reason, once, and never without a trace."""

from django.utils.translation import gettext_lazy as _

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput, NotPermitted
from complaints.inputs import clean_text
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import may_reveal_contact, may_see
from foundation.vault.errors import RecordNotFound, RecordShredded
from foundation.vault.services import reveal

REASON_LIMIT = 200


def reveal_contact(*, case: Case, by: Performer, reason: str) -> dict[str, str]:
    """Return the contact's fields (``phone``, ``name``, ``landline``) to show once.

    Who looked and why lands in the case's ledger stream, where the complainant reads it too. Raises
    CaseNotFound, NotPermitted, InvalidInput (no reason), ActionRefused (nothing left, destroyed).
    1 query + the ledger's 3 statements.
    """
    said = clean_text(reason, longest=REASON_LIMIT, label=_("Reason"), field="reason")
    if not may_see(by, case):
        raise CaseNotFound(_("There is no such case here."))
    if not may_reveal_contact(by, case):
        raise NotPermitted(_("This step belongs to somebody else."))
    if not said:
        raise InvalidInput(
            _("Please say why you need the contact. The complainant can read the reason."),
            code="required",
            field="reason",
        )
    if case.complainant_record is None:
        raise ActionRefused(_("The complainant left no contact."), code="no_contact")
    try:
        return reveal(case.complainant_record, actor=by.actor, reason=said)
    except (RecordNotFound, RecordShredded) as gone:
        raise ActionRefused(_("The contact was deleted."), code="contact_gone") from gone
