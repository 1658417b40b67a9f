"""What every environment shares. Values that differ between machines are read from the environment by `env`."""

import os
from pathlib import Path
from typing import Any

# More than one OpenMP thread makes scikit-learn 10-20 times slower on busy cores; must be set before numpy is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE  # noqa: E402
from django.urls import reverse_lazy  # noqa: E402
from kombu import Queue  # noqa: E402

from cs_platform.schedule import LONG, PATIENT, WAITS  # noqa: E402

from . import env  # noqa: E402
from .shell import UNFOLD  # noqa: E402, F401

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = env.folder("CS_VAR", BASE_DIR / "var")
SECRET_KEY = env.text("SECRET_KEY", hint="Set it to a long random string, for example the output of: openssl rand -base64 48")
# Keys from before, separated by spaces: what was made with them stays good (sessions, links, secrets of webhooks).
SECRET_KEY_FALLBACKS = env.text("SECRET_KEY_FALLBACKS", "").split()
DEBUG = False
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# The demo company, its mailbox and its living customers exist only where this is on.
DEMO = env.flag("CS_DEMO", False)
# Reports over several currencies are written in this one; accounts and contracts keep their own.
WORKSPACE_CURRENCY = env.currency("WORKSPACE_CURRENCY", "USD")
# What an hour of a success manager costs, in that currency: what the impact of plays counts their tasks with.
CSM_HOUR_COST = env.number("CSM_HOUR_COST", 60, least=0)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "waffle",
    "django_celery_beat",
    "django_htmx",
    "django_cotton",
    "csp",
    "apps.core",
    "apps.events",
    "apps.accounts",
    "apps.messaging",
    "apps.integrations",
    "apps.experiments",
    "apps.milestones",
    "apps.health",
    "apps.churn",
    "apps.interventions",
    "apps.coaching",
    "apps.community",
    "apps.campaigns",
    "apps.metrics",
    "apps.alerts",
    "apps.dashboards",
    "cs_platform",
]

MIDDLEWARE = [
    "cs_platform.counting.count_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "cs_platform.urls"
ASGI_APPLICATION = "cs_platform.asgi.application"
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
                "csp.context_processors.nonce",
                "apps.dashboards.context.shell",
            ]
        },
    }
]

DATABASES = {"default": {**env.database("DATABASE_URL"), "CONN_MAX_AGE": env.number("DATABASE_KEEP_SECONDS", 60), "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.signed_in.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}}]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Static files are served straight from their folders: nothing to collect, nothing to forget.
WHITENOISE_USE_FINDERS = True

VALKEY_URL = env.valkey()
# One server may hold several installations (the tests run beside the demo), so every key starts with this.
VALKEY_PREFIX = env.text("VALKEY_PREFIX", "cs")
CACHES = {
    "default": {
        "BACKEND": "cs_platform.cache.ForgivingCache",
        "LOCATION": VALKEY_URL,
        "KEY_PREFIX": VALKEY_PREFIX,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [VALKEY_URL], "prefix": f"{VALKEY_PREFIX}.live"}}
}

CELERY_BROKER_URL = env.broker(VALKEY_URL)
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "global_keyprefix": f"{VALKEY_PREFIX}.work.",
    "visibility_timeout": 3600,
    # A broker that hangs may cost a request two seconds, never more: the row is already safe and the sweep finds it.
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
    # Of what waits in a queue, patient tasks are taken last.
    "priority_steps": [0, WAITS],
}
# Messages have a queue and a worker of their own: a mail server that answers slowly must not hold up scores and alerts.
# So have webhooks, whose receivers are anybody's machines, and long rounds. A worker started without --queues takes all of them.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("messages"), Queue("webhooks"), Queue("rounds")]
CELERY_TASK_ROUTES: dict[str, dict[str, Any]] = {
    "messaging.*": {"queue": "messages"},
    "integrations.*_webhooks": {"queue": "webhooks"},
    **{task: {"queue": "rounds"} for task in LONG},
    **{task: {"queue": "celery", "priority": WAITS} for task in PATIENT},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ETA_TASK_LIMIT = 100
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "cs_platform.beating:BeatingScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10, least=1, most=120)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Customer success <success@cs.localhost>")
# How long a worker may be silent about a message it is sending before it counts as dead:
# longer than the slowest SMTP talk (8 steps of EMAIL_TIMEOUT).
MESSAGE_LEASE_SECONDS = env.number("MESSAGE_LEASE_SECONDS", 120, least=1, most=3600)
# The first pause after a refusal that can heal; doubled each time, up to an hour, with full jitter.
MESSAGE_RETRY_SECONDS = env.number("MESSAGE_RETRY_SECONDS", 30, least=1, most=3600)
# A training whose worker gave no sign of life for this long begins again.
TRAINING_LEASE_SECONDS = env.number("TRAINING_LEASE_SECONDS", 180, least=1, most=86_400)
# Every churn model learns anew this long after it learned last.
CHURN_RETRAIN_DAYS = env.number("CHURN_RETRAIN_DAYS", 14, least=1, most=3650)
# Who carries the messages of each channel, in order of preference: smtp, anymail, inbox, twilio, webpush; console only shows them in the demo.
_TO_PHONES = "console" if DEMO else "twilio" if env.text("TWILIO_ACCOUNT_SID", "") else ""
MESSAGE_PROVIDERS = {
    "email": env.text("PROVIDERS_EMAIL", "anymail" if env.text("ANYMAIL_SERVICE", "") else "smtp").split(","),
    "in_app": env.text("PROVIDERS_IN_APP", "inbox").split(","),
    "sms": [name for name in env.text("PROVIDERS_SMS", _TO_PHONES).split(",") if name],
    "whatsapp": [name for name in env.text("PROVIDERS_WHATSAPP", _TO_PHONES).split(",") if name],
    "voice": [name for name in env.text("PROVIDERS_VOICE", _TO_PHONES).split(",") if name],
    "push": [
        name for name in env.text("PROVIDERS_PUSH", "console" if DEMO else "webpush" if env.text("VAPID_PRIVATE_KEY", "") else "").split(",") if name
    ],
}
# The mail service that `anymail` speaks to, and its keys: ANYMAIL_RESEND_API_KEY stands as RESEND_API_KEY in django-anymail's documentation.
MAIL_SERVICE = env.text("ANYMAIL_SERVICE", "").lower()
ANYMAIL = {"REQUESTS_TIMEOUT": EMAIL_TIMEOUT, **env.beginning("ANYMAIL_")}
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", "")
TWILIO_SMS_FROM = env.text("TWILIO_SMS_FROM", "")
TWILIO_WHATSAPP_FROM = env.text("TWILIO_WHATSAPP_FROM", "")
TWILIO_VOICE_FROM = env.text("TWILIO_VOICE_FROM", "")
# Another address than Twilio's own, for a proxy or a stand-in.
TWILIO_API_URL = env.text("TWILIO_API_URL", "")
TWILIO_TIMEOUT = env.number("TWILIO_TIMEOUT", 10, least=1, most=60)
# The key that push services know us by (PEM file or base64url), and a mailto: or https: where they reach us.
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY", "")
VAPID_CONTACT = env.text("VAPID_CONTACT", "")
# The push services of browsers that are called, as hosts (https) or origins; nobody can make us call anything else.
WEB_PUSH_SERVICES = env.text(
    "WEB_PUSH_SERVICES", "fcm.googleapis.com updates.push.services.mozilla.com *.notify.windows.com web.push.apple.com"
).split()
WEB_PUSH_TIMEOUT = env.number("WEB_PUSH_TIMEOUT", 10, least=1, most=60)
# Replies to our mail come back to reply+TOKEN@ this domain.
REPLY_DOMAIN = env.text("REPLY_DOMAIN", "reply.cs.localhost")

