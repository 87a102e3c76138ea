"""What of a reporter's words is shown to whom (ADR 0010). Pure."""

from django.utils.translation import gettext as _

from foundation.vault.masking import ALWAYS_PRIVATE, find_private


def without_contacts(text: str) -> str:
    """Return ``text`` without telephone, identity numbers and mail addresses.

    Buildings and units stay: whoever has to go there needs them.
    """
    while contacts := [found for found in find_private(text) if found.kind in ALWAYS_PRIVATE]:
        first = contacts[0]
        text = text[: first.start] + _("[number hidden]") + text[first.end :]
    return text
