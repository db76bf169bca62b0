"""Settings for every environment, read from variables (docs/settings.md)."""

import re
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from api.openapi_settings import SPECTACULAR_SETTINGS  # noqa: F401 - a setting
from config import environment as env
from config.backup_settings import *  # noqa: F403 - settings
from config.logs import logging_of
from config.sign_in_settings import *  # noqa: F403 - settings
from config.webhook_settings import *  # noqa: F403 - settings

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.switch("DEBUG", default=True)
DATA_DIR = Path(env.text("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
PORT = env.number("PORT", "what make run listens at", default=8000, digits=5)

SECRET_KEY = env.required("SECRET_KEY", development="for-development-on-this-machine-only" if DEBUG else None)
if not DEBUG and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is too short: it must hold at least 50 characters.")
_hosts = env.required("ALLOWED_HOSTS", development="localhost,127.0.0.1,[::1]" if DEBUG else None)
ALLOWED_HOSTS = [host.strip() for host in _hosts.split(",") if host.strip()]
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts, and may not be *.")
if DEBUG and not set(ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]", "testserver"}:
    raise ImproperlyConfigured("ALLOWED_HOSTS may name this machine only while DEBUG is on: set DEBUG=false.")
SITE_URL = env.required("SITE_URL", development=f"http://127.0.0.1:{PORT}" if DEBUG else None).rstrip("/")
if not re.fullmatch(r"https?://[^/\s?#@]+", SITE_URL):
    raise ImproperlyConfigured(
        "SITE_URL must be the address people use, such as https://contracts.example.com, and no path."
    )
BY_HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "config.apps.CommandsConfig",  # before Django's own, so that its commands replace theirs
    "config.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "knox",
    "common",
    "jobs",
    "emails",
    "accounts",
    "exports",
    "webhooks",
    "billing",
    "orders",
    "contracts",
    "api",
]
MIDDLEWARE = [
    "config.request_log.request_log",
    "config.middleware.client_address",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.permissions_policy",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.rate_limit",
    "config.middleware.api_caching",
    "common.replica.note_change",
    "config.body_limit.body_limit",
    "config.middleware.SoundRequestMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.idle.end_idle_sessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.access.context.signed_in",
            ],
        },
    },
]

