"""Pages that become links by themselves, the first time they are shared.

Title and picture are what the page says of itself; nothing is fetched from here. A page is
known by ``destinations.page_key``, so it stays one link whatever led to it.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from shortener import destinations
from shortener.models import Link, Site
from shortener.versions import CatalogVersion

MAX_TITLE = 200
MAX_URL = 2000
HOUR = timedelta(hours=1)
JOINERS = "\u200c\u200d"
"""Stand inside words of some languages, and inside emoji."""


class PageError(Exception):
    """Why a page does not become a link."""

    def __init__(self, status: int, reason: str, *, wait: int = 0) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.wait = wait
        """Seconds after which it may be asked for again, where that helps."""


def find(site_id: int, page: str) -> Link | None:
    """Return the page's link, or what it was merged into: the first of them that is live.

    Where none is, the first that was switched off, so that the page is not made a link anew;
    None where there are only expired ones.
    """
    links = Link.objects.select_related("merged_into").filter(site=site_id, page=page)
    found = [link.merged_into or link for link in links.order_by("pk")]
    live = (link for link in found if link.is_live)
    return next(live, None) or next((link for link in found if not link.active), None)


def check_address(url: str) -> None:
    """Raise PageError where this can be no page's address, before anything is done with it."""
    if not url.isprintable() or len(url) > MAX_URL:
        sentence = gettext(
            "A page's address has at most %(number)s characters, none of them a control character."
        )
        raise PageError(400, sentence % {"number": MAX_URL})


def register(site_id: int, url: str, title: str, image: str) -> int:
    """Make a site's page a link; return its id. Raises PageError."""
    site = Site.objects.get(pk=site_id)
    address = destinations.page_address(url, without=site.tag_parameter)
    key = destinations.page_key(address, without=site.tag_parameter)
    # Longer than the URL where that was not percent-encoded.
    check_address(max(address, key, key=len))
    if why := destinations.problem(address, own_hosts=site.own_hosts, allowed_hosts=site.hosts):
        raise PageError(403, why)
    check_cap(site)
    with transaction.atomic():
        # Held until the end: two first shares of a page must not make two links.
        CatalogVersion.hold()
        if link := find(site.pk, key):
            return link.pk
        check_cap(site)
        made = Link.objects.create(
            site=site,
            destination=address,
            title=one_line(title) or one_line(unquote(urlsplit(address).path)),
            image=image if is_web_address(image) else "",
            registered=True,
        )
        return made.pk


def check_cap(site: Site) -> None:
    """Raise PageError where enough of a site's pages became links within the last hour."""
    cap = settings.PAGES_PER_HOUR
    if not cap:
        sentence = gettext("No link leads to this page, and pages do not become links here.")
        raise PageError(404, sentence)
    now = timezone.now()
    made = Link.objects.filter(site=site, registered=True, created__gt=now - HOUR)
    latest = made.order_by("-created").values_list("created", flat=True)[:cap]
    if len(latest) == cap:
        wait = ceil((latest[cap - 1] + HOUR - now).total_seconds())
        sentence = ngettext(
            "%(number)s page of this site became a link within an hour: no more now.",
            "%(number)s pages of this site became links within an hour: no more now.",
            cap,
        )
        raise PageError(429, sentence % {"number": cap}, wait=wait)


def one_line(text: str, limit: int = MAX_TITLE) -> str:
    """Return a foreign text as one line of characters that show, not too long."""
    line = " ".join(text.split())
    kept = "".join(letter for letter in line if letter.isprintable() or letter in JOINERS)
    return kept[:limit].strip()


def is_web_address(url: str) -> bool:
    """Say whether a picture's address can be kept: a URL of the web, printable, not too long."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_whole = parts.scheme in destinations.DEFAULT_PORTS and bool(parts.hostname)
    return is_whole and len(url) <= MAX_URL and url.isprintable()
