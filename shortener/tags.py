"""Attribution tags: the parameters that a redirect adds to its destination."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

PLACEHOLDERS = ("channel", "campaign", "placement", "share")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Pairs = Iterable[tuple[str, str]]


def problems(tags: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the tags, a sentence each.

    Capitals and blanks are refused in UTM tags because analytics tools count
    ``Summer Sale`` and ``summer-sale`` as two campaigns.
    """
    found = []
    for name, value in tags.items():
        if not re.fullmatch(r"[A-Za-z0-9_.~-]{1,64}", name):
            found.append(f"The tag name “{name}” may hold letters, digits, and _ . ~ - only.")
        if len(value) > 200:
            found.append(f"The value of “{name}” is longer than 200 characters.")
        if not value.isprintable():
            found.append(f"The value of “{name}” holds a control character.")
        for placeholder in PLACEHOLDER.findall(value):
            if placeholder not in PLACEHOLDERS:
                known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
                found.append(f"{{{placeholder}}} in “{name}” is not one of {known}.")
        if name.lower().startswith("utm_"):
            found += _utm_problems(name, value)
    return found


def _utm_problems(name: str, value: str) -> Iterable[str]:
    if name != name.lower():
        yield f"Write “{name}” as “{name.lower()}”: analytics tools look for small letters."
    if any(character.isspace() for character in value):
        yield f"“{value}” in “{name}” holds a blank: write “{'-'.join(value.split())}”."
    elif PLACEHOLDER.sub("", value) != PLACEHOLDER.sub("", value).lower():
        yield f"“{value}” in “{name}” has capitals: write “{value.lower()}”, or reports split."


def fill(tags: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return the tags with their placeholders filled in.

    A tag whose placeholder has no value is left out rather than sent empty.
    """
    filled = {}
    for name, value in tags.items():
        names = PLACEHOLDER.findall(value)
        if all(values.get(placeholder) for placeholder in names):
            filled[name] = PLACEHOLDER.sub(lambda match: values[match[1]], value)
    return filled


def add_parameters(url: str, parameters: Pairs) -> str:
    """Return the URL with the parameters added that it does not have yet, fragment last.

    The query that is there is kept to the letter: decoding it and encoding it again would
    change what some destinations read.
    """
    parts = urlsplit(url)
    present = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added: dict[str, str] = {}
    for name, value in parameters:
        if name not in present:
            added.setdefault(name, value)
    query = "&".join(part for part in (parts.query, urlencode(added, quote_via=quote)) if part)
    return urlunsplit(parts._replace(query=query))
