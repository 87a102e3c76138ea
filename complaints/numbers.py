"""Public numbers, receipt codes and submission keys. Pure but for the vault's keyed hash."""

import re
import secrets
import unicodedata
from datetime import date
from uuid import UUID

from foundation.vault.crypto import keyed_hash

#: 23 letters, a prime, without I, O and Q: every single wrong digit and every swap is found.
CHECK_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
NUMBER_PATTERN = re.compile(r"^([A-Z]{2})-(\d{8})-(\d{4,8})-([A-Z])$")
RECEIPT_DIGITS = 16


def check_letter(digits: str) -> str:
    """Return the check character of a run of digits (weighted sum modulo 23)."""
    total = sum(weight * int(digit) for weight, digit in enumerate(digits, start=2))
    return CHECK_LETTERS[total % len(CHECK_LETTERS)]


def case_number(prefix: str, day: date, running: int) -> str:
    """Return e.g. ``TN-20261123-0042-X``; ``day`` is the district's local date."""
    serial = f"{running:04d}"
    return f"{prefix}-{day:%Y%m%d}-{serial}-{check_letter(f'{day:%Y%m%d}{serial}')}"


def is_case_number(text: str) -> bool:
    """Whether ``text`` is a well-formed number whose check character fits."""
    match = NUMBER_PATTERN.match(text)
    return match is not None and check_letter(match[2] + match[3]) == match[4]


def receipt_code_for(submission_key: UUID) -> str:
    """Return the 16-digit receipt code of a submission.

    Derived with a secret key from the submission's random key: one key posted N times gives the
    same receipt, while only a hash of the code is ever stored.
    """
    digest = keyed_hash("receipt-code", submission_key.hex)
    return f"{int(digest, 16) % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"


def receipt_hash(code: str) -> str:
    """Return the keyed hash under which a receipt code is stored and looked up."""
    return keyed_hash("receipt", code)


def submission_hash(key: UUID) -> str:
    """Return the keyed hash under which a submission key is stored."""
    return keyed_hash("submission", key.hex)


def clean_receipt_code(typed: str) -> str:
    """Return the digits of what somebody typed: spaces, dashes and full-width digits are fine."""
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(ch for ch in folded if ch.isascii() and ch.isdigit())


def grouped(code: str) -> str:
    """Return a receipt code in four groups, like a bank card."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def new_submission_key() -> UUID:
    """Return a fresh random submission key (version 4)."""
    return UUID(bytes=secrets.token_bytes(16), version=4)