# Database.
DATABASES = env.databases(sqlite=DATA_DIR / "contracts.sqlite3", private=not DEBUG)
DATABASE_ROUTERS = ["common.replica.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Files.
STORAGE_URL = env.text("STORAGE_URL", default=(DATA_DIR / "files").as_uri())
STORAGES = {
    "default": env.storage(STORAGE_URL),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Where each daily list goes as well, so that a database and a storage that both went back are found.
TRAIL_ANCHOR_URL = env.text("TRAIL_ANCHOR_URL")
_anchor, TRAIL_ANCHOR_EMAIL = env.anchor(TRAIL_ANCHOR_URL, "TRAIL_ANCHOR_URL", besides=STORAGE_URL)
if _anchor:
    STORAGES["anchor"] = _anchor
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Background work. State is in rows, never in the broker.
REDIS_URL = env.matching("REDIS_URL", r"rediss?://.+", "redis://host:6379/0, or rediss://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as it is away; by default a worker ends after 100
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 5, "socket_timeout": 15}  # seconds
else:
    BROKER_DIR = DATA_DIR / "broker"
    for folder in ("messages", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_WORKER_POOL = "threads"  # one process: nobody without a broker needs more
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
    }

# `shared`: counters of all processes. `default`: each process's own memory.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": {
        "BACKEND": "common.counting_caches.CountingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "contracts",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {
        "BACKEND": "common.counting_caches.CountingFileCache",
        "LOCATION": str(DATA_DIR / "cache"),
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

# The seal.
SEAL_PKCS11_MODULE = env.text("SEAL_PKCS11_MODULE")
SEAL_PKCS11_TOKEN = env.text("SEAL_PKCS11_TOKEN")
SEAL_PKCS11_KEY = env.text("SEAL_PKCS11_KEY")
SEAL_PKCS11_PIN = env.text("SEAL_PKCS11_PIN")
SEAL_CERTIFICATES = env.existing("SEAL_CERTIFICATES", folder=False)
if SEAL_PKCS11_MODULE:
    for name in ("SEAL_PKCS11_TOKEN", "SEAL_PKCS11_KEY", "SEAL_PKCS11_PIN", "SEAL_CERTIFICATES"):
        if not vars()[name]:
            raise ImproperlyConfigured(f"{name} is not set, and SEAL_PKCS11_MODULE needs it; see docs/sealing.md.")
_own = str(DATA_DIR / "seal" / "seal.p12")
SEAL_P12 = "" if SEAL_PKCS11_MODULE else env.text("SEAL_P12", default=_own if DEBUG else "")
SEAL_P12_PASSPHRASE = env.text("SEAL_P12_PASSPHRASE")
SEAL_ALLOW_TEST = env.switch("SEAL_ALLOW_TEST", default=DEBUG)
SEAL_TSA_URL = env.text("SEAL_TSA_URL")
SEAL_TSA_FAILURE = env.matching("SEAL_TSA_FAILURE", "refuse|seal_without", "refuse or seal_without", default="refuse")
SEAL_LEVEL = env.matching("SEAL_LEVEL", "B-B|B-T|B-LT", "B-B, B-T or B-LT")
if SEAL_LEVEL in {"B-T", "B-LT"} and not SEAL_TSA_URL:
    raise ImproperlyConfigured(f"SEAL_LEVEL {SEAL_LEVEL} needs a timestamp server: set SEAL_TSA_URL too.")
SEAL_EARLIER_CERTIFICATES = env.existing("SEAL_EARLIER_CERTIFICATES")
SEAL_ROOTS = env.existing("SEAL_ROOTS")
SEAL_TSA_ROOTS = env.existing("SEAL_TSA_ROOTS")
SEAL_CRL = env.existing("SEAL_CRL")
if not DEBUG and SEAL_P12 and env.is_there("SEAL_P12", SEAL_P12):
    env.require_private("SEAL_P12", SEAL_P12)

# The document.
FALLBACK_FONT = env.existing("FALLBACK_FONT", folder=False)

# People. The rest is in config/sign_in_settings.py.
AXES_ALLOWED_CORS_ORIGINS = SITE_URL
STAFF_MFA_REQUIRED = env.switch("STAFF_MFA_REQUIRED", default=not DEBUG)
OIDC_ISSUER = env.matching("OIDC_ISSUER", r"https://[^\s?#]+", "the provider's https:// address, as in its tokens")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
OIDC_ALLOWED_DOMAINS = env.words("OIDC_ALLOWED_DOMAINS", r"[a-z0-9.-]+", "domains such as issuer.example")
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM", default="groups")
OIDC_ROLES = dict(
    pair.split("=") for pair in env.words("OIDC_ROLES", r"[^=,]+=[^=,]+", "pairs such as finance-team=Finance")
)
if OIDC_ISSUER:
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ALLOWED_DOMAINS"):
        if not vars()[name]:
            raise ImproperlyConfigured(f"{name} is not set, and OIDC_ISSUER needs it; see docs/settings.md.")

# Language and time: rows hold UTC, people see their account's zone.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SECURE = BY_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.time_zone("TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

# A thousand orders fit into one request of the API, with the longest texts that they may have.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024  # bytes
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE  # no upload needs a temporary file

API_RATE = env.number("API_RATE", "calls a minute for each token, or 0 for no limit", default=1200, digits=9)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.ApiTokenAuthentication"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.TokenThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.JSONNegotiation",
    "DEFAULT_PARSER_CLASSES": ["api.parsing.CarefulJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Described",
    "EXCEPTION_HANDLER": "api.root.problem_details",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # formats are chosen by the Accept header
    "COERCE_DECIMAL_TO_STRING": True,
    # 0: X-Forwarded-For is what anybody may write
    "NUM_PROXIES": env.number("NUM_PROXIES", "how many reverse proxies are in front", default=0, digits=2),
}
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - a model's name
MIGRATION_MODULES = {"knox": None}  # its own token table, which nobody uses, would stand in the way of a flush
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Token"}

# Browser security: everything from here, nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{name: [NONE] for name in ("default-src", "frame-ancestors", "base-uri")},
        **{name: [SELF] for name in ("script-src", "style-src", "font-src", "connect-src")},
        "form-action": [SELF, *env.origins(OIDC_ISSUER)],  # the button on the sign-in page leads to the provider
        "img-src": [SELF, "data:"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day
SESSION_IDLE_SECONDS = 60 * 60  # without a request; then the person signs in again
if BY_HTTPS:  # __Host-: no subdomain can set them, as browsers take such names from this very host alone
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    MESSAGE_STORAGE = "config.messages.HostMessages"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.error_pages.csrf_failure"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script reads the cookie
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BY_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BY_HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if BY_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BY_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

# Grave acts of staff.
FOUR_EYES = env.switch("FOUR_EYES", default=False)
FOUR_EYES_BOOKINGS_OVER = env.number("FOUR_EYES_BOOKINGS_OVER", "an amount, such as 10000", default=0, digits=12)

# Email.
vars().update(env.email("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds; the default is to wait for ever
DEFAULT_FROM_EMAIL = env.matching(
    "DEFAULT_FROM_EMAIL",
    r"[^@\r\n]+@[^@\s]+",
    "an address, such as Contracts <contracts@example.com>",
    default="contracts@localhost",
)
EMAIL_ATTACHMENT_MAX_MB = env.number("EMAIL_ATTACHMENT_MAX_MB", "megabytes, such as 10", default=10, digits=3)
METRICS_TOKEN = env.matching("METRICS_TOKEN", r"[!-~]{32,}", "32 characters at least, without spaces")
LOGGING = logging_of(debug=DEBUG)
