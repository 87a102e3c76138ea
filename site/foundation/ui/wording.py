"""Django's own form messages in our words (ux.md §4: problem and fix, no blame).

The catalogue of this app is read before Django's, so naming a message here is enough to re-word it.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

GENERIC = (
    _("This field is required."),
    _("Enter a valid email address."),
    _("Enter a valid date."),
    _("Enter a valid date/time."),
    _("Enter a valid time."),
    _("Enter a number."),
    _("Enter a whole number."),
    _("Enter a valid URL."),
    _("Enter a valid value."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("The submitted file is empty."),
    _("No file was submitted. Check the encoding type on the form."),
)


def names_its_field(message: str) -> bool:
    """Whether a message makes sense away from its field: the generic ones do not."""
    return str(message) not in {gettext(generic) for generic in GENERIC}
