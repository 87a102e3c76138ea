"""The embedded default behind ``make run``: one machine, no service to install."""

from pathlib import Path

from django.core.management.utils import get_random_secret_key

from config.settings.base import *


def _kept_secret(path: Path) -> str:
    """Return the secret kept in ``path``, made once, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text().strip()


SECRET_KEY = SECRET_KEY or _kept_secret(VAR_DIR / "keys" / "secret.key")
VAULT_CREATE_KEY = True
# Both names of this machine are the same site: forms and sockets may come from either.
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, PUBLIC_URL.replace("//127.0.0.1", "//localhost")]
