"""What the product says of a world that was played: the figures of ``truth``, read from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from analytics.classify import Kind
from analytics.intervals import Likeness
from analytics.models import (
    Audience,
    Cascade,
    Conversion,
    DailyContent,
    DailyForward,
    DailyOutcome,
    DailySite,
    DailySiteAudience,
    DailySiteOutcome,
    Hit,
    Outcome,
    Share,
)
from analytics.observed import MEANS
from analytics.outcomes import COUNTS
from analytics.simulation.playing import Played
from shortener.channels import BY_NUMBER

HAPPENED = (
    "offers",
    "presses",
    "cancels",
    "clicks",
    "previews",
    "prefetches",
    "scanners",
    "bots",
    "visits",
    "dark_visits",
    "conversions",
    "visitors",
)
MACHINES = {
    Kind.PREVIEW: "previews",
    Kind.PREFETCH: "prefetches",
    Kind.SCANNER: "scanners",
    Kind.BOT: "bots",
}
OF_CLICKS = {
    "countries": Audience.Dimension.COUNTRY,
    "devices": Audience.Dimension.DEVICE,
    "languages": Audience.Dimension.LANGUAGE,
    "referrers": Audience.Dimension.REFERRER,
}


class Reading:
    """Reads what the product has counted, and says it in the world's own numbers."""

    def __init__(self, played: Played) -> None:
        self.links = {link.pk: number for number, link in enumerate(played.links)}
        sites = dict.fromkeys(link.site_id for link in played.links)
        self.sites = {site: number for number, site in enumerate(sites)}
        self.shares = {pk: number for number, pk in played.shares.items()}
        self.figures: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, figure: str, *cell: object, number: int = 1) -> None:
        self.figures[figure][" ".join(map(str, cell))] += number

    def share(self, pk: int) -> object:
        """Return the number of a share; itself, in words, where the world has none like it."""
        return self.shares.get(pk, f"(unknown {pk})")


def figures(played: Played) -> dict[str, Counter[str]]:
    """Return all figures of the sites that a world was played on."""
    reading = Reading(played)
    for read in (
        read_days,
        read_hits,
        read_audience,
        read_conversions,
        read_shares,
        read_outcomes,
        read_funnel,
        read_cascades,
        read_forwards,
    ):
        read(reading)
    return dict(reading.figures)


def sums(
    rows: QuerySet[Any, Any], of: str, names: Sequence[str]
) -> Iterator[tuple[int, str, dict[str, int]]]:
    """Yield the sums of columns for each link or site, and channel."""
    totals = rows.values_list(of, "channel").annotate(*map(Sum, names))
    for pk, channel, *numbers in totals:
        yield pk, BY_NUMBER[channel].name, dict(zip(names, numbers, strict=True))


def read_days(reading: Reading) -> None:
    of_links = DailyContent.objects.filter(link__in=reading.links)
    for link, channel, counts in sums(of_links, "link", (*HAPPENED, "new_visitors")):
        article = reading.links[link]
        unique = counts.pop("new_visitors")
        reading.count("daily visitors of articles", article, number=unique)
        for name, number in counts.items():
            reading.count(name, article, channel, number=number)
    of_sites = DailySite.objects.filter(site__in=reading.sites)
    for site, channel, counts in sums(of_sites, "site", HAPPENED):
        for name, number in counts.items():
            reading.count("sums of sites", reading.sites[site], channel, name, number=number)


def read_hits(reading: Reading) -> None:
    hits = Hit.objects.filter(link__in=reading.links)
    rows = hits.values_list("kind", "agent__user_agent").annotate(Count("pk"))
    for kind, agent, number in rows:
        if kind == Kind.CLICK:
            reading.count("people by agent", agent, number=number)
        else:
            reading.count("machines by agent", MACHINES[Kind(kind)], agent, number=number)


def read_audience(reading: Reading) -> None:
    rows = DailySiteAudience.objects.filter(site__in=reading.sites)
    for figure, dimension in OF_CLICKS.items():
        values = rows.filter(dimension=dimension).values_list("value").annotate(Sum("clicks"))
        for value, number in values:
            reading.count(figure, value, number=number)


def read_conversions(reading: Reading) -> None:
    rows = Conversion.objects.filter(link__in=reading.links).values_list("name")
    for name, worth in rows.annotate(Sum("value")):
        reading.count("worth in cents", name, number=int(worth * Decimal(100)))


def read_shares(reading: Reading) -> None:
    rows = Share.objects.filter(link__in=reading.links).values_list("pk", "channel", "flag")
    for pk, channel, flag in rows:
        reading.count("declared channels", reading.share(pk), BY_NUMBER[channel].name)
        if flag == Share.Flag.FAST:
            reading.count("flagged presses", reading.share(pk))


def read_outcomes(reading: Reading) -> None:
    for outcome in Outcome.objects.filter(link__in=reading.links).iterator():
        share = reading.share(outcome.share_id)
        reading.count("clicks of shares", share, number=outcome.clicks)
        reading.count("visits of shares", share, number=outcome.visits)
        reading.count("generations", share, number=outcome.generation)
        if outcome.parent:
            reading.count("parents", share, "from", reading.share(outcome.parent))
        observed = BY_NUMBER[outcome.observed]
        if outcome.channel in MEANS and outcome.observed and observed.private:
            reading.count("revealed shares", share)
        if outcome.observed:
            reading.count("observed", share, observed.name)


def read_funnel(reading: Reading) -> None:
    rows = DailySiteOutcome.objects.filter(site__in=reading.sites)
    for site, channel, counts in sums(rows, "site", COUNTS):
        for name, number in counts.items():
            reading.count("funnel", reading.sites[site], channel, name, number=number)


def likeness(played: Played) -> Likeness:
    """Return how much the shares of an article are alike, as far as they were passed on."""
    links = (
        DailyOutcome.objects.filter(link__in=played.links)
        .values_list("link")
        .annotate(Sum("prompt_children"), Sum("shares"))
    )
    found = [(int(children), int(shares)) for _, children, shares in links]
    return Likeness(
        len(found),
        sum(children * children for children, _ in found),
        sum(children * shares for children, shares in found),
        sum(shares * shares for _, shares in found),
    )


def read_cascades(reading: Reading) -> None:
    for cascade in Cascade.objects.filter(link__in=reading.links).iterator():
        root = reading.share(cascade.root)
        reading.count("cascades", root, "size", number=cascade.size)
        reading.count("cascades", root, "depth", number=cascade.depth)
        reading.count("cascades", root, "distances", number=cascade.distances)
        reading.count("cascades", root, "clicks", number=cascade.clicks)


def read_forwards(reading: Reading) -> None:
    rows = DailyForward.objects.filter(link__in=reading.links)
    for link, channel, other, shares in rows.values_list("link", "channel", "seen_in", "shares"):
        own, into = BY_NUMBER[channel].name, BY_NUMBER[other].name
        reading.count("forwards", reading.links[link], own, "into", into, number=shares)
