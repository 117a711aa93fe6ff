"""Django's settings. What differs from place to place comes from the environment; everything else stands here.

``DATABASE_URL`` (a stock PostgreSQL ≥ 15) replaces the embedded server; ``JIRONG_DB_ROLE=owner`` is set by commands
that migrate; ``JIRONG_DEBUG=1`` is for development only. Secrets live beside the database, never here.
"""

from __future__ import annotations

import os
from pathlib import Path

from jirong.store import database

DEBUG = os.environ.get("JIRONG_DEBUG") == "1"
SECRET_KEY = database.secret("django")
ALLOWED_HOSTS = os.environ.get("JIRONG_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("JIRONG_ORIGINS", "").split(",") if origin]

ROOMS = [
    "jirong.store",
    "jirong.web",
    "jirong.log",
    "jirong.ledger",
    "jirong.parties",
    "jirong.claims",
    "jirong.facts",
    "jirong.rails",
    "jirong.assessment",
    "jirong.collateral",
    "jirong.notes",
    "jirong.financing",
    "jirong.site",
]
INSTALLED_APPS = [
    *ROOMS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_cotton",
    "django_htmx",
]
MIDDLEWARE = [
    "jirong.web.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "jirong.web.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jirong.web.middleware.LocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jirong.parties.middleware.ActorMiddleware",
    "jirong.web.middleware.RefusalMiddleware",
    "jirong.web.retry.RetryMiddleware",
]
ROOT_URLCONF = "jirong.site.urls"
WSGI_APPLICATION = "jirong.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jirong.web.context.shell",
            ],
            "builtins": ["jirong.web.templatetags.jirong", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES = {
    "default": {**database.database_settings(os.environ.get("JIRONG_DB_ROLE", "app")), "ATOMIC_REQUESTS": True}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "jirong.parties.adapter.StaffAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("JIRONG_STATIC_ROOT") or database.home() / "static")
WHITENOISE_USE_FINDERS = DEBUG

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "jirong.site.views.csrf_failure"
if os.environ.get("JIRONG_HTTPS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# An upload larger than this is refused before it is read (an order book of a year is about 5 MB).
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 32 * 2**20
SILENCED_SYSTEM_CHECKS: list[str] = []
