"""Reading settings from the environment, with errors that name the variable."""

from __future__ import annotations

import os
from pathlib import Path

import maxminddb
from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str | None = None) -> str:
    """Return the variable, or the content of the file that ``<name>_FILE`` names."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error}.") from error
    # Compose files and unit files set to nothing what they do not set.
    value = os.environ.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"Set the {name} environment variable.")
    return value.strip()


def env_bool(name: str, default: str) -> bool:
    """Return whether the variable says true."""
    value = env_str(name, default).lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name}={value!r} should be 'true' or 'false'.")
    return value == "true"


def env_int(name: str, default: str, *, minimum: int = 0) -> int:
    """Return the variable as a whole number of at least ``minimum``."""
    value = env_str(name, default)
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(
            f"{name}={value!r} should be a whole number of at least {minimum}."
        )
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    """Return the variable's parts between commas."""
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return the variable, which must be one of the choices."""
    value = env_str(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} should be one of: {', '.join(choices)}.")
    return value


def env_url(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """Return the variable as an address with one of the schemes; an empty one stays empty."""
    value = env_str(name, default)
    if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        # The value may hold a password, so it is not repeated.
        raise ImproperlyConfigured(f"{name} should start with one of: {', '.join(schemes)} (://).")
    return value


def env_mmdb(name: str) -> Path | None:
    """Return the path of a MaxMind DB file, which must be there; None where none is named."""
    value = env_str(name, "")
    if not value:
        return None
    path = Path(value).resolve()
    try:
        maxminddb.open_database(path).close()
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise ImproperlyConfigured(
            f"{name}={value!r} should be a MaxMind DB file, and cannot be read as one."
        ) from error
    return path
