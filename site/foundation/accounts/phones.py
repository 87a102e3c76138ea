"""Mobile numbers as people type them. Pure: no ORM, no I/O.

Mobile numbers of mainland China are 11 digits, 13–19 first (design/domain.md §5); text messages
reach nothing else. The stored form is E.164: +8613800138000.
"""

import re
import unicodedata

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOBILE = re.compile(r"1[3-9]\d{9}")
E164 = re.compile(r"\+861[3-9]\d{9}")
#: Signs that people put between digits, or that a paste brings along (incl. invisible ones).
_FILLERS = re.compile(
    r"[\s\-.()/\u00b7\u200b\u200e\u200f\u2010-\u2015\u202a-\u202e\u2060\u2212\ufeff]+"
)
_AREA_CODE = re.compile(r"0\d{2,3}\d{7,8}")
_SUBSCRIBER = re.compile(r"[2-8]\d{6,7}")


class PhoneRefused(ValueError):
    """The text is not a number we can send a message to. ``sentence`` tells the person why."""

    def __init__(self, code: str, sentence: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


def normalise(text: str) -> str:
    """Return a mobile number as +86 and 11 digits, whatever blanks, dashes or widths were typed.

    Raises PhoneRefused with code ``landline``, ``foreign``, ``letters``, ``length`` or ``range``.
    """
    compact = _FILLERS.sub("", unicodedata.normalize("NFKC", text))
    digits = _without_country_code(compact)
    if not digits.isascii() or not digits.isdigit():
        raise PhoneRefused("letters", _("A mobile number has digits only. Please check it."))
    if MOBILE.fullmatch(digits):
        return f"+86{digits}"
    raise _refusal(digits)


def _without_country_code(compact: str) -> str:
    international = compact.startswith("+") or compact.startswith("00")
    digits = compact.removeprefix("+").removeprefix("00") if international else compact
    if digits.startswith("86") and (international or len(digits) == 13):
        rest = digits[2:]
        return rest if rest.startswith("1") else f"0{rest.removeprefix('0')}"
    if international:
        raise PhoneRefused(
            "foreign",
            _("We can only text +86 mobile numbers. Please use an e-mail address instead."),
        )
    return digits


def _refusal(digits: str) -> PhoneRefused:
    if _AREA_CODE.fullmatch(digits) or _SUBSCRIBER.fullmatch(digits):
        return PhoneRefused(
            "landline",
            _("A landline cannot receive text messages. Please enter a mobile number."),
        )
    if len(digits) != 11:
        return PhoneRefused("length", _("A mobile number has 11 digits. Please check it."))
    return PhoneRefused("range", _("A mobile number starts with 13 to 19. Please check it."))


def masked(e164: str) -> str:
    """Return the number with its middle hidden: 138****8000."""
    digits = e164.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}"
