"""What the fields of sites, campaigns and links must look like, in words."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError

from shortener import tags
from shortener.channels import BUTTONS, BY_NAME

HOST = re.compile(
    r"\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            "“%(value)s” is not a time zone. Write it like Europe/Berlin or Asia/Kolkata.",
            params={"value": value},
        )


def validate_hosts(value: Any) -> None:
    """Check a list of host names, small letters, ``.example.com`` for all subdomains."""
    if not isinstance(value, list):
        raise ValidationError("Hosts are a list of names.")
    for host in value:
        if not isinstance(host, str) or len(host) > 253 or not HOST.fullmatch(host):
            raise ValidationError(
                "“%(host)s” is not a host name. Write www.example.com without https://, "
                "or .example.com for all its subdomains.",
                params={"host": host},
            )


def validate_channels(value: Any) -> None:
    """Check a list of names of channels that have a button."""
    known = [channel.name for channel in BUTTONS]
    if not isinstance(value, list):
        raise ValidationError("Channels are a list of names.")
    for name in value:
        if name not in BY_NAME or name not in known:
            raise ValidationError(
                "“%(name)s” is not a channel with a button. Known are: %(known)s.",
                params={"name": name, "known": ", ".join(known)},
            )


def validate_tags(value: Any) -> None:
    """Check a mapping of attribution tags."""
    if not isinstance(value, dict) or not all(
        isinstance(name, str) and isinstance(text, str) for name, text in value.items()
    ):
        raise ValidationError("Tags are pairs of a name and a text.")
    if found := tags.problems(value):
        raise ValidationError([ValidationError(sentence) for sentence in found])


def validate_tag_parameter(value: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,15}", value):
        raise ValidationError("Use a letter, then at most 15 letters, digits, - or _.")
