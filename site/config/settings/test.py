"""Tests: the embedded default, or the production parts when the environment names them."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("GONGZHI_VAR", str(Path(tempfile.gettempdir()) / f"gongzhi-test-{os.getuid()}"))

from config.settings.base import *  # noqa: E402

SECRET_KEY = "test-only-secret-key-that-protects-nothing-at-all-0123456789"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
VAULT_KEY = "dGVzdC1vbmx5LXZhdWx0LWtleS0wMTIzNDU2Nzg5MDE="
MIDDLEWARE = [m for m in MIDDLEWARE if not m.startswith("whitenoise.")]
SEARCH_INDEX_PREFIX = "gongzhi-test"