# Whose public holidays are free for everybody who names no region of their own: DE, DE-BY, US-CA (docs/escalation.md). Empty: nobody's.
HOLIDAYS_REGION = env.text("HOLIDAYS_REGION", "")

# Origins (https://app.example.com, separated by spaces) whose pages may show a customer's path in a frame; nobody's, unless one is named.
PATH_FRAME_ORIGINS = env.origins("PATH_FRAME_ORIGINS")

# How long a receiver of a webhook may take for everything: name, connection, TLS, answer.
WEBHOOK_TIMEOUT = env.number("WEBHOOK_TIMEOUT", 15, least=1, most=60)
# How long a sender may be silent about a delivery before it counts as dead; longer than an attempt takes.
WEBHOOK_LEASE_SECONDS = env.number("WEBHOOK_LEASE_SECONDS", 90, least=1, most=3600)
# Webhooks go out into the Internet by https only. For receivers of one's own: networks that may be called all the same, and whether http will do.
WEBHOOK_INSIDE_NETWORKS = env.networks("WEBHOOK_INSIDE_NETWORKS")
WEBHOOK_ALLOW_HTTP = env.flag("WEBHOOK_ALLOW_HTTP", False)

# Web processes watch the system: they show that they live, notice what has stopped, tell open pages and raise alerts.
SYSTEM_WATCH = env.flag("SYSTEM_WATCH", True)
# Whoever sends this as `Authorization: Bearer ...` may read /metrics; without one only this machine may.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
# A file that the backup touches when it was good: its age is the age of the backup.
BACKUP_MARK = env.text("BACKUP_MARK", "")

# How many batches of activity one web process stores at the same moment; more are told to come again (503 with Retry-After).
INGEST_AT_ONCE = env.number("INGEST_AT_ONCE", 16, least=1, most=1000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # First, so that strangers are told 401 and how to come in.
        "apps.integrations.api.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.core.api.access.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.integrations.api.authentication.KeyThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.bodies.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "apps.core.api.schema.Described",
    "EXCEPTION_HANDLER": "apps.core.api.errors.explain_error",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
}
# The module that remembers what was done under an Idempotency-Key.
API_CALLS = "apps.integrations.calls"
SPECTACULAR_SETTINGS = {
    "TITLE": "CS Platform API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Customers, what they pay, do and say, and how likely they are to leave. docs/api.md tells how it all works.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "docExpansion": "list", "filter": True},
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "apps.core.api.schema.tell_errors"],
}

# The staff shell (django-unfold) needs 'unsafe-eval' for Alpine; pages for customers send their own strict policy (apps.messaging.views).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF, "ws:", "wss:"],
        "frame-ancestors": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
WAFFLE_CREATE_MISSING_FLAGS = False
WAFFLE_CREATE_MISSING_SWITCHES = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "cs_platform.log.Discreet", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stream"], "level": env.text("LOG_LEVEL", "WARNING")},
}
