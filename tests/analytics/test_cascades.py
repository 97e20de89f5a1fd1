"""What is said of the shape of cascades."""

from collections import Counter, deque
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import cascades
from analytics.cascades import shape, virality
from analytics.models import Cascade, Outcome
from tests.factories import make_link

STAR = [None] + [0] * 9
CHAIN = [None, *range(9)]
trees = st.integers(0, 40).flatmap(
    lambda size: st.tuples(*(st.integers(0, number) for number in range(size)))
)
"""The parents of all nodes but the first, each of them before its children."""


def distances(parents):
    """Return the distances from each node to each, by walking."""
    neighbours: dict[int, list[int]] = {node: [] for node in range(len(parents))}
    for node, parent in enumerate(parents):
        if parent is not None:
            neighbours[node].append(parent)
            neighbours[parent].append(node)
    for start in neighbours:
        away = {start: 0}
        queue = deque([start])
        while queue:
            node = queue.popleft()
            for other in neighbours[node]:
                if other not in away:
                    away[other] = away[node] + 1
                    queue.append(other)
        yield away


@pytest.mark.parametrize(
    ("parents", "generations", "expected"),
    [
        ([None], [1], None),
        ([None, 0], [1, 1], 1),
        ([None, 0, 0], [1, 2], 4 / 3),
        (STAR, [1, 9], 1.8),
        (CHAIN, [1] * 10, 11 / 3),
        ([None, 0, 0, 1, 1, 2, 2], [1, 2, 4], 96 / 42),
    ],
)
def test_shapes(parents, generations, expected):
    found = shape(range(len(parents)), parents)
    assert found.generations == generations
    assert virality(found.size, found.distances) == (expected and pytest.approx(expected))


@given(trees, st.randoms(use_true_random=False))
def test_a_shape_is_what_walking_from_each_to_each_finds(parents, chance):
    parents = [None, *parents]
    away = list(distances(parents))
    names = chance.sample(range(1, 2**62), len(parents))
    tree = [(names[n], None if p is None else names[p]) for n, p in enumerate(parents)]
    chance.shuffle(tree)
    found = shape(*zip(*tree, strict=True))
    levels = Counter(away[0].values())
    assert found.generations == [levels[level] for level in range(len(levels))]
    assert found.size == len(parents)
    assert found.depth == max(levels)
    assert found.breadth == max(levels.values())
    assert found.distances == sum(sum(row.values()) for row in away) // 2


def test_a_very_long_chain_is_no_problem():
    size = 20_000
    found = shape(range(size), [None, *range(size - 1)])
    assert (found.depth, found.breadth) == (size - 1, 1)
    assert virality(size, found.distances) == pytest.approx((size + 1) / 3)


def grow(link, parents, *, first=1, **values):
    """Make the outcomes of a tree, whose shares have ids from ``first`` on."""
    children = Counter(parents)
    generations: list[int] = []
    for number, parent in enumerate(parents):
        generations.append(0 if parent is None else generations[parent] + 1)
        Outcome.objects.create(
            **{
                "share_id": first + number,
                "link": link,
                "channel": 1,
                "start": datetime(2026, 3, 5, tzinfo=UTC),
                "day": date(2026, 3, 5 + number % 9),
                "placement": "",
                "observed": 0,
                "seen": 0,
                "pressed": True,
                "clicks": number,
                "visits": 0,
                "conversions": 0,
                "parent": None if parent is None else first + parent,
                "root": first,
                "generation": generations[-1],
                "children": children[number],
                "prompt_children": 0,
                **values,
            }
        )


def cascade_of(root):
    names = ("link", "channel", "day", "size", "depth", "breadth", "distances", "clicks")
    return Cascade.objects.values_list(*names).get(root=root)


@pytest.mark.django_db
class TestRewrite:
    def test_a_cascade_is_of_its_first_share(self):
        link = make_link()
        grow(link, STAR, channel=3)
        cascades.rewrite([1])
        assert cascade_of(1) == (link.pk, 3, date(2026, 3, 5), 10, 1, 9, 81, 45)

    def test_it_follows_what_is_passed_on(self):
        link = make_link()
        grow(link, STAR)
        cascades.rewrite([1])
        Outcome.objects.all().delete()
        grow(link, CHAIN)
        cascades.rewrite([1])
        assert cascade_of(1)[3:] == (10, 9, 1, 165, 45)

    def test_of_a_share_alone_there_is_none(self):
        grow(make_link(), [None])
        cascades.rewrite([1])
        assert not Cascade.objects.exists()

    @pytest.mark.parametrize("root", [1, 2, 11])
    def test_what_is_no_longer_the_first_of_a_cascade_loses_it(self, root):
        """The first share of one, that is one alone, or passed on, or gone."""
        link = make_link()
        Cascade.objects.create(
            **{"root": root, "link": link, "channel": 1, "day": date(2026, 3, 5)},
            **{"size": 2, "depth": 1, "breadth": 1, "distances": 1, "clicks": 0},
        )
        grow(link, [None, 0, 1], first=10)
        grow(link, [None])
        cascades.rewrite([root])
        assert not Cascade.objects.exists()

    def test_others_are_left_alone(self):
        link = make_link()
        grow(link, STAR)
        grow(link, CHAIN, first=100)
        cascades.rewrite([1])
        cascades.rewrite([100])
        assert [cascade_of(root)[3] for root in (1, 100)] == [10, 10]

    def test_many_cascades_take_no_more_queries_than_one(self, django_assert_num_queries):
        link = make_link()
        for number in range(20):
            grow(link, [None, 0, 1, 0][: number % 4 + 1], first=100 * (number + 1))
        roots = [100 * (number + 1) for number in range(20)]
        with django_assert_num_queries(4):
            cascades.rewrite(roots)
        assert Cascade.objects.count() == 15
