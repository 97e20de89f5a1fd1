"""The catalog: what a redirect needs of links and sites, in the memory of each process.

It fills itself as links are asked for, holds a bounded number of them, and follows edits by
``CatalogVersion``: twice a second a process asks for the number of the last edit, and reads
the rows that changed (docs/decisions/catalog.md). While the database is away it goes on
with what it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from urllib.parse import parse_qsl

from django.db.models import Max, Min, Q
from django.utils.encoding import iri_to_uri

from shortener import codes, destinations, pages, tags
from shortener.channels import BY_NAME, BY_NUMBER, DIRECT, NUMBERS, Channel
from shortener.memos import Memos, shrink
from shortener.models import Campaign, CatalogVersion, Link, OwnPreview, Site
from shortener.slugs import SLUG

MAX_LINKS = 100_000
SHARE = "\0"
"""Stands for the share's code in a prepared location: no URL can hold it."""
MARK = "~grapevine-share~"
"""The same while the location is prepared: quoting leaves it alone."""


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """What the edge needs to know of a site."""

    id: int
    key: str
    hosts: tuple[str, ...]
    channels: tuple[Channel, ...]
    tag_parameter: str
    short_base: str

    def allows(self, host: str) -> bool:
        """Say whether the host is one of the site's, or our own."""
        return destinations.host_matches(host, self.hosts) or host in destinations.own_hosts()

    def page_key(self, url: str) -> str:
        """Return the name by which one of the site's pages is known."""
        return destinations.page_key(url, without=self.tag_parameter)


@dataclass(slots=True)
class LinkEntry:
    """What a redirect needs to know of a link."""

    id: int
    site: SiteEntry
    destination: str
    title: str
    slug: str | None
    tags: dict[str, str]
    campaign: str
    active: bool
    expires: float
    """Seconds since 1970; infinity where the link does not expire."""
    fallback_url: str
    forward_query: bool
    own_preview: OwnPreview | None
    _locations: dict[int, str] = field(default_factory=dict)

    def location(self, share_id: int, code: str) -> str | None:
        """Return where the link leads; None where the code names no channel there is."""
        channel = share_id % NUMBERS
        location = self._locations.get(channel)
        if location is None:
            if channel not in BY_NUMBER:
                return None
            location = self._locations[channel] = self._build(channel, ())
        return location.replace(SHARE, code)

    def location_with(self, share_id: int, code: str, query: str) -> str | None:
        """Return where the link leads for a request that brings a query of its own."""
        channel = share_id % NUMBERS
        if channel not in BY_NUMBER:
            return None
        return self._build(channel, parse_qsl(query)).replace(SHARE, code)

    def _build(self, channel: int, query: Iterable[tuple[str, str]]) -> str:
        passed_on = dict(query)
        is_share = channel != DIRECT.number
        values = {
            "channel": BY_NUMBER[channel].name,
            "campaign": self.campaign,
            "placement": passed_on.get("placement", ""),
            # A mark that quoting leaves alone, since the share's code is not known yet.
            "share": MARK if is_share else "",
        }
        parameters = list(tags.fill(self.tags, values).items())
        if is_share and self.site.tag_parameter:
            parameters.append((self.site.tag_parameter, MARK))
        if self.forward_query:
            parameters += passed_on.items()
        url = tags.add_parameters(self.destination, parameters)
        return iri_to_uri(url).replace(MARK, SHARE)


