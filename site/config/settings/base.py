"""Settings shared by every way to run; only environment variables choose, read strictly.

A bad value stops the start with a sentence that says what to fix (architecture §6).
"""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.settings.environment import env, path_variable, url_variable

BASE_DIR = Path(__file__).resolve().parents[3]
VAR_DIR = path_variable("GONGZHI_VAR", BASE_DIR / "var")

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

DATABASE_URL = url_variable("DATABASE_URL", {"postgres", "postgresql", "sqlite"})
REDIS_URL = url_variable("REDIS_URL", {"redis", "rediss"})
ELASTICSEARCH_URL = url_variable("ELASTICSEARCH_URL", {"http", "https"})

DISTRICT_PACK = path_variable("DISTRICT_PACK", BASE_DIR / "site" / "districts" / "tianning")

INSTALLED_APPS = [
    "foundation.ui",
    "foundation.operations",
    "foundation.jobs",
    "foundation.ledger",
    "foundation.worktime",
    "foundation.places",
    "foundation.metrics",
    "foundation.vault",
    "foundation.media",
    "foundation.notices",
    "foundation.accounts",
    "search",
    "cms",
    "complaints",
    "campaigns",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "cms.wording",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_tasks_db",
    "channels",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "foundation.ui.middleware.ContentSecurityPolicyMiddleware",
    "foundation.ui.middleware.NoStoreByDefaultMiddleware",
    "foundation.ui.middleware.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "foundation.accounts.middleware.StaffSecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "foundation.ui.middleware.EditorInputMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
WEBSOCKET_ROUTES = ["complaints.routing.websocket_urlpatterns"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "foundation.ui.context_processors.interface",
                "foundation.places.context_processors.district",
            ],
        },
    }
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; "
        "PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY;"
    ),
}
if DATABASE_URL and not DATABASE_URL.startswith("sqlite"):
    DATABASES = {
        "default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
    }
else:
    SQLITE_PATH = DATABASE_URL.removeprefix("sqlite:///") or str(VAR_DIR / "gongzhi.sqlite3")
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": SQLITE_PATH,
            "OPTIONS": SQLITE_OPTIONS,
        }
    }
IS_POSTGRES = DATABASES["default"]["ENGINE"].endswith("postgresql")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits live in the cache. One embedded process may keep them in memory; several processes
# share a table, so that a dead Redis never blocks a report or a sign-in.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
    if IS_POSTGRES
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Wagtail writes every picture size it shows into a cache; in the shared table that costs more
    # than the one query it saves, and another process would keep sizes that were deleted.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

SEARCH_ENGINE = "elasticsearch" if ELASTICSEARCH_URL else "database"
SEARCH_INDEX_PREFIX = env.str("SEARCH_INDEX_PREFIX", "gongzhi")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = path_variable("STATIC_ROOT", VAR_DIR / "static")
# Editors' images and documents only; residents' photos go through foundation.media.
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
SEALED_ROOT = VAR_DIR / "sealed"
CLEAN_ROOT = VAR_DIR / "clean"
OUTBOX_ROOT = VAR_DIR / "outbox"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/accounts/home/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "foundation.ui.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Tiles of the public map, say 天地图's: an address with {z}, {x}, {y}. Without them the outlines of
# towns and grids are the map. Whoever sets them names their source and the map's review number.
MAP_TILES = {
    "address": url_variable("MAP_TILES", {"https", "http"}),
    "credit": env.str("MAP_TILES_CREDIT", ""),
    "review_number": env.str("MAP_REVIEW_NUMBER", ""),
}
if MAP_TILES["address"]:
    if not (MAP_TILES["credit"] and MAP_TILES["review_number"]):
        raise ImproperlyConfigured("MAP_TILES needs MAP_TILES_CREDIT and MAP_REVIEW_NUMBER, too.")
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(
        "{0.scheme}://{0.netloc}".format(urlsplit(MAP_TILES["address"].replace("{s}", "*")))
    )

