"""Links of a site that lead to one and the same page, whatever their addresses look like."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from shortener.models import Link, Site

GROUPS = 25
"""How many groups a page of the list has."""
SHOWN = 20
"""How many links of a group are shown, and merged at once."""


class Group(NamedTuple):
    """Links to one page, the oldest first."""

    page: str
    size: int
    links: list[Link]
    """The first of them."""


class Groups(NamedTuple):
    """Groups in the order of their pages, and the link behind whose page others follow."""

    groups: list[Group]
    last: int | None


def duplicates(site: Site, after: Link | None = None) -> Groups:
    """Return the groups of a site's links that share a page, behind the page of a link.

    What was merged is one link already, and what is switched off shares nothing. The groups
    are read from an index, page by page, so that the last ones cost as much as the first.
    """
    alone = site.links.filter(Q(merged_into=None, active=True) & ~Q(page=""))
    pages = alone.order_by("page").values("page").annotate(count=Count("pk"))
    pages = pages.filter(count__gt=1)
    if after is not None:
        pages = pages.filter(page__gt=after.page)
    counts = {row["page"]: row["count"] for row in pages[: GROUPS + 1]}
    shown = list(counts)[:GROUPS]
    place = Window(RowNumber(), partition_by=F("page"), order_by="pk")
    links = alone.filter(page__in=shown).annotate(place=place).filter(place__lte=SHOWN)
    by_page = defaultdict(list)
    for link in links.order_by("pk"):
        link.site = site
        by_page[link.page].append(link)
    groups = [Group(page, counts[page], by_page[page]) for page in shown]
    has_more = len(counts) > GROUPS
    return Groups(groups, groups[-1].links[0].pk if has_more else None)
