"""Tests: the embedded default, or the production parts when the environment names them."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault(
    "GONGZHI_VAR", str(Path(tempfile.gettempdir()) / f"gongzhi-test-{os.getuid()}")
)

from config.settings.base import *

SECRET_KEY = "test-only-secret-key-that-protects-nothing-at-all-0123456789"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
VAULT_KEY = "dGVzdC1vbmx5LXZhdWx0LWtleS0wMTIzNDU2Nzg5MDE="
MIDDLEWARE = [m for m in MIDDLEWARE if not m.startswith("whitenoise.")]
# Several people, and two worlds, test at the same time against the same servers.
SEARCH_INDEX_PREFIX = env.str("SEARCH_INDEX_PREFIX", f"gongzhi-test-{os.getpid()}")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "prefix": SEARCH_INDEX_PREFIX},
        }
    }
