"""Production: refuses to start without its services and secrets."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *

for _name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "VAULT_KEY"):
    if not globals()[_name]:
        raise ImproperlyConfigured(f"{_name} is not set: production needs it (docs/operations.md).")
if not IS_POSTGRES:
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL server in production.")
if DEMO or DEBUG:
    raise ImproperlyConfigured("DEMO and DEBUG must be off in production.")
if not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured("PUBLIC_URL must start with https:// in production.")

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
