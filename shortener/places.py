"""Where an event happened: the site, link and share that a page's report is about."""

from __future__ import annotations

from typing import Any, NamedTuple

from shortener import codes
from shortener.answers import host_of_page
from shortener.catalog import Catalog, LinkEntry, SiteEntry
from shortener.channels import BY_NAME
from shortener.destinations import is_front_page
from shortener.events import OF_A_SHARE, Event, EventError

ADDRESS_BAR = BY_NAME["addressbar"].number


class NotLoadedError(LookupError):
    """The catalog cannot tell yet: it has to ask the database first."""


class Place(NamedTuple):
    """What an event is about."""

    site: SiteEntry
    link: LinkEntry | None
    """None where nobody has shared the page yet."""
    share_id: int
    """0 where it is about no share."""


def place_of(event: Event, catalog: Catalog) -> Place:
    """Return where an event happened. Raises EventError, or NotLoadedError."""
    return _place_of_code(event, catalog) if event.code else _place_of_page(event, catalog)


def _place_of_code(event: Event, catalog: Catalog) -> Place:
    numbers = codes.decode(event.code)
    if numbers is None:
        raise EventError(f"{event.code!r} is not a code", "code")
    link_id, share_id = numbers
    if event.kind in OF_A_SHARE and not share_id:
        raise EventError(f"{event.code!r} is a link's code, not a share's", "code")
    entry = catalog.links.get(link_id)
    if entry:
        return Place(entry.site, entry, share_id)
    if event.code in catalog.memos.unknown:
        raise EventError(f"{event.code!r} is not the code of a link", "code")
    raise NotLoadedError(event.code)


def _place_of_page(event: Event, catalog: Catalog) -> Place:
    site = catalog.sites.get(event.site)
    if site is None:
        if site_name(event.site) in catalog.memos.unknown:
            raise EventError(f"there is no site with the key {event.site!r}", "site")
        raise NotLoadedError(event.site)
    if not site.allows(host_of_page(event.url)):
        raise EventError(f"{event.url[:100]!r} is not on a host of the site {site.key}", "url")
    link_id = catalog.page(site, event.url)
    if link_id is None or (link_id and link_id not in catalog.links):
        raise NotLoadedError(event.url)
    entry = catalog.links.get(link_id)
    return Place(site, entry if entry and entry.active else None, 0)


def site_name(key: str) -> str:
    """Return the name under which the catalog remembers that there is no such site."""
    return f"site {key}"


def load(event: Event, catalog: Catalog) -> None:
    """Have the catalog know where an event happened, or that it happened nowhere."""
    memos = catalog.memos
    name = event.code or site_name(event.site)
    if name not in memos.unknown and not _is_found(event, catalog):
        memos.remember_unknown(name)


def _is_found(event: Event, catalog: Catalog) -> bool:
    if event.code:
        numbers = codes.decode(event.code)
        return bool(numbers and catalog.fetch(numbers[0]))
    site = catalog.fetch_site(event.site)
    if site and site.allows(host_of_page(event.url)):
        catalog.fetch_page(site, event.url)
    return site is not None


def fact_of(event: Event, link: LinkEntry, share_id: int) -> dict[str, Any]:
    """Return the fact for the journal; a parent that is none is left out."""
    fact = {"kind": event.kind, "link": link.id, "share": share_id, **event.details}
    if "parent" in fact:
        fact["parent"] = parent_of(event.details["parent"], share_id)
    if event.kind == "visit":
        fact["home"] = is_front_page(event.url or link.destination)
        if codes.channel_number(share_id) != ADDRESS_BAR:
            # Only this channel has no press to tell who its parent was.
            fact["parent"] = 0
    return fact


def parent_of(code: str, share_id: int) -> int:
    """Return the id of the share that a code names; 0 for none, and for the share itself."""
    parent = codes.decode(code)
    return parent[1] if parent and parent[1] != share_id else 0
