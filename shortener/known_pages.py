"""Which links of a site lead to the same page as others, whatever their addresses look like."""

from __future__ import annotations

from collections.abc import Collection

from shortener.models import Link, Site


def page_of(site: Site, address: str) -> str:
    """Return what links to an address are found by; empty for what cannot be parsed."""
    try:
        return site.page_key(address)
    except ValueError:
        return ""


def known_links(site: Site, pages: Collection[str]) -> dict[str, Link]:
    """Return the first link to each page that the site has, or what that was merged into."""
    # PostgreSQL takes no NUL.
    asked = [page for page in pages if page and "\0" not in page]
    links = Link.objects.filter(site=site, page__in=asked).select_related("merged_into")
    return {link.page: link.merged_into or link for link in links.order_by("-pk")}