# Vault: AES-GCM by default, SM4-GCM by setting. The key never lives in the database.
VAULT_CIPHER = env.str("VAULT_CIPHER", "AES-GCM")
VAULT_KEY = env.str("VAULT_KEY", "")
VAULT_KEY_FILE = path_variable("VAULT_KEY_FILE", VAR_DIR / "keys" / "vault.key")
VAULT_CREATE_KEY = False
LEDGER_ANCHOR_FILE = path_variable("LEDGER_ANCHOR_FILE", VAR_DIR / "ledger" / "anchors.jsonl")
# Keys that signed older anchors, after the vault's key was changed.
LEDGER_ANCHOR_RETIRED_KEYS: list[str] = env.list("LEDGER_ANCHOR_RETIRED_KEYS", [])

# Who may read /metrics, by the real peer (never by a forwarding header).
METRICS_ALLOWED_NETWORKS: list[str] = env.list(
    "METRICS_ALLOWED_NETWORKS", ["127.0.0.0/8", "::1/128"]
)

# Networks of the house in which departments' systems may be told of their cases (webhooks); outside
# of them only https to the public internet is called.
WEBHOOK_NETWORKS: list[str] = env.list("WEBHOOK_NETWORKS", [])

# Notices: adapters are named by dotted path, so that a district plugs its own gateway in.
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(OUTBOX_ROOT / "email")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "gongzhi@example.invalid")
NOTICE_CHANNELS = {
    "email": env.str("NOTICE_EMAIL", "foundation.notices.channels.EmailChannel"),
    "sms": env.str("NOTICE_SMS", "foundation.notices.channels.FileSmsChannel"),
}
NOTICE_SMS_SIGNATURE = env.str("NOTICE_SMS_SIGNATURE", "共治")
# Against SMS bombing: (per address or whole site, window in seconds, messages).
NOTICE_BUDGETS = {
    # Mail alerts that one network (a keyed hash of its address), or everybody, may ask for.
    "alerts": [("address", 3600, 10), ("site", 3600, 600)],
    "sms": [("address", 3600, 8), ("address", 86_400, 20), ("site", 3600, 3000)],
    "email": [("address", 3600, 20), ("address", 86_400, 60), ("site", 3600, 10_000)],
}
EMAIL_TIMEOUT = 15

# Sign-in (design/stack.md §6). Accounts open by confirming a code (foundation.accounts.views), so
# ACCOUNT_SIGNUP_FIELDS only tells allauth which ways in exist; nobody fills in a sign-up form.
ACCOUNT_ADAPTER = "foundation.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "phone", "password1"]
ACCOUNT_FORMS = {
    "login": "foundation.accounts.forms.PasswordForm",
    "confirm_login_code": "foundation.accounts.forms.SignInConfirmForm",
    "verify_phone": "foundation.accounts.forms.PhoneConfirmForm",
}
ACCOUNT_USER_DISPLAY = "foundation.accounts.selectors.display_of"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【共治】"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PHONE_VERIFICATION_ENABLED = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 5 * 60
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# Mobile users in China share addresses: limits per number are tight, limits per address are wide.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "request_login_code": "60/m/ip,3/m/key,8/h/key",
    "signup": "60/m/ip",
    "verify_phone": "1/45s/key,6/h/key,60/m/ip",
    "reset_password": "30/m/ip,3/h/key",
    "change_phone": "3/m/user",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
MFA_ADAPTER = "foundation.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "foundation.accounts.forms.SecondFactorForm",
    "reauthenticate": "foundation.accounts.forms.ProveAgainForm",
    "activate_totp": "foundation.accounts.forms.SetUpForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Gongzhi"
MFA_TOTP_TOLERANCE = 1
SESSION_ENGINE = "foundation.accounts.sessions"

WAGTAIL_SITE_NAME = "共治"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "cms.admin_search"}}
WAGTAILIMAGES_IMAGE_MODEL = "cms.Picture"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "csv", "txt", "odt", "ods", "zip"]
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
