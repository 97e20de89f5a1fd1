"""What the fields of sites, campaigns and links must look like, in words."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shortener import tags
from shortener.channels import BUTTONS, BY_NAME

HOST = re.compile(
    r"\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)

COLOR = re.compile(r"#[0-9a-fA-F]{6}")
MIN_CONTRAST = 4.5
"""Of a QR code to the white behind it, for cameras in bad light and prints that have faded."""


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(value)s” is not a time zone. Write it like Europe/Berlin or Asia/Kolkata."),
            params={"value": value},
        )


def validate_hosts(value: Any) -> None:
    """Check a list of host names, small letters, ``.example.com`` for all subdomains."""
    if not isinstance(value, list):
        raise ValidationError(_("Hosts are a list of names."))
    for host in value:
        if not isinstance(host, str) or len(host) > 253 or not HOST.fullmatch(host):
            raise ValidationError(
                _(
                    "“%(host)s” is not a host name. Write www.example.com without https://, "
                    "or .example.com for all its subdomains."
                ),
                params={"host": host},
            )


def validate_channels(value: Any) -> None:
    """Check a list of names of channels that have a button."""
    known = [channel.name for channel in BUTTONS]
    if not isinstance(value, list):
        raise ValidationError(_("Channels are a list of names."))
    for name in value:
        if name not in BY_NAME or name not in known:
            raise ValidationError(
                _("“%(name)s” is not a channel with a button. Known are: %(known)s."),
                params={"name": name, "known": ", ".join(known)},
            )


def validate_tags(value: Any) -> None:
    """Check a mapping of attribution tags."""
    if not isinstance(value, dict) or not all(
        isinstance(name, str) and isinstance(text, str) for name, text in value.items()
    ):
        raise ValidationError(_("Tags are pairs of a name and a text."))
    if found := tags.problems(value):
        raise ValidationError([ValidationError(sentence) for sentence in found])


def validate_tag_parameter(value: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,15}", value):
        raise ValidationError(_("Use a letter, then at most 15 letters, digits, - or _."))


def validate_brand_color(value: str) -> None:
    """Check that cameras can tell a QR code in this colour from the white behind it."""
    if not COLOR.fullmatch(value):
        raise ValidationError(
            _("“%(color)s” is not a colour. Write it like #4b2672."), params={"color": value}
        )
    if (contrast := contrast_to_white(value)) < MIN_CONTRAST:
        raise ValidationError(
            _(
                "%(color)s is too light: cameras need a contrast of 4.5 to 1 to the white of a "
                "QR code, and it has %(contrast)s to 1. Choose a darker colour."
            ),
            params={"color": value, "contrast": f"{contrast:.1f}"},
        )


def contrast_to_white(color: str) -> float:
    """Return the contrast ratio of a colour such as #4b2672 to white, from 1 to 21 (WCAG 2.2)."""
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    weights = (0.2126, 0.7152, 0.0722)
    luminance = sum(weight * part for weight, part in zip(weights, linear, strict=True))
    return 1.05 / (luminance + 0.05)
