"""Strict readers of environment variables: a typo stops the start, not production."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()


def path_variable(name: str, default: Path) -> Path:
    """Return an absolute path from ``name`` or ``default``; a relative path is refused."""
    raw = env.str(name, "")
    if not raw:
        return default
    path = Path(raw)
    if not path.is_absolute():
        raise ImproperlyConfigured(f"{name} must be an absolute path, not {raw!r}.")
    return path


def url_variable(name: str, schemes: set[str]) -> str:
    """Return the address in ``name`` ('' when unset); any other scheme is refused."""
    raw = env.str(name, "")
    if raw and urlsplit(raw).scheme not in schemes:
        raise ImproperlyConfigured(
            f"{name} must start with one of {', '.join(sorted(schemes))}:// — check its value."
        )
    return raw
