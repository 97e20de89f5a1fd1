"""Content by channel: how far each link travelled, and through what.

Everything is read from the rollups, so the cost depends on links, channels and days, never
on the number of hits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import NamedTuple, Self

from django.db.models import BigIntegerField, Q, Sum
from django.db.models.functions import Cast

from analytics.models import DailyContent
from analytics.reports.question import Question
from shortener.channels import BY_NUMBER, DIRECT, Channel
from shortener.models import Link, Site


@dataclass(frozen=True, slots=True)
class ContentRow:
    """What one link did through one channel."""

    link_id: int
    code: str
    title: str
    destination: str
    channel: Channel
    private: bool
    presses: int
    previews: int | None
    """None: not observable, since the channel's apps show no previews."""
    clicks: int
    visitors: int
    """Daily visitors of the channel."""
    visits: int
    conversions: int

    @property
    def reach(self) -> str:
        return reach_of(self.channel)


class Counts(NamedTuple):
    """What the rollups of one link and channel add up to."""

    link_id: int
    channel: int
    presses: int
    previews: int
    clicks: int
    visitors: int
    visits: int
    conversions: int
    new_visitors: int


@dataclass(slots=True)
class Totals:
    """Sums over rows."""

    presses: int = 0
    previews: int = 0
    clicks: int = 0
    visitors: int = 0
    """Daily visitors, each counted once a day and link, for the channel that was first."""
    visits: int = 0
    conversions: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.presses + other.presses,
            self.previews + other.previews,
            self.clicks + other.clicks,
            self.visitors + other.visitors,
            self.visits + other.visits,
            self.conversions + other.conversions,
        )

    def count(self, counts: Counts) -> None:
        self.presses += counts.presses
        self.previews += counts.previews
        self.clicks += counts.clicks
        self.visitors += counts.new_visitors
        self.visits += counts.visits
        self.conversions += counts.conversions


@dataclass(slots=True)
class Reach:
    """Totals, told apart by who could see the link where it was shared."""

    private: Totals = field(default_factory=Totals)
    public: Totals = field(default_factory=Totals)
    direct: Totals = field(default_factory=Totals)
    """The short link itself, which nobody's button handed out, and visits without a code."""

    @classmethod
    def of(cls, rows: Iterable[Counts]) -> Self:
        reach = cls()
        parts = {n: getattr(reach, reach_of(channel)) for n, channel in BY_NUMBER.items()}
        for counts in rows:
            parts[counts.channel].count(counts)
        return reach

    @property
    def all(self) -> Totals:
        return self.private + self.public + self.direct

    @property
    def private_percent(self) -> float | None:
        """The private part of the clicks on shares; None where there are none."""
        shared = self.private.clicks + self.public.clicks
        return 100 * self.private.clicks / shared if shared else None


@dataclass(frozen=True, slots=True)
class LinkContent:
    """One link: its channels, the strongest first, and what they add up to."""

    link_id: int
    code: str
    title: str
    destination: str
    channels: Sequence[ContentRow]
    reach: Reach


@dataclass(frozen=True, slots=True)
class Content:
    """The report."""

    question: Question
    reach: Reach
    links: Sequence[LinkContent]
    """Those that were asked for, the most clicked first."""
    link_count: int
    """How many there are in all."""

    @property
    def rows(self) -> Iterable[ContentRow]:
        return (row for link in self.links for row in link.channels)


def reach_of(channel: Channel) -> str:
    """Return the name of the part of ``Reach`` that a channel belongs to."""
    if channel is DIRECT:
        return "direct"
    return "private" if channel.private else "public"


def content(question: Question, wanted: slice = slice(None)) -> Content:
    """Answer a question; ``wanted`` says which of the links, in their order."""
    rows = _read(question)
    # A year of a large site has 100,000 rows: what is shown of a link is worked out later.
    by_link: defaultdict[int, list[Counts]] = defaultdict(list)
    clicks: Counter[int] = Counter()
    presses: Counter[int] = Counter()
    visits: Counter[int] = Counter()
    for counts in rows:
        by_link[counts.link_id].append(counts)
        clicks[counts.link_id] += counts.clicks
        presses[counts.link_id] += counts.presses
        visits[counts.link_id] += counts.visits
    order = sorted(
        by_link, key=lambda link: (-clicks[link], -presses[link], -visits[link], -link)
    )[wanted]
    links = _links(order)
    return Content(
        question,
        Reach.of(rows),
        [_link_content(links[link], by_link[link]) for link in order],
        len(by_link),
    )


def _read(question: Question) -> list[Counts]:
    rows = DailyContent.objects.filter(
        # Offers alone, or machines, make no content that travelled.
        Q(presses__gt=0)
        | Q(previews__gt=0)
        | Q(clicks__gt=0)
        | Q(visits__gt=0)
        | Q(conversions__gt=0),
        link__site=question.site,
        day__range=(question.start, question.end),
    ).values_list("link_id", "channel")
    # PostgreSQL adds up to numeric, which takes longer to read than all the rest.
    sums = {f"sum_{name}": Cast(Sum(name), BigIntegerField()) for name in Counts._fields[2:]}
    return _merge([Counts(*row) for row in rows.annotate(**sums)], question.site)


def _merge(rows: list[Counts], site: Site) -> list[Counts]:
    """Add the rows of links that were merged into another to that one's.

    Here, since grouping by what a link was merged into takes the database half as long again.
    """
    merged = dict(
        Link.objects.filter(site=site, merged_into__isnull=False).values_list("pk", "merged_into")
    )
    if not merged:
        return rows
    found: dict[tuple[int, int], Counts] = {}
    for counts in rows:
        link, channel = merged.get(counts.link_id, counts.link_id), counts.channel
        before = found.get((link, channel), (0,) * len(Counts._fields))
        sums = map(add, before[2:], counts[2:])
        found[link, channel] = Counts(link, channel, *sums)
    return list(found.values())


def _links(ids: Sequence[int]) -> Mapping[int, Link]:
    found: dict[int, Link] = {}
    # A statement takes 65,535 parameters on PostgreSQL.
    for start in range(0, len(ids), 10_000):
        chunk = Link.objects.only("title", "destination").in_bulk(ids[start : start + 10_000])
        found.update(chunk)
    return found


def _link_content(link: Link, channels: list[Counts]) -> LinkContent:
    code = link.code
    order = sorted(channels, key=lambda c: (-c.clicks, -c.presses, -c.visits, c.channel))
    rows = [_row(link, code, counts) for counts in order]
    return LinkContent(link.pk, code, link.title, link.destination, rows, Reach.of(channels))


def _row(link: Link, code: str, counts: Counts) -> ContentRow:
    channel = BY_NUMBER[counts.channel]
    return ContentRow(
        link_id=link.pk,
        code=code,
        title=link.title,
        destination=link.destination,
        channel=channel,
        private=channel.private,
        presses=counts.presses,
        previews=counts.previews or (0 if channel.previews else None),
        clicks=counts.clicks,
        visitors=counts.visitors,
        visits=counts.visits,
        conversions=counts.conversions,
    )
