"""Sessions kept in the database, sealed: while a code is awaited they hold a telephone number."""

import base64
import binascii
import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from foundation.vault.crypto import open_sealed, seal
from foundation.vault.errors import KeyUnknown, SealBroken

_CONTEXT = "accounts:session"


class SessionStore(DatabaseSessionStore):
    """Django's database sessions with their content under the vault's key."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        text = json.dumps(session_dict, separators=(",", ":"))
        return base64.b64encode(seal(text.encode(), context=_CONTEXT)).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """Return the session; an empty one when it is damaged or sealed with another key."""
        try:
            blob = base64.b64decode(session_data, validate=True)
            content: dict[str, Any] = json.loads(open_sealed(blob, context=_CONTEXT))
        except (SealBroken, KeyUnknown, binascii.Error, ValueError):
            return {}
        return content
