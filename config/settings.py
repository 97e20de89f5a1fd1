"""Grapevine's settings, all read from the environment; docs/settings.md lists them.

With nothing set, everything lives in ``var/``: SQLite, an embedded Valkey, and secrets
generated at the first start.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.accounts import settings as accounts
from config.env import env_bool, env_choice, env_int, env_list, env_mmdb, env_str, env_url
from config.mail_server import env_mail_from, env_mail_server
from config.secrets import generated_secret
from config.sockets import socket_path

BASE_DIR = Path(__file__).resolve().parent.parent

# Where everything that must survive a restart is kept in the embedded mode.
DATA_DIR = Path(env_str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

DEBUG = env_bool("DEBUG", "false")
SECRET_KEY = env_str("SECRET_KEY", "") or generated_secret(DATA_DIR / "secret_key")

# Changing the salt changes the meaning of every short code ever handed out.
HASHIDS_SALT = env_str("HASHIDS_SALT", "") or generated_secret(DATA_DIR / "hashids_salt")

HOST = env_str("HOST", "127.0.0.1")
PORT = env_int("PORT", "8000", minimum=1)
WEB_WORKERS = env_int("WEB_WORKERS", "1", minimum=1)
WEB_THREADS = env_int("WEB_THREADS", "4", minimum=1)

# Whether ``manage.py up`` makes a demo site and a first administrator.
DEMO = env_bool("DEMO", "true")

# The address under which short links are handed out.
PUBLIC_URL = env_url("PUBLIC_URL", f"http://localhost:{PORT}", ("http", "https")).rstrip("/")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
if not PUBLIC_HOST:
    raise ImproperlyConfigured(f"PUBLIC_URL={PUBLIC_URL!r} should name a host.")

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]", PUBLIC_HOST]
ADMIN_HOSTS = env_list("ADMIN_HOSTS")
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", "0")

# Tells the countries of addresses in the place of the registries' lists.
COUNTRY_DATABASE = env_mmdb("COUNTRY_DATABASE")

DATABASE_URL = env_url(
    "DATABASE_URL",
    f"sqlite:///{quote(str(DATA_DIR / 'grapevine.sqlite3'))}",
    ("sqlite", "postgres", "postgresql"),
)
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600)}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASE_URL.startswith("sqlite"):
    # IMMEDIATE: a transaction that reads first and writes later would otherwise fail with
    # "database is locked" at once, however long the timeout.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;"
            # What is deleted for privacy's sake is overwritten, not only taken off the lists.
            "PRAGMA secure_delete=ON;"
        ),
    }
else:
    DATABASES["default"]["ENGINE"] = "config.postgresql"
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

# Uploaded pictures: in a directory, or in a bucket where several machines can read them.
MEDIA_ROOT = Path(env_str("MEDIA_DIR", str(DATA_DIR / "media"))).resolve()
MEDIA_BUCKET = env_str("MEDIA_BUCKET", "")
# Where files of schedules are put as well.
EXPORTS_BUCKET = env_str("EXPORTS_BUCKET", "")

# Where files are written that take longer. Finished ones are kept beside the pictures.
EXPORTS_DIR = DATA_DIR / "exports"

# Where facts wait until the database has committed them. Must survive a restart.
JOURNAL_DIR = Path(env_str("JOURNAL_DIR", str(DATA_DIR / "journal"))).resolve()

# The broker of the embedded mode listens on a socket that only this user can open.
REDIS_URL = env_url("REDIS_URL", "", ("redis", "rediss", "unix"))
VALKEY_SOCKET = socket_path(DATA_DIR, "valkey.sock")
EMBEDDED_BROKER_URL = f"redis+socket://{quote(str(VALKEY_SOCKET))}"
CELERY_BROKER_URL = env_url(
    "CELERY_BROKER_URL",
    REDIS_URL.replace("unix://", "redis+socket://", 1) or EMBEDDED_BROKER_URL,
    ("redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps"),
)
# Where mails to the users of the admin are handed over, and whom they come from.
(
    EMAIL_HOST,
    EMAIL_PORT,
    EMAIL_HOST_USER,
    EMAIL_HOST_PASSWORD,
    EMAIL_USE_SSL,
    EMAIL_USE_TLS,
) = env_mail_server("EMAIL_URL")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env_mail_from("EMAIL_FROM", PUBLIC_HOST)

# Requests a minute to the routes that hand out codes and take facts, and where the web
# processes add theirs up; without that, the limits hold for each process alone.
VISITOR_RATE_LIMIT = env_int("VISITOR_RATE_LIMIT", "600", minimum=1)
SITE_RATE_LIMIT = env_int("SITE_RATE_LIMIT", "60000", minimum=1)
RATE_LIMIT_URL = REDIS_URL
if CELERY_BROKER_URL == EMBEDDED_BROKER_URL:
    RATE_LIMIT_URL = EMBEDDED_BROKER_URL.replace("redis+socket://", "unix://", 1)

# Pages of a site that may become links by themselves within an hour.
PAGES_PER_HOUR = env_int("PAGES_PER_HOUR", "500")

# Days after which the rows about single requests are deleted; sums stay.
HITS_RETENTION_DAYS = env_int("HITS_RETENTION_DAYS", "400", minimum=1)

CELERY_BROKER_TRANSPORT_OPTIONS = (
    # A broker that hangs must not hold the shipper for ever.
    {} if CELERY_BROKER_URL.startswith("amqp") else {"socket_timeout": 10}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "grapevine"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "settle what was counted": {
        "task": "analytics.settle",
        "schedule": 1.0,
        # Nothing piles up where no worker runs.
        "options": {"expires": 1.0},
    },
    # On the hour, so that a salt is gone as soon as it is 48 hours old.
    "forget salts and visitors": {"task": "analytics.forget", "schedule": crontab("0")},
    "delete what is past its time": {
        "task": "analytics.expire",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "delete unused agents": {"task": "analytics.expire_agents", "schedule": crontab("30", "3")},
    "watch links": {
        "task": "analytics.watch_links",
        "schedule": 180.0,
        "options": {"expires": 180.0},
    },
    "send alerts": {
        "task": "analytics.send_alerts",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    # Those whose message or worker was lost.
    "make exports": {
        "task": "analytics.make_exports",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "begin and deliver files of schedules": {
        "task": "analytics.run_schedules",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    # No message tells of an upload: what is to be done stands in the database.
    "go on with imports": {
        "task": "analytics.go_on_with_imports",
        "schedule": 1.0,
        "options": {"expires": 1.0},
    },
    "compact the broker": {"task": "analytics.compact_broker", "schedule": crontab("45", "3")},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

INSTALLED_APPS = [
    "shortener",
    "analytics",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    *accounts.APPS,
    "config.apps.GrapevineAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.admin_hosts.admin_hosts_middleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.languages.language_middleware",
    "config.time_zones.time_zone_middleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *accounts.MIDDLEWARE,
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False  # A code with a slash behind it is not a code.

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
                *accounts.CONTEXT_PROCESSORS,
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = accounts.BACKENDS
AUTH_PASSWORD_VALIDATORS = accounts.PASSWORD_VALIDATORS
globals().update(accounts.AXES | accounts.ENTRANCE)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "guesses": accounts.GUESSES_CACHE,
}

LANGUAGE_CODE = "en"
# Each by its own name: whoever looks for a language reads that one.
LANGUAGES = [
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("hi", "हिन्दी"),
    ("id", "Bahasa Indonesia"),
    ("pt-br", "Português (Brasil)"),
]
LANGUAGE_COOKIE_PATH = "/admin/"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where it is missing.
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Address and credentials are the variables that all tools for S3 read.
for storage, variable, bucket in (
    ("default", "MEDIA_BUCKET", MEDIA_BUCKET),
    ("exports", "EXPORTS_BUCKET", EXPORTS_BUCKET),
):
    if bucket:
        if find_spec("storages") is None:
            raise ImproperlyConfigured(f"{variable} needs the packages of requirements-all.lock.")
        STORAGES[storage] = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": bucket},
        }
# The files are served from the apps themselves, so there is no collectstatic to forget.
WHITENOISE_USE_FINDERS = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *accounts.FORM_TARGETS],
    }
}
HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *(f"https://{host}" for host in ADMIN_HOSTS)]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = accounts.SILENCED_CHECKS

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.DjangoModelPermissions"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    # The browsable API needs inline scripts, which the content security policy forbids.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Grapevine API",
    "DESCRIPTION": "Make share links and read what travelled, by content and channel.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOG_LEVEL = env_choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        name: {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False}
        for name in ("django", "config", "shortener", "analytics")
    },
}
