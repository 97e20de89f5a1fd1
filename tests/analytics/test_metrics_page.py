"""What docs/metrics.md says is what the code does."""

from pathlib import Path

import pytest

from analytics import exports, pace
from analytics.models import Share
from analytics.reconcile import COUNTS

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
TEXT = " ".join(PAGE.split())


def test_the_ledgers_columns_are_those_that_add_up():
    assert f"> received = {' + '.join(COUNTS)} with the difference" in TEXT


@pytest.mark.parametrize("columns", [exports.CONTENT_COLUMNS, exports.HIT_COLUMNS])
def test_the_columns_of_the_files_are_listed(columns):
    assert f"`{', '.join(columns)}`" in TEXT


@pytest.mark.parametrize(
    "sentence",
    [
        f"by slots of {pace.SLOT // 1000} seconds",
        f"more than {pace.FAST} presses of one visitor in a slot",
        f"more presses of one site in a slot than {pace.FLOOD}, "
        f"or than {pace.FLOOD_TIMES} times the mean of its last {pace.MEAN_DAYS} whole days",
        f"worked out anew every {pace.LIFETIME / 60:.0f} minutes",
        f"deleted after {pace.KEPT.days} days",
    ],
)
def test_the_numbers_of_the_pace_are_those_in_use(sentence):
    assert sentence in TEXT


@pytest.mark.parametrize("flag", Share.Flag.values)
def test_each_flag_is_explained(flag):
    assert f"**{flag}**" in TEXT


@pytest.mark.parametrize(
    "number", ["Visits", "Conversions", "Dark visits", "Cancels", "Flagged presses"]
)
def test_each_number_is_defined(number):
    assert f"| {number} | " in PAGE
