"""What the columns of files are called: in our own kind of file, and in other tools' exports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

HEADING = re.compile(r"[\W_]+")
UTM = re.compile(r"utm[_ -]?(source|medium|campaign|term|content|id)", re.IGNORECASE)


class Format(NamedTuple):
    """A kind of file, which its headings tell."""

    tool: str
    """The name of the other tool, empty for our own kind."""
    known_by: Sequence[frozenset[str]]
    """Sets of headings; a file with all of one of them is of this kind."""
    columns: Mapping[str, str]
    """What a column holds, by its heading. Of two that hold the same, the first that says
    something counts. Whatever is not named here, such as addresses of people, is never kept."""


FORMATS: Sequence[Format] = (
    Format(
        "Shlink",
        [frozenset({"shortcode", "longurl"})],
        {
            "longurl": "destination",
            "shortcode": "slug",
            "title": "title",
            "visitssummarytotal": "clicks",
            "visitscount": "clicks",
            "visits": "clicks",
            "metavaliduntil": "expires",
            "validuntil": "expires",
        },
    ),
    Format(
        "YOURLS",
        [frozenset({"keyword", "url"}), frozenset({"shorturl", "url", "clicks"})],
        {
            "url": "destination",
            "keyword": "slug",
            "shorturl": "slug",
            "title": "title",
            "clicks": "clicks",
        },
    ),
    Format(
        "Kutt",
        [frozenset({"address", "target"})],
        {
            "target": "destination",
            "address": "slug",
            "description": "title",
            "visitcount": "clicks",
            "expirein": "expires",
            "banned": "banned",
        },
    ),
    Format(
        "Bitly",
        [
            frozenset({url, link})
            for url in ("longurl", "destinationurl")
            for link in ("link", "bitlink", "shortlink", "customlink", "custombitlinks")
        ],
        {
            "longurl": "destination",
            "destinationurl": "destination",
            "customlink": "slug",
            "custombitlinks": "slug",
            "link": "slug",
            "bitlink": "slug",
            "shortlink": "slug",
            "title": "title",
            "clicks": "clicks",
            "totalclicks": "clicks",
            "engagements": "clicks",
            "totalengagements": "clicks",
        },
    ),
    Format(
        "",
        [frozenset({name}) for name in ("destination", "destinationurl", "url", "longurl")],
        {
            "destination": "destination",
            "destinationurl": "destination",
            "url": "destination",
            "longurl": "destination",
            "title": "title",
            "slug": "slug",
            "campaign": "campaign",
            "tags": "tags",
            "expires": "expires",
            "active": "active",
        },
    ),
)
"""In the order in which they are tried: our own kind takes what no other tool has written."""

BY_TOOL = {each.tool: each for each in FORMATS}

DESTINATIONS = frozenset(
    heading
    for each in FORMATS
    for heading, field in each.columns.items()
    if field == "destination"
)


def plain(heading: str) -> str:
    """Return a heading without what is written in one way here and in another there.

    >>> plain("Long URL") == plain("long_url") == plain("longUrl")
    True
    """
    return HEADING.sub("", heading.lower())


def recognise(headings: Iterable[str]) -> Format | None:
    """Return the kind of file that has these headings."""
    found = {plain(heading) for heading in headings}
    return next((f for f in FORMATS if any(known <= found for known in f.known_by)), None)


def field_of(heading: str, kind: Format) -> str:
    """Return what a column holds, or an empty text where it is not read."""
    if not kind.tool and (utm := UTM.fullmatch(heading.strip())):
        return f"utm_{utm[1].lower()}"
    return kind.columns.get(plain(heading), "")
