"""``share.json``: the languages and channels that ``share.js`` asks for where a page needs one.

The script itself holds English and the seven channels of ``INLINE``, so that most pages
make one request, and a small one.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from shortener.channels import BUTTONS, Channel
from shortener.labels import LABELS

INLINE = ("whatsapp", "telegram", "signal", "sms", "email", "copy", "native")
ICONS = Path(settings.BASE_DIR) / "templates" / "shortener" / "icons"
PATH = re.compile(r'<path d="([^"]+)"')
FIELDS = {"{text}": "{t}", "{url}": "{u}", "{message}": "{m}", "{app}": "{a}", "{page}": "{p}"}
"""How the script, which every page loads, calls what a compose address is filled with."""


def row(channel: Channel) -> list[str]:
    """Return a channel as the script has it: path of the icon, label, compose addresses."""
    icon = PATH.findall((ICONS / f"{channel.name}.svg").read_text())[0]
    label = LABELS["en"].of(channel)
    if channel.app_compose:
        return [icon, label, _address(channel.compose), _address(channel.app_compose)]
    return [icon, label, _address(channel.compose)] if channel.compose else [icon, label]


def _address(compose: str) -> str:
    return re.sub(r"{\w+}", lambda field: FIELDS[field[0]], compose)


@cache
def served() -> str:
    """Return the data as they are served."""
    data: dict[str, Any] = {
        "labels": {language: list(words) for language, words in LABELS.items()},
        "channels": {channel.name: row(channel) for channel in BUTTONS},
    }
    return orjson.dumps(data).decode()