class Catalog:
    """The links and sites that this process knows."""

    def __init__(self) -> None:
        self.links: dict[int, LinkEntry] = {}
        self.slugs: dict[str, int] = {}
        self.sites: dict[str, SiteEntry] = {}
        self.memos = Memos()
        self._number = -1
        """The number of the last edit that is known here."""
        self._newest = 0
        """The newest link at that time."""

    def fetch(self, link_id: int) -> LinkEntry | None:
        """Return the link, from the database where it is not known yet."""
        entry = self.links.get(link_id)
        if entry is None and link_id:
            self._load(Q(pk=link_id))
            entry = self.links.get(link_id)
        return entry

    def fetch_slug(self, slug: str) -> LinkEntry | None:
        """Return the link with the slug, from the database where it is not known yet."""
        # PostgreSQL takes no NUL, and nothing but a slug need be looked up.
        if slug not in self.slugs and SLUG.fullmatch(slug):
            self._load(Q(slug=slug))
        return self.links.get(self.slugs.get(slug, 0))

    def fetch_name(self, name: str) -> LinkEntry | None:
        """Return the link that a code or slug names, from the database if need be."""
        numbers = codes.decode(name)
        return self.fetch(numbers[0]) if numbers else self.fetch_slug(name)

    def page(self, site: SiteEntry, url: str) -> int | None:
        """Return the link of a site's page; 0 for none, None where that is not known yet."""
        return self.memos.pages.get((site.id, site.page_key(url)))

    def fetch_page(self, site: SiteEntry, url: str) -> LinkEntry | None:
        """Return the link of a site's page, from the database where it is not known yet."""
        memos, page = self.memos, site.page_key(url)
        link_id = memos.pages.get((site.id, page))
        if link_id is None:
            link = pages.find(site.id, page)
            link_id = link.pk if link else 0
            memos.remember_page(site.id, page, link_id)
        return self.fetch(link_id)

    def fetch_site(self, key: str) -> SiteEntry | None:
        """Return the site, from the database where it is not known yet."""
        # Taken first: what an edit has overtaken since must not stay.
        sites = self.sites
        if key in sites or not SLUG.fullmatch(key):
            return sites.get(key)
        if site := Site.objects.filter(key=key).first():
            sites[key] = site_entry(site)
        return sites.get(key)

    def follow(self) -> None:
        """Read again what was edited since the last call."""
        row = CatalogVersion.objects.first()
        number = row.number if row else 0
        if number == self._number:
            return
        since, self._number = self._number, number
        try:
            self._read_edits(since)
        except Exception:
            self._number = since  # Else what could not be read would never be read again.
            raise

    def _read_edits(self, since: int) -> None:
        edited = Q(version__gt=since)
        sites = [*Site.objects.filter(edited).values_list("pk", flat=True)]
        campaigns = [*Campaign.objects.filter(edited).values_list("pk", flat=True)]
        if sites:
            self.sites = {}
        are_new = self._are_links_new(edited)
        self.memos = self.memos.after_new_links() if are_new and not sites else Memos()
        known = Q(pk__in=list(self.links)) if len(self.links) < 500 else Q()
        if self.links:
            self._load(
                known & (edited | Q(site__in=sites) | Q(campaign__in=campaigns)),
                only_known=True,
            )

    def _are_links_new(self, edited: Q) -> bool:
        """Say whether all edited links were made since the last call."""
        links = Link.objects.filter(edited).aggregate(oldest=Min("pk"), newest=Max("pk"))
        before, self._newest = self._newest, max(self._newest, links["newest"] or 0)
        return links["oldest"] is None or links["oldest"] > before

    def _load(self, where: Q, *, only_known: bool = False) -> None:
        number = None
        # An edit that `follow` saw while the rows were read may have come after the rows.
        while number != self._number:
            number = self._number
            links = Link.objects.filter(where).select_related("site", "campaign", "own_preview")
            for link in links:
                if not only_known or link.pk in self.links:
                    self._store(link)
        for entry in shrink(self.links, MAX_LINKS):
            if entry.slug:
                self.slugs.pop(entry.slug, None)

    def _store(self, link: Link) -> None:
        site = self.sites.setdefault(link.site.key, site_entry(link.site))
        before = self.links.get(link.pk)
        if before and before.slug and before.slug != link.slug:
            self.slugs.pop(before.slug, None)
        self.links[link.pk] = link_entry(link, site)
        if link.slug:
            self.slugs[link.slug] = link.pk


def site_entry(site: Site) -> SiteEntry:
    return SiteEntry(
        id=site.pk,
        key=site.key,
        hosts=tuple(site.hosts),
        channels=tuple(BY_NAME[name] for name in site.channels if name in BY_NAME),
        tag_parameter=site.tag_parameter,
        short_base=site.short_base,
    )


def link_entry(link: Link, site: SiteEntry) -> LinkEntry:
    """Return the link with the tags of its site and campaign behind its own."""
    campaign = link.campaign
    tags_of_all = {**link.site.tags, **(campaign.tags if campaign else {}), **link.tags}
    return LinkEntry(
        id=link.pk,
        site=site,
        destination=link.destination,
        title=link.title,
        slug=link.slug,
        # By name: PostgreSQL does not keep the order of a JSON object.
        tags=dict(sorted(tags_of_all.items())),
        campaign=campaign.slug if campaign else "",
        active=link.active,
        expires=link.expires.timestamp() if link.expires else inf,
        fallback_url=iri_to_uri(link.fallback_url),
        forward_query=link.forward_query,
        own_preview=getattr(link, "own_preview", None),
    )
