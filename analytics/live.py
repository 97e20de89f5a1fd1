"""What happens on a site now: the last half hour, minute by minute.

Rollups know days, so this reads the newest hits, by their moment, and no more than ``MOST`` of
them: where more came in, the strip is shorter, and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, F, Func, IntegerField, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from analytics.classify import Kind
from analytics.models import Hit, Pace
from analytics.pace import SLOT
from shortener.models import Link, Site

MINUTES = 30
MOST = 10_000
"""Hits that are looked at, those of other sites included."""
ACTIVE = 5
"""Links that are named."""
KEPT = 2
"""Seconds for which one answer serves everybody who looks at the site."""
SECONDS = 60
MINUTE = {
    "postgresql": "floor(extract(epoch from %(expressions)s) / 60)::int",
    "sqlite": "CAST(strftime('%%%%s', %(expressions)s) AS integer) / 60",
}
"""The minutes since 1970."""


@dataclass(frozen=True, slots=True)
class LiveMinute:
    """What happened within a minute."""

    at: datetime
    """Its beginning, in UTC."""
    clicks: int
    presses: int
    previews: int


@dataclass(frozen=True, slots=True)
class ActiveLink:
    """A link that was opened or seen."""

    link_id: int
    title: str
    clicks: int
    previews: int


@dataclass(frozen=True, slots=True)
class Live:
    """The last minutes of a site, the oldest first; the last of them is not over."""

    minutes: tuple[LiveMinute, ...]
    links: tuple[ActiveLink, ...]
    is_cut: bool
    """Whether there were more hits than are looked at, so that minutes are left out."""


def live(site: Site) -> Live:
    """Return what happened on a site within the last ``MINUTES``, at most ``KEPT`` s old."""
    key = f"live:{site.pk}"
    found: Live | None = cache.get(key)
    if found is None:
        found = look(site, timezone.now())
        cache.set(key, found, KEPT)
    return found


def look(site: Site, now: datetime) -> Live:
    """Return what happened on a site within the ``MINUTES`` up to a moment."""
    last = int(now.timestamp()) // SECONDS
    first = last - MINUTES + 1
    newest = Hit.objects.filter(at__range=(_moment(first), now)).order_by("-at")
    # The first row beyond those to be looked at: an index gives it without reading them.
    beyond = newest.values_list("at", flat=True)[MOST : MOST + 1].first()
    if beyond:
        first = min(int(beyond.timestamp()) // SECONDS + 1, last)
    hits = _hits(site, _moment(first), now)
    presses = _presses(site, first, last)
    minutes = tuple(
        LiveMinute(
            _moment(minute),
            sum(hits[Kind.CLICK, minute].values()),
            presses[minute],
            sum(hits[Kind.PREVIEW, minute].values()),
        )
        for minute in range(first, last + 1)
    )
    return Live(minutes, _active(hits), beyond is not None)


class Hits(dict[tuple[int, int], Counter[int]]):
    """Hits by link, of a kind and a minute."""

    def __missing__(self, key: tuple[int, int]) -> Counter[int]:
        return Counter()


def _hits(site: Site, since: datetime, now: datetime) -> Hits:
    minute = Func(F("at"), template=MINUTE[connection.vendor], output_field=IntegerField())
    rows = (
        Hit.objects.filter(
            Q(kind=Kind.CLICK) | Q(kind=Kind.PREVIEW), at__range=(since, now), link__site=site
        )
        .values_list("kind", minute, Coalesce("link__merged_into", "link"))
        .annotate(Count("pk"))
        .order_by()
    )
    found = Hits()
    for kind, moment, link, number in rows:
        found.setdefault((kind, moment), Counter())[link] += number
    return found


def _presses(site: Site, first: int, last: int) -> Counter[int]:
    """Return the presses of each minute, which are added up for the limits of their rate."""
    slots = SECONDS * 1000 // SLOT
    rows = Pace.objects.filter(
        slot__in=range(first * slots, (last + 1) * slots), scope=Pace.Scope.SITE, number=site.pk
    )
    found: Counter[int] = Counter()
    for slot, presses in rows.values_list("slot", "presses"):
        found[slot // slots] += presses
    return found


def _active(hits: Mapping[tuple[int, int], Counter[int]]) -> tuple[ActiveLink, ...]:
    """Return the links that were opened most, and those whose previews were fetched."""
    sums: dict[int, Counter[int]] = {Kind.CLICK: Counter(), Kind.PREVIEW: Counter()}
    for (kind, _minute), links in hits.items():
        sums[kind].update(links)
    clicks, previews = sums[Kind.CLICK], sums[Kind.PREVIEW]
    order = sorted(clicks.keys() | previews.keys(), key=lambda link: (-clicks[link], link))
    titles = dict(Link.objects.filter(pk__in=order[:ACTIVE]).values_list("pk", "title"))
    return tuple(
        ActiveLink(link, titles[link], clicks[link], previews[link])
        for link in order[:ACTIVE]
        if link in titles
    )


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * SECONDS, UTC)
