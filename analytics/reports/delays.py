"""How long things took: medians out of the delays that rollups keep in buckets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from analytics.intervals import quantile
from analytics.models import Delays
from analytics.outcomes import bounds
from analytics.reports.question import Question
from analytics.reports.rollups import add_up, delays
from analytics.reports.small import FEW

EVERY = -1
"""Stands for all channels together."""


def medians(
    question: Question, measures: Sequence[Delays.Measure]
) -> list[dict[int, float | None]]:
    """Return for each measure its median in seconds, by channel number and of all together
    (``EVERY``).

    None where fewer than ``FEW`` are behind it: it would be one person's time.
    """
    histograms: defaultdict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    rows = delays(question).filter(measure__in=measures)
    by = ["measure", "channel", "bucket"]
    for measure, channel, bucket, number in add_up(rows, by, ["number"]):
        histograms[measure, channel][bucket] += number
        histograms[measure, EVERY][bucket] += number
    found: dict[int, dict[int, float | None]] = {measure: {} for measure in measures}
    least = 1 if question.in_full else FEW
    for (measure, channel), histogram in histograms.items():
        is_shown = histogram.total() >= least
        found[measure][channel] = quantile(histogram, 0.5, bounds) if is_shown else None
    return list(found.values())
