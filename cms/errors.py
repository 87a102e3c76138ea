"""What can go wrong when a duty to publish is worked on: a code and a sentence for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "reason_required": _("Say in a few words why nothing arose in this period."),
    "always_arises": _("This item arises in every period; it has to be published."),
    "has_evidence": _("Something is published for this duty; take the evidence away first."),
    "not_open": _("This duty is not open any more."),
    "not_declared": _("This duty has not been declared."),
    "exists": _("This occasion has been entered already."),
    "no_rule": _("No rule for single occasions is in force for this item on that day."),
    "in_future": _("The day of the occasion lies in the future."),
    "nothing_given": _("Choose a page, a file or a dataset."),
}


class DutyError(Exception):
    """A duty that cannot be changed this way; ``sentence`` says why, for people."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.code])
