"""Cascades: how large, deep and broad the trees of passed-on shares grew.

Everything about a tree's shape follows from its forks, the shares that have children, and
how many they have. Most shares have none: the database adds those up, and only the forks
are fetched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Case, F, Max, Sum, When

from analytics import tables
from analytics.models import Cascade, Outcome
from analytics.tables import chunks

SHOWN_FROM = 10
"""Shares that a cascade has before its structural virality says anything."""


class Shape(NamedTuple):
    """What is said of a tree."""

    generations: list[int]
    """How many shares each generation has, from the first share on."""
    distances: int
    """The Wiener index: the sum of the distances between all pairs of shares."""

    @property
    def size(self) -> int:
        return sum(self.generations)

    @property
    def depth(self) -> int:
        """The highest generation."""
        return len(self.generations) - 1

    @property
    def breadth(self) -> int:
        """Shares of the largest generation."""
        return max(self.generations)


def virality(size: int, distances: int) -> float | None:
    """Return the structural virality: the mean distance between two shares of a tree.

    About 2 where one share reached all the others, the larger the more they passed it on
    among themselves (Goel, Anderson, Hofman and Watts, Management Science 62 (2016),
    doi 10.1287/mnsc.2015.2158). A share alone has none.
    """
    return 2 * distances / (size * (size - 1)) if size > 1 else None


def shape(nodes: Iterable[int], parents: Iterable[int | None]) -> Shape:
    """Return the shape of the tree with these nodes, each with its parent, in any order."""
    parent_of = dict(zip(nodes, parents, strict=True))
    children = Counter(parent for parent in parent_of.values() if parent is not None)
    return shape_of(parent_of, children)


def shape_of(parents: Mapping[int, int | None], children: Mapping[int, int]) -> Shape:
    """Return the shape of a tree whose forks have these parents and numbers of children.

    In time proportional to the number of forks. The Wiener index is the sum of s(n - s) over
    all shares but the first, with s the size of the tree under each: so many pairs have the
    edge above it between them.
    """
    size = 1 + sum(children.values())
    distances = (size - len(children)) * (size - 1)
    below = dict(children)
    upwards = _upwards(parents, children)
    for node in upwards:
        parent = parents[node]
        if parent is not None:
            under = below[node] + 1
            below[parent] += under - 1
            distances += under * (size - under)
    return Shape(_generations(reversed(upwards), parents, children), distances)


def _upwards(parents: Mapping[int, int | None], forks: Collection[int]) -> list[int]:
    """Return the forks in such an order that each stands before its parent."""
    missing = Counter(parents[node] for node in forks)
    order = [node for node in forks if node not in missing]
    for node in order:
        parent = parents[node]
        if parent is not None:
            missing[parent] -= 1
            if not missing[parent]:
                order.append(parent)
    return order


def _generations(
    downwards: Iterable[int],
    parents: Mapping[int, int | None],
    children: Mapping[int, int],
) -> list[int]:
    """Return how many shares each generation has; every fork comes after its parent."""
    generation: dict[int | None, int] = {None: -1}
    numbers = [1]
    for node in downwards:
        level = generation[node] = generation[parents[node]] + 1
        if level + 1 == len(numbers):
            numbers.append(0)
        numbers[level + 1] += children[node]
    return numbers


COLUMNS = {
    "root": "bigint",
    "link_id": "bigint",
    "channel": "smallint",
    "day": "date",
    "size": "int",
    "depth": "int",
    "breadth": "int",
    "distances": "bigint",
    "clicks": "bigint",
}


def rewrite(roots: Collection[int]) -> None:
    """Write the cascades under these shares as the outcomes have them by now.

    There is none under a share that was passed on from another, or that nothing came of.

    Each is read as a whole, by its index, however little of it is new. That is done once in
    a settling: the larger the cascades that grow at the time, the longer it takes, the more
    segments gather for the next, and the fewer times it is done.
    """
    firsts = {row[0]: row for chunk in chunks(sorted(roots)) for row in _read_firsts(chunk)}
    clicks = Counter({root: first[-1] for root, first in firsts.items()})
    parents: dict[int, dict[int, int | None]] = {root: {root: None} for root in firsts}
    children = {root: {root: first[-2]} for root, first in firsts.items()}
    for chunk in chunks(sorted(firsts)):
        for root, fork, parent, number, clicked in _read_others(chunk):
            clicks[root] += clicked
            if fork is not None:
                parents[root][fork], children[root][fork] = parent, number
    rows = []
    for root, first in sorted(firsts.items()):
        tree = shape_of(parents[root], children[root])
        measures = tree.size, tree.depth, tree.breadth, tree.distances
        rows.append((*first[:4], *measures, clicks[root]))
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name != "root")
    tables.upsert("analytics_cascade", COLUMNS, rows, conflict=f"(root) DO UPDATE SET {changes}")
    for chunk in chunks(sorted(set(roots) - firsts.keys())):
        Cascade.objects.filter(pk__in=chunk).delete()


def _read_firsts(shares: Collection[int]) -> Iterable[tuple[Any, ...]]:
    """Return those of the shares that are the first of a cascade, with what its row says."""
    firsts = Outcome.objects.filter(pk__in=shares, parent=None, children__gt=0)
    return firsts.values_list("pk", "link", "channel", "day", "children", "clicks")


def _read_others(roots: Collection[int]) -> Iterable[tuple[Any, ...]]:
    """Return root, id, parent, children and clicks of the other forks of some cascades.

    The leaves of a cascade are one row without an id.
    """
    others = Outcome.objects.filter(root__in=roots, generation__gt=0)
    fork = Case(When(children__gt=0, then=F("pk")))
    return (
        others.values("root", fork_id=fork)
        .annotate(Max("parent"), Max("children"), Sum("clicks"))
        .values_list("root", "fork_id", "parent__max", "children__max", "clicks__sum")
    )
