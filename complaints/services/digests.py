"""How the ledger proves words that it does not keep."""

import hashlib


def digest(words: str) -> str:
    """Return the SHA-256 under which the ledger proves words it does not keep."""
    return hashlib.sha256(words.encode()).hexdigest()
