"""Slugs: short links that people can read."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shortener import codes

SLUG = re.compile(r"[\w-]{1,60}")

RESERVED = frozenset(
    {
        "admin",
        "api",
        "demo",
        "events",
        "healthz",
        "metrics",
        "offer",
        "preview",
        "qr",
        "readyz",
        "share",
        "static",
    }
)
"""First parts of our own routes; a test holds them against the URLs."""


def validate_slug(value: str) -> None:
    """Refuse what cannot be a path of ours, is a route already, or reads as a code."""
    if not SLUG.fullmatch(value):
        raise ValidationError(_("A slug may hold letters, digits, - and _ only."))
    if value.lower() in RESERVED:
        raise ValidationError(
            _("“%(slug)s” is an address of Grapevine itself."), params={"slug": value}
        )
    if codes.decode(value) is not None:
        raise ValidationError(
            _("“%(slug)s” happens to be the code of a share. Please change a letter."),
            params={"slug": value},
        )
