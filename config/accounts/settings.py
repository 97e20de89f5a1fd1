"""The settings of accounts: how people log in, and how guessing is slowed down."""

from __future__ import annotations

from datetime import timedelta

APPS = ["config.accounts", "axes"]

BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

MIDDLEWARE = ["axes.middleware.AxesMiddleware"]

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
AXES = {
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
