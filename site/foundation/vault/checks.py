"""System checks: a wrong key or cipher stops the start, not the first report."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from foundation.vault.crypto import configured_cipher
from foundation.vault.errors import KeyTrouble
from foundation.vault.keys import provider


def check_keys(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Say what is wrong with ``VAULT_CIPHER``, ``VAULT_KEY`` or ``VAULT_KEY_FILE``, if anything."""
    try:
        configured_cipher()
        provider()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="vault.E001")]
    except (KeyTrouble, OSError) as error:
        hint = f"VAULT_KEY or the file {settings.VAULT_KEY_FILE} (docs/operations.md)."
        return [Error(str(error), hint=hint, id="vault.E002")]
    return []
