"""Holding what was counted against what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from analytics.intervals import Likeness, k_factor
from analytics.simulation.lives import ALIKE, Life, lives
from analytics.simulation.stage import World
from analytics.simulation.truth import Figures
from analytics.simulation.world import act_out

PRECISION = 0.99
"""Of the channels that evidence names, the part that must be right."""
OTHER_WORLDS = 4
RIGHT, WRONG = "right", "WRONG"


class Line(NamedTuple):
    """One figure, and whether the product got it right."""

    figure: str
    truth: float
    counted: float
    error: float
    """Of a figure that must be exact, how much its cells are off altogether."""
    verdict: str
    examples: tuple[str, ...] = ()
    """Cells that are wrong."""

    @property
    def is_wrong(self) -> bool:
        return self.verdict == WRONG


def exact(truth: Figures, counted: Figures, *, without: Collection[str] = ()) -> list[Line]:
    """Return a line for each figure that must be right in each of its cells."""
    return [
        compare(figure, cells, counted.get(figure, Counter()))
        for figure, cells in truth.items()
        if figure not in without
    ]


def compare(figure: str, truth: Mapping[str, int], counted: Mapping[str, int]) -> Line:
    cells = sorted({*truth, *counted})
    off = {cell: counted.get(cell, 0) - truth.get(cell, 0) for cell in cells}
    wrong = [f"{cell}: {number:+}" for cell, number in off.items() if number]
    error = sum(map(abs, off.values()))
    sums = sum(truth.values()), sum(counted.values())
    return Line(figure, *sums, error, WRONG if wrong else RIGHT, tuple(wrong[:5]))


def observed(world: World, counted: Mapping[str, int]) -> list[Line]:
    """Return how often evidence names the right app, and of how many shares it names one.

    Right is every app that the link was in, and every name that such an app goes by.
    """
    found = {life.share.number: life for life in lives(world) if life.is_real}
    named = [cell.split(" ", 1) for cell in counted]
    right = sum(
        name in names_of(found.get(int(share))) for share, name in named if share.isdigit()
    )
    precision = right / len(named) if named else 1.0
    recall = len(named) / len(found) if found else 1.0
    is_enough = precision >= PRECISION
    return [
        Line("observed: right", 1.0, precision, 1 - precision, RIGHT if is_enough else WRONG),
        Line("observed: of all shares", 1.0, recall, 1 - recall, "shown"),
    ]


def names_of(life: Life | None) -> set[str]:
    """Return all names of the apps that a share left traces of."""
    apps = set(life.apps) if life else set()
    return apps.union(*(names for names in ALIKE if names & apps))


def k(world: World, seed: int, funnel: Mapping[str, int], alike: Likeness) -> Line:
    """Return the K-factor that was counted, and whether its interval holds the true one.

    The true one is that of all worlds of the same kind, as far as pages can tell of parents.
    One interval in twenty may miss it.
    """
    sums: Counter[str] = Counter()
    for cell, number in funnel.items():
        sums[cell.rpartition(" ")[2]] += number
    children, squared = sums["prompt_children"], sums["prompt_children_squared"]
    estimate = k_factor(sums["shares"], children, squared, alike)
    others = [act_out(world.scene, seed + number) for number in range(1, 1 + OTHER_WORLDS)]
    real = [life for other in others for life in lives(other) if life.is_real]
    truth = sum(life.parent is not None for life in real) / max(1, len(real))
    if estimate is None:
        return Line("K-factor", truth, 0.0, truth, "shown")
    is_inside = estimate.low <= truth <= estimate.high
    interval = f"from {estimate.low:.3f} to {estimate.high:.3f}"
    verdict = f"{'inside' if is_inside else 'outside'}, {interval}"
    return Line("K-factor", truth, estimate.value, abs(estimate.value - truth), verdict)


def unseen(world: World, funnel: Mapping[str, int]) -> Line:
    """Return the children that were counted, beside those that there really were.

    Nobody can be told from whom those have it who ask for privacy, nor can those whose page
    failed to tell: the count is a lower bound.
    """
    counted = sum(number for cell, number in funnel.items() if cell.endswith(" children"))
    real = {life.share.number for life in lives(world) if life.is_real}
    truth = sum(world.shares[share].parent is not None for share in real)
    return Line("children, all there were", truth, counted, truth - counted, "shown")
