"""Places: where on the pages the buttons were that were used."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.intervals import Estimate, wilson
from analytics.reports.question import Question
from analytics.reports.rollups import Rows, outcomes, sums

COLUMNS = ("shares", "opened", "passed_on", "converted", "clicks", "conversions")


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Shares that started at one place of the pages."""

    placement: str
    """As the page calls it; empty where it does not say."""
    shares: int
    opened: int
    passed_on: int
    converted: int
    clicks: int
    conversions: int
    open_rate: Estimate | None


def places(question: Question) -> tuple[PlaceRow, ...]:
    """Return the places, the one with the most shares first."""
    found: Rows = (
        outcomes(question)
        .order_by()
        .values_list("placement")
        .annotate(**sums(COLUMNS))
        .filter(sum_shares__gt=0)
        .order_by("-sum_shares", "-sum_clicks", "placement")[question.part]
    )
    return tuple(_row(*row) for row in found)


def _row(placement: str, shares: int, opened: int, *others: int) -> PlaceRow:
    passed_on, converted, clicks, conversions = others
    rate = wilson(opened, shares)
    return PlaceRow(placement, shares, opened, passed_on, converted, clicks, conversions, rate)
