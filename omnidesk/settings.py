"""Settings, all from the environment; secure unless told otherwise.

An embedded run (`manage.py up`) writes what it made (server addresses, keys) to `$OMNIDESK_DATA/run.json`,
and every other command on the same folder finds it there.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.utils.translation import gettext_lazy as _

from omnidesk import logs

LOGGING = logs.LOGGING

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
OMNIDESK_DATA = Path(env.str("OMNIDESK_DATA", default=str(BASE_DIR / ".omnidesk"))).absolute()


def _from_run(name: str, default: str | None = None) -> str:
    """A value from the environment, else from the running embedded installation."""
    try:
        made = json.loads((OMNIDESK_DATA / "run.json").read_text())
    except (OSError, ValueError):
        made = {}
    return str(env.str(name, default=made.get(name, default) if default is not None else made[name]))


HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
IS_LOOPBACK = HOST in {"127.0.0.1", "localhost", "::1"}
DEMO = env.bool("DEMO", default=False)
# Made-up providers beside the demo, on the two ports after this one.
DEMO_PROVIDERS = DEMO and IS_LOOPBACK and env.bool("DEMO_PROVIDERS", default=False)

DEBUG = False
# Empty until `manage.py up` has made one; Django refuses to use an empty key.
SECRET_KEY = _from_run("SECRET_KEY", "")
# Earlier keys that still open sessions, reply tokens and Message-IDs.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Fernet keys for provider secrets, newest first: the first seals, all of them open.
OMNIDESK_ENCRYPTION_KEYS = [key for key in _from_run("OMNIDESK_ENCRYPTION_KEYS", "").split(",") if key]

# Where people and providers reach this installation; links, webhook URLs and signatures are built from it.
PUBLIC_URL = _from_run("PUBLIC_URL", f"http://{'127.0.0.1' if IS_LOOPBACK else HOST}:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[_public.hostname or "", *(["127.0.0.1", "localhost", "[::1]"] if IS_LOOPBACK else [])],
)
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

# Provider base URLs, replaced for regional endpoints, proxies and tests; never by a workspace.
OMNIDESK_PROVIDER_URLS: dict[str, str] = env.json("OMNIDESK_PROVIDER_URLS", default={})
# Mail servers on private addresses are refused unless this is a one-machine installation, or it is said.
OMNIDESK_PRIVATE_HOSTS = env.bool("OMNIDESK_PRIVATE_HOSTS", default=IS_LOOPBACK)

INSTALLED_APPS = [
    "tenancy",
    "contacts",
    "conversations",
    "channels_ingest",
    "omnidesk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "rest_framework",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "omnidesk.straight.StraightMiddleware",
    "csp.middleware.CSPMiddleware",
    "tenancy.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenancy.middleware.WorkspaceMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "omnidesk.urls"
# Requests that one ASGI process works on at once; each thread keeps a connection to PostgreSQL.
OMNIDESK_WEB_THREADS = env.int("WEB_THREADS", default=16)
WSGI_APPLICATION = "omnidesk.wsgi.application"
ASGI_APPLICATION = "omnidesk.asgi.application"

_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "tenancy.context.shell",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "NAME": "jinja2",
        "BACKEND": "omnidesk.pages.Pages",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "omnidesk.pages.environment", "context_processors": _PROCESSORS},
    },
    # Those that libraries bring along.
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]
FORM_RENDERER = "django.forms.renderers.Jinja2"

_DATABASE = environ.Env.db_url_config(_from_run("DATABASE_URL", "postgres://omnidesk@127.0.0.1/omnidesk"))
DATABASES: dict[str, dict[str, Any]] = {
    "default": _DATABASE
    | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"prepare_threshold": 1} | _DATABASE.get("OPTIONS", {}),  # see tenancy.prepared
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _from_run("REDIS_URL", "redis://127.0.0.1:6379/0")
LIVE_PREFIX = "omnidesk"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": LIVE_PREFIX},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},  # a Redis that hangs hangs no request
    }
}

# Celery carries doorbells only: losing every message loses no work (tenancy.lanes).
_socket = urlsplit(REDIS_URL)
CELERY_BROKER_URL = (
    f"redis+socket://{_socket.path}"
    + (f"?virtual_host={_socket.query.removeprefix('db=')}" if _socket.query else "")
    if _socket.scheme == "unix"
    else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": False,
}
CELERY_TASK_PUBLISH_RETRY = False

AUTH_USER_MODEL = "tenancy.User"
AUTHENTICATION_BACKENDS = ["tenancy.accounts.SeatedBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tenancy.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can have us write to a stranger
ACCOUNT_SESSION_REMEMBER = True
# By address, and by the account that is tried; the rest are django-allauth's own.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    "login": "30/m/ip",
    "reset_password": "20/m/ip,5/m/key",
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "omnidesk_session"
SESSION_ENGINE = "tenancy.sessions"
CSRF_COOKIE_NAME = "omnidesk_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "omnidesk.errors.forged"
SECURE_SSL_REDIRECT = IS_HTTPS and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if IS_HTTPS else 0)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "media-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
OMNIDESK_ATTACHMENT_LIMIT = env.int("ATTACHMENT_LIMIT", default=25 * 1024 * 1024)  # bytes

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("en-us", _("English (United States)"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "tenancy.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(OMNIDESK_DATA / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(OMNIDESK_DATA / "files")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "omnidesk.static.HashedStorage"},
}

# The installation's own mail: invitations and notifications, never a customer's answer.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds; nobody waits for a dead server
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Omnidesk <omnidesk@localhost>")

# What may come in; more is asked to come again later. Within a minute:
OMNIDESK_INBOUND_RATE = env.int("INBOUND_RATE", default=60_000)  # by one channel
OMNIDESK_INBOUND_RATE_WORKSPACE = env.int("INBOUND_RATE_WORKSPACE", default=120_000)
OMNIDESK_INBOUND_BACKLOG = env.int("INBOUND_BACKLOG", default=100_000)  # not worked on yet, of one workspace
# Open at a time in one process; an office, or a carrier's customers, may have one address.
OMNIDESK_SOCKETS_PER_ADDRESS = env.int("SOCKETS_PER_ADDRESS", default=2000)
OMNIDESK_SOCKETS_PER_SIGN_IN = env.int("SOCKETS_PER_SIGN_IN", default=1000)

OMNIDESK_API_RATE = env.int("API_RATE", default=3000)  # requests a minute for each token
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenancy.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenancy.api.authentication.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["tenancy.api.throttling.TokenThrottle"],
    "DEFAULT_PAGINATION_CLASS": "tenancy.api.paging.CursorPage",
    "DEFAULT_FILTER_BACKENDS": ["tenancy.api.filtering.QueryFilter"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tenancy.api.parsing.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tenancy.api.negotiation.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "tenancy.api.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "tenancy.api.problems.problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Omnidesk API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "POSTPROCESSING_HOOKS": ["tenancy.api.schema.add_problem"],
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
