"""Cascades: how large the trees of passed-on shares grew, and what they look like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from django.db.models import Avg, Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from analytics.cascades import SHOWN_FROM
from analytics.cascades import virality as structural_virality
from analytics.models import Cascade, Outcome
from analytics.reports.question import Question
from analytics.reports.ranking import named
from analytics.reports.rollups import Rows, of_links, outcomes
from shortener import codes
from shortener.channels import BY_NUMBER, Channel

SIZES = (2, 3, 5, 10, 30, 100, 300, 1000)
MAX_NODES = 5000
"""Of the trees, that are shown."""
SMALLEST = 2
"""Shares of which a cascade has at least."""
NODE = (
    "pk",
    "link_id",
    "root",
    "parent",
    "generation",
    "channel",
    "observed",
    "children",
    "clicks",
    "start",
)


@dataclass(frozen=True, slots=True)
class SizeRow:
    """How many cascades have so many shares or more."""

    at_least: int
    cascades: int


@dataclass(frozen=True, slots=True)
class CascadeRow:
    """One of the largest cascades."""

    link: str
    title: str
    channel: Channel
    """Of its first share."""
    day: date
    """On which that started."""
    shares: int
    depth: int
    """The highest generation: a lower bound, since forwards of the same link are not seen."""
    breadth: int
    """Shares of the largest generation."""
    clicks: int
    structural_virality: float | None
    """From 10 shares on."""


@dataclass(frozen=True, slots=True)
class Cascades:
    cascades: int
    """Of two shares or more."""
    single_shares: int
    """Shares that were passed on from none and to none."""
    mean_shares: float | None
    largest: int
    deepest: int
    sizes: tuple[SizeRow, ...]
    rows: tuple[CascadeRow, ...]


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One share of a cascade."""

    cascade: int
    """Counted from 1, the largest first."""
    share: str
    """Its code; to those who may not see raw hits, a number."""
    parent: str | None
    generation: int
    channel: Channel
    observed: Channel | None
    children: int
    clicks: int
    start: datetime | None
    """In UTC; None to those who may not see raw hits."""


@dataclass(frozen=True, slots=True)
class Tree:
    cascades: int
    """How many there are to be shown."""
    shares: int
    """And of how many shares these are."""
    rows: tuple[NodeRow, ...]
    """Those of the largest cascades, the first generations of one that is too large."""


def cascades(question: Question) -> Cascades:
    rows = _started(question)
    found = rows.aggregate(
        number=Count("pk"),
        mean=Avg("size"),
        largest=Max("size"),
        deepest=Max("depth"),
        **{f"from_{size}": Count("pk", filter=Q(size__gte=size)) for size in SIZES},
    )
    firsts = outcomes(question).filter(generation=0).aggregate(sum=Sum("shares"))["sum"] or 0
    return Cascades(
        found["number"],
        max(0, firsts - found["number"]),
        float(found["mean"]) if found["mean"] else None,
        found["largest"] or 0,
        found["deepest"] or 0,
        tuple(SizeRow(size, found[f"from_{size}"]) for size in SIZES),
        _largest(question, rows),
    )


def _largest(question: Question, rows: Rows) -> tuple[CascadeRow, ...]:
    fields = ("channel", "day", "size", "depth", "breadth", "clicks", "distances")
    found: list[tuple[Any, ...]] = list(
        rows.annotate(whole=Coalesce("link__merged_into", "link"))
        .order_by("-size", "-clicks", "root")
        .values_list("whole", *fields)[question.part]
    )
    links = named({link for link, *_ in found})
    return tuple(
        CascadeRow(
            links[link].code,
            links[link].title,
            BY_NUMBER[channel],
            day,
            size,
            depth,
            breadth,
            clicks,
            structural_virality(size, distances) if size >= SHOWN_FROM else None,
        )
        for link, channel, day, size, depth, breadth, clicks, distances in found
    )


def cascade(question: Question) -> Tree:
    """Return the trees of the largest cascades, nodes in the order of their generations.

    A tree shows single shares, and a small one whose: so without the right to see raw hits,
    shares have neither codes nor times, and cascades are shown from ``SHOWN_FROM`` shares on.
    """
    rows = _started(question)
    if not question.in_full:
        rows = rows.filter(size__gte=SHOWN_FROM)
    found = rows.aggregate(number=Count("pk"), shares=Sum("size"))
    largest = list(
        rows.order_by("-size", "-clicks", "root").values_list("root", "size")[
            : MAX_NODES // SMALLEST
        ]
    )
    sizes = accumulate(size for _, size in largest)
    fitting = sum(size <= MAX_NODES for size in sizes)
    roots = [root for root, _ in largest[: max(1, fitting)]]
    return Tree(found["number"], found["shares"] or 0, _nodes(question, roots))


def _nodes(question: Question, roots: list[int]) -> tuple[NodeRow, ...]:
    nodes = list(
        # Two conditions, for the index of roots knows no first shares.
        Outcome.objects.filter(Q(root__in=roots, generation__gt=0) | Q(pk__in=roots))
        .order_by("generation", "start", "pk")
        .values_list(*NODE)[:MAX_NODES]
    )
    place = {root: number for number, root in enumerate(roots, 1)}
    nodes.sort(key=lambda node: place[node[2]])
    names = {
        share: codes.encode(link, share) if question.in_full else str(number)
        for number, (share, link, *_) in enumerate(nodes, 1)
    }
    return tuple(
        NodeRow(
            place[root],
            names[share],
            names.get(parent) if parent else None,
            generation,
            BY_NUMBER[channel],
            BY_NUMBER[observed] if observed else None,
            children,
            clicks,
            start if question.in_full else None,
        )
        for share, _, root, parent, generation, channel, observed, children, clicks, start in nodes
    )


def _started(question: Question) -> Rows:
    """Return the cascades that started on the question's days, of its links."""
    return of_links(question, Cascade).filter(link__site=question.site)
