"""Dark social: what travelled where nobody can look, and how sure that is.

Three ratios that are never mixed: measured, revealed and estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.observed import MEANS
from analytics.reports.question import Question
from analytics.reports.rollups import add_up, counts, outcomes
from shortener.channels import BY_NUMBER, DIRECT

MEASURED, REVEALED, ESTIMATED = "measured", "revealed", "estimated"
OPEN = MEANS - {DIRECT.number}
"""Channels that leave open where a link goes."""


@dataclass(frozen=True, slots=True)
class DarkRow:
    """One of the three ratios."""

    ratio: str
    """``MEASURED``, ``REVEALED`` or ``ESTIMATED``."""
    certainty: str
    """Whether it is exact, at least so much or at most so much."""
    dark: int
    of: int
    """What ``dark`` is a part of."""
    percent: float | None
    """None where there is nothing to be a part of."""


def dark(question: Question) -> tuple[DarkRow, ...]:
    clicks = visits = dark_visits = private = direct = 0
    for channel, *sums in add_up(
        counts(question), ["channel"], ["clicks", "visits", "dark_visits"]
    ):
        clicks += sums[0]
        visits += sums[1]
        dark_visits += sums[2]
        private += sums[0] * BY_NUMBER[channel].private
        direct += sums[0] * (channel == DIRECT.number)
    opened = revealed = 0
    shares = outcomes(question).filter(channel__in=OPEN)
    for observed, number in add_up(shares, ["observed"], ["clicks"]):
        opened += number
        revealed += number * BY_NUMBER[observed].private
    return (
        _row(MEASURED, "exact", private, clicks - direct),
        _row(REVEALED, "at least", revealed, opened),
        _row(ESTIMATED, "at most", dark_visits, visits),
    )


def _row(ratio: str, certainty: str, part: int, whole: int) -> DarkRow:
    return DarkRow(ratio, certainty, part, whole, 100 * part / whole if whole else None)
