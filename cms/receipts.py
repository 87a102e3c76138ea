"""Numbers and receipt codes of information requests. Pure but for the vault's keyed hash."""

import secrets
import unicodedata
from datetime import date
from uuid import UUID

from foundation.vault.crypto import keyed_hash

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
CODE_DIGITS = 16


def request_number(day: date, running: int) -> str:
    """Return e.g. ``YSQ-20261123-0042-X`` (依申请); ``day`` is the district's date."""
    digits = f"{day:%Y%m%d}{running:04d}"
    total = sum(weight * int(digit) for weight, digit in enumerate(digits, start=2))
    return f"YSQ-{day:%Y%m%d}-{running:04d}-{LETTERS[total % len(LETTERS)]}"


def new_key() -> UUID:
    """Return a fresh random submission key (version 4)."""
    return UUID(bytes=secrets.token_bytes(16), version=4)


def code_for(key: UUID) -> str:
    """Return the 16 digits of a submission's receipt: the same for the same key."""
    digest = keyed_hash("request-receipt-code", key.hex)
    return f"{int(digest, 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_hash(code: str) -> str:
    """Return the keyed hash under which a code is stored and looked up."""
    return keyed_hash("request-receipt", code)


def key_hash(key: UUID) -> str:
    """Return the keyed hash under which a submission key is stored."""
    return keyed_hash("request-submission", key.hex)


def clean_code(typed: str) -> str:
    """Return the digits of what was typed: spaces, dashes and full-width digits are fine."""
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(ch for ch in folded if ch.isascii() and ch.isdigit())


def grouped(code: str) -> str:
    """Return a code in four groups."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))
