"""Reading a question's parameters, with a sentence for each that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, NamedTuple, cast

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shortener import codes
from shortener.channels import BY_NAME, Channel
from shortener.models import Campaign, Link, Site

PARAMETERS = {
    "site": "The site's key. Needed if there are several.",
    "from": "The first day, like 2026-11-01; 28 days are meant, if not given.",
    "to": "The last day; today, if not given.",
    "campaign": "Links of the campaign with this slug.",
    "links": "Links with these codes or slugs.",
    "tags": "Links that carry these attribution tags, name=value.",
    "channels": "Shares of these channels, by name.",
    "compare": (
        "What totals stand beside: before (the same number of days before), "
        "year (52 weeks earlier), or none."
    ),
    "compare_from": "The first day of another period to stand beside.",
    "compare_to": "Its last day; it is as long as the period asked for, if not given.",
    "granularity": "How finely time is told apart: day, week or month.",
    "by": "The tag whose values are told apart; all tags, if not given.",
    "top": "How many rows a ranking has, at most 1000; 100 or, in a file, all, if not given.",
    "page": "Which of the ranking's pages; the first, if not given.",
}
"""What can be asked, and what it means. Lists are repeated, or have commas between."""
MAX_LINKS = 1000
MAX_TOP = 1000
MAX_PAGE = 1_000_000
MAX_SITES_NAMED = 10
YEARS = range(2000, 2100)

Params = Mapping[str, Any]
"""Texts or lists of texts, by name; a request's query parameters, for example."""
Errors = dict[str, str]
Granularity = Literal["day", "week", "month"]
GRANULARITIES = ("day", "week", "month")
Comparison = Literal["before", "year", "none"]
COMPARISONS = ("before", "year", "none")


class Period(NamedTuple):
    """Days, the first and the last included."""

    start: date
    end: date


def texts(params: Params, name: str) -> list[str]:
    """Return all the values that a parameter has."""
    found = params.getlist(name) if hasattr(params, "getlist") else params.get(name, [])
    values = [found] if isinstance(found, str) else found or ()
    # PostgreSQL refuses texts with a NUL, and no name has one.
    return [str(value).replace("\0", "") for value in values]


def text(params: Params, name: str) -> str:
    """Return the value of a parameter; empty where it has none."""
    return (texts(params, name) or [""])[-1].strip()


def listed(params: Params, name: str) -> list[str]:
    """Return what a parameter lists, each once."""
    parts = (part.strip() for value in texts(params, name) for part in value.split(","))
    return list(dict.fromkeys(filter(None, parts)))


def site(params: Params, sites: QuerySet[Site], errors: Errors) -> Site | None:
    key = text(params, "site")
    known = sites.order_by("key")
    found = list((known.filter(key=key) if key else known)[:2])
    if len(found) == 1:
        return found[0]
    names = ", ".join(known.values_list("key", flat=True)[:MAX_SITES_NAMED])
    if not names:
        errors["site"] = _("There is no site yet.")
    elif key:
        errors["site"] = _("There is no site with the key “%(key)s”. Known are: %(names)s.") % {
            "key": key[:60],
            "names": names,
        }
    else:
        errors["site"] = _("Name one of the sites: %(names)s.") % {"names": names}
    return None


def day(params: Params, name: str, errors: Errors) -> date | None:
    value = text(params, name)
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    # Python also reads 20261101 and 2026-W45-1.
    if day is None or day.isoformat() != value:
        errors[name] = _("“%(value)s” is not a date. Write it like 2026-11-01.") % {
            "value": value[:40]
        }
    elif day.year not in YEARS:
        errors[name] = _("%(value)s is not between %(first)s and %(last)s.") % {
            "value": value,
            "first": YEARS[0],
            "last": YEARS[-1],
        }
    return day


def choice(params: Params, name: str, known: tuple[str, ...], errors: Errors) -> str:
    """Return which of the known words a parameter says; the first where it says none."""
    value = text(params, name) or known[0]
    if value not in known:
        errors[name] = _("“%(value)s” is not known. Say one of these: %(words)s.") % {
            "value": value[:40],
            "words": ", ".join(known),
        }
    return value


def number(params: Params, name: str, highest: int, errors: Errors) -> int | None:
    value = text(params, name)
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:10]) <= highest):
        errors[name] = _("“%(value)s” is not a whole number from 1 to %(highest)s.") % {
            "value": value[:40],
            "highest": highest,
        }
        return None
    return int(value)


def channels(params: Params, errors: Errors) -> tuple[Channel, ...]:
    names = listed(params, "channels")
    if unknown := [name for name in names if name not in BY_NAME]:
        errors["channels"] = _("There is no channel “%(name)s”. Known are: %(names)s.") % {
            "name": unknown[0][:40],
            "names": ", ".join(BY_NAME),
        }
    return tuple(BY_NAME[name] for name in names if name in BY_NAME)


def campaign(params: Params, site: Site, errors: Errors) -> str:
    slug = text(params, "campaign")
    if slug and not Campaign.objects.filter(site=site, slug=slug).exists():
        errors["campaign"] = _("%(site)s has no campaign “%(slug)s”.") % {
            "site": site,
            "slug": slug[:60],
        }
    return slug


def links(params: Params, site: Site, errors: Errors) -> tuple[int, ...]:
    """Return the ids of the links that codes or slugs name; of a merged one, its link's."""
    names = listed(params, "links")
    if len(names) > MAX_LINKS:
        errors["links"] = _("At most %(number)s links can be named.") % {"number": MAX_LINKS}
        return ()
    if not names:
        return ()
    ids = {name: _link_id(name) for name in names}
    rows = Link.objects.filter(
        Q(pk__in=set(filter(None, ids.values()))) | Q(slug__in=names), site=site
    ).values_list("pk", "slug", "merged_into")
    found: dict[int | str, int] = {}
    for pk, slug, whole in rows:
        found[pk] = whole or pk
        if slug:
            found[slug] = whole or pk
    chosen = [found.get(name, found.get(ids[name])) for name in names]
    if None in chosen:
        missing = names[chosen.index(None)]
        errors["links"] = _("%(site)s has no link with the code or slug “%(name)s”.") % {
            "site": site,
            "name": missing[:60],
        }
    return tuple(dict.fromkeys(cast(list[int], [link for link in chosen if link])))


def _link_id(name: str) -> int:
    """Return the id of the link that a code is of; 0 for a share's code, and for none."""
    link, share = codes.decode(name) or (0, 0)
    return 0 if share else link


def tags(params: Params, errors: Errors) -> tuple[tuple[str, str], ...]:
    """Return names and values. A comma without a name behind it belongs to the value."""
    parts = [
        part
        for value in texts(params, "tags")
        for part in re.split(r",(?=[A-Za-z0-9_.~-]+=)", value)
        if part.strip()
    ]
    if wrong := [part for part in parts if not re.match(r"\s*[A-Za-z0-9_.~-]+\s*=", part)]:
        errors["tags"] = _("“%(tag)s” is not a tag. Write it like utm_source=newsletter.") % {
            "tag": wrong[0][:40]
        }
    return tuple(dict.fromkeys(pair(part) for part in parts))


def pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(), value.strip()
