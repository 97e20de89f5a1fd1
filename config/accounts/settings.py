"""The settings of accounts: how people log in, and how guessing is slowed down."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.accounts.sso import env_sso
from config.env import env_bool

MFA = env_bool("ACCOUNTS_MFA", "false")
SSO = env_sso()
HAS_ENTRANCE = MFA or SSO is not None
"""Whether people come in through django-allauth."""
if HAS_ENTRANCE and find_spec("allauth") is None:
    what = "ACCOUNTS_MFA" if MFA else "SSO_ISSUER"
    raise ImproperlyConfigured(f"{what} needs the packages of requirements-all.lock.")

APPS = ["config.accounts", "axes"]

BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

MIDDLEWARE = ["axes.middleware.AxesMiddleware"]

CONTEXT_PROCESSORS: list[str] = []

ENTRANCE: dict[str, Any] = {}
if HAS_ENTRANCE:
    APPS += ["allauth", "allauth.account", "allauth.socialaccount"]
    MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware", *MIDDLEWARE]
    CONTEXT_PROCESSORS += ["config.accounts.entrance.frame"]
    ENTRANCE |= {
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "admin:index",
        "ACCOUNT_LOGOUT_REDIRECT_URL": "admin:index",
        "ACCOUNT_ADAPTER": "config.accounts.entrance.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "email", "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_SESSION_COOKIE_AGE": 14 * 24 * 60 * 60,
        "SOCIALACCOUNT_ADAPTER": "config.accounts.entrance.SocialAccountAdapter",
        # The provider is the operator's own choice: it is believed about verified addresses,
        # so that who was given a role beforehand need not be connected by hand.
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": True,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
    }
if MFA:
    APPS.append("allauth.mfa")
    ENTRANCE |= {
        "MFA_TOTP_ISSUER": "Grapevine",
        "MFA_TOTP_TOLERANCE": 1,
        # Nobody opens an account of their own with somebody else's address.
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
    }
if SSO:
    APPS.append("allauth.socialaccount.providers.openid_connect")
    ENTRANCE["SOCIALACCOUNT_PROVIDERS"] = SSO.for_allauth()
# Browsers ask this of where a form leads on to, too.
FORM_TARGETS = [SSO.origin] if SSO else []

PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Guesses are counted in the memory of each web process, where they are gone after a while:
# the tables of django-axes would keep addresses.
AXES: dict[str, Any] = {
    "AXES_HANDLER": "axes.handlers.cache.AxesCacheHandler",
    "AXES_CACHE": "guesses",
    "AXES_CLIENT_IP_CALLABLE": "config.accounts.guessing.network_of",
    "AXES_LOCKOUT_CALLABLE": "config.accounts.guessing.locked_out",
    "AXES_LOCKOUT_PARAMETERS": ["ip_address"],
    "AXES_FAILURE_LIMIT": 10,
    "AXES_COOLOFF_TIME": timedelta(minutes=15),
    # Trying on must not keep everybody else of an office out for ever.
    "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
    "AXES_ENABLE_ADMIN": False,
    "AXES_VERBOSE": False,
}

SILENCED_CHECKS = [
    # The edge answers without Django, so the proxy in front has to redirect to HTTPS and to
    # send Strict-Transport-Security (docs/operations.md): from here it would be some answers.
    "security.W004",
    "security.W008",
    # That each process counts by itself multiplies ten guesses by a handful, not by millions.
    "axes.W001",
]

GUESSES_CACHE = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "guesses",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
