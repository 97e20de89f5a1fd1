"""Attribution tags: the parameters that a redirect adds to its destination."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _

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
            sentence = _("The tag name “%(name)s” may hold letters, digits, and _ . ~ - only.")
            found.append(sentence % {"name": name})
        if len(value) > 200:
            sentence = _("The value of “%(name)s” is longer than 200 characters.")
            found.append(sentence % {"name": name})
        if not value.isprintable():
            sentence = _("The value of “%(name)s” holds a control character.")
            found.append(sentence % {"name": name})
        for placeholder in PLACEHOLDER.findall(value):
            if placeholder not in PLACEHOLDERS:
                known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
                sentence = _("%(placeholder)s in “%(name)s” is not one of %(known)s.")
                found.append(
                    sentence % {"placeholder": f"{{{placeholder}}}", "name": name, "known": known}
                )
        if name.lower().startswith("utm_"):
            found += _utm_problems(name, value)
    return found


def _utm_problems(name: str, value: str) -> Iterable[str]:
    if name != name.lower():
        sentence = _("Write “%(name)s” as “%(small)s”: analytics tools look for small letters.")
        yield sentence % {"name": name, "small": name.lower()}
    if any(character.isspace() for character in value):
        sentence = _("“%(value)s” in “%(name)s” holds a blank: write “%(better)s”.")
        yield sentence % {"value": value, "name": name, "better": "-".join(value.split())}
    elif PLACEHOLDER.sub("", value) != PLACEHOLDER.sub("", value).lower():
        sentence = _(
            "“%(value)s” in “%(name)s” has capitals: write “%(better)s”, or reports split."
        )
        yield sentence % {"value": value, "name": name, "better": value.lower()}


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
