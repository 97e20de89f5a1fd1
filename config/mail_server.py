"""The mail server, as one address: ``smtp+tls://user:password@mail.example.com``."""

from __future__ import annotations

from email.utils import parseaddr
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import env_str, env_url

PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
"""Unencrypted, encrypted from the start, and encrypted by STARTTLS."""


class MailServer(NamedTuple):
    """Where mails are handed over; without a host they are not."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    is_tls: bool = False
    is_starttls: bool = False


def env_mail_server(name: str) -> MailServer:
    """Return the mail server that the variable names."""
    url = env_url(name, "", tuple(PORTS))
    if not url:
        return MailServer()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port = None
        parts = urlsplit("smtp:")
    if not parts.hostname:
        # The value may hold a password, so it is not repeated.
        raise ImproperlyConfigured(f"{name} should be like smtp+tls://user:password@host:587.")
    return MailServer(
        parts.hostname,
        port or PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtps",
        parts.scheme == "smtp+tls",
    )


def env_mail_from(name: str, host: str) -> str:
    """Return the sender that the variable names, or one at a host."""
    value = env_str(name, f"Grapevine <grapevine@{host}>")
    address = parseaddr(value)[1]
    if "@" not in address or address.startswith("@") or "\n" in value:
        raise ImproperlyConfigured(
            f"{name}={value!r} should be like Grapevine <grapevine@example.com>."
        )
    return value
