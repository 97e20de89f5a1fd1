"""Where the shares of a tree are drawn: apart, one generation around the other."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import combinations
from math import dist, inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

NODE = shutil.which("node")
MODULE = Path(__file__).parents[2] / "analytics/static/analytics/tree_layout.js"
ANSWER = f"""
import {{createInterface}} from "node:readline"
import {{layout}} from {json.dumps(MODULE.as_uri())}

for await (const line of createInterface({{input: process.stdin}})) {{
  const {{x, y, width, height}} = layout(...JSON.parse(line))
  console.log(JSON.stringify({{x: [...x], y: [...y], width, height}}))
}}
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node.js")


@pytest.fixture(scope="module")
def node():
    """A program that answers each line of arguments with a line of positions."""
    command = [str(NODE), "--input-type=module", "--eval", ANSWER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.communicate()


def laid_out(node, trees, aspect=1.6):
    """Return the positions of trees, each given as the parents of its shares, and their size."""
    parents: list[int] = []
    cascades: list[int] = []
    for number, tree in enumerate(trees, 1):
        first = len(parents)
        parents += [parent if parent < 0 else first + parent for parent in tree]
        cascades += [number] * len(tree)
    node.stdin.write(json.dumps([parents, cascades, aspect]) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    return list(zip(answer["x"], answer["y"], strict=True)), answer["width"], answer["height"]


def by_generation(choices):
    """Return a tree, generation by generation as reports tell it, made of any numbers."""
    above = [-1]
    for number, choice in enumerate(choices, 1):
        above.append(choice % number)
    generation = [0] * len(above)
    for share, parent in enumerate(above[1:], 1):
        generation[share] = generation[parent] + 1
    order = sorted(range(len(above)), key=lambda share: (generation[share], share))
    place = {share: number for number, share in enumerate(order)}
    return [place[above[share]] if share else -1 for share in order]


trees = st.lists(st.integers(0, 10_000), min_size=1, max_size=120).map(by_generation)


@settings(deadline=None, max_examples=60)
@given(st.lists(trees, min_size=1, max_size=6))
def test_everything_stands_inside_and_cascades_apart(node, forest):
    points, width, height = laid_out(node, forest)

    assert all(-1e-6 <= x <= width + 1e-6 and -1e-6 <= y <= height + 1e-6 for x, y in points)
    boxes = []
    for tree in forest:
        some, points = points[: len(tree)], points[len(tree) :]
        across, down = zip(*some, strict=True)
        boxes.append((min(across), min(down), max(across), max(down)))
    for one, other in combinations(boxes, 2):
        is_beside = one[2] + 1 < other[0] or other[2] + 1 < one[0]
        is_above = one[3] + 1 < other[1] or other[3] + 1 < one[1]
        assert is_beside or is_above


@settings(deadline=None, max_examples=60)
@given(trees)
def test_every_generation_stands_around_the_one_before(node, tree):
    points, _, _ = laid_out(node, [tree])
    from_first = [dist(points[0], point) for point in points]

    assert all(
        from_first[parent] < from_first[share] for share, parent in enumerate(tree) if share
    )


@settings(deadline=None, max_examples=60)
@given(trees)
def test_no_two_shares_lie_on_each_other(node, tree):
    assert closest(laid_out(node, [tree])[0]) > 0.5


def test_neighbours_in_a_narrow_sector_stand_apart(node):
    # Two leaves whose parent has hardly any room beside one with a hundred below it.
    tree = [-1, 0, 0, 1, 1, 2, 5, *([6] * 100)]

    assert closest(laid_out(node, [tree])[0]) > 0.5


@pytest.mark.parametrize(
    ("tree", "across"),
    [
        ([-1, *([0] * 4_999)], 90),
        (list(range(-1, 4_999)), 120),
        (by_generation([number // 3 for number in range(4_999)]), 200),
    ],
    ids=["star", "chain", "triples"],
)
def test_thousands_of_shares_have_room_in_a_picture(node, tree, across):
    points, width, height = laid_out(node, [tree])

    assert max(width, height) < across
    assert closest(points) > 0.5


def test_a_very_deep_chain_is_no_problem(node):
    points, _, _ = laid_out(node, [list(range(-1, 99_999))])

    assert len(points) == 100_000


def test_small_trees_fill_a_wide_picture(node):
    _, width, height = laid_out(node, [[-1, 0]] * 400, aspect=2)

    assert 1.2 < width / height < 3.2


def closest(points):
    """Return the least distance between two of the points, looked for in the squares around."""
    squares: dict[tuple[int, int], list[tuple[float, float]]] = {}
    least = inf
    for x, y in points:
        column, row = int(x // 1), int(y // 1)
        for near in ((column + a, row + b) for a in (-1, 0, 1) for b in (-1, 0, 1)):
            for other in squares.get(near, ()):
                least = min(least, dist((x, y), other))
        squares.setdefault((column, row), []).append((x, y))
    return least
