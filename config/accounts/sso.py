"""Single sign-on, as the environment names it: one OpenID Connect provider."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import env_str

LOCAL = ("localhost", "127.0.0.1", "::1")
NAMES = ("SSO_ISSUER", "SSO_CLIENT_ID", "SSO_CLIENT_SECRET")


class Provider(NamedTuple):
    """Who vouches for the users."""

    issuer: str
    client_id: str
    secret: str
    name: str

    @property
    def origin(self) -> str:
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    def for_allauth(self) -> dict[str, Any]:
        app = {
            "provider_id": "company",
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": {"server_url": self.issuer, "oauth_pkce_enabled": True},
        }
        return {"openid_connect": {"APPS": [app]}}


def env_sso() -> Provider | None:
    """Return the provider, or None where none is named. Raises ImproperlyConfigured."""
    issuer = env_str("SSO_ISSUER", "")
    client_id = env_str("SSO_CLIENT_ID", "")
    secret = env_str("SSO_CLIENT_SECRET", "")
    values = (issuer, client_id, secret)
    if not any(values):
        return None
    if missing := [name for name, value in zip(NAMES, values, strict=True) if not value]:
        raise ImproperlyConfigured(f"Single sign-on lacks {' and '.join(missing)}.")
    parts = urlsplit(issuer)
    is_local = parts.scheme == "http" and parts.hostname in LOCAL
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise ImproperlyConfigured(
            f"SSO_ISSUER={issuer!r} should be an address that starts with https://."
        )
    return Provider(issuer.rstrip("/"), client_id, secret, env_str("SSO_NAME", "Single sign-on"))
