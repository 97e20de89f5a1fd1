"""What docs/metrics.md says is what the code does."""

import re
from pathlib import Path

import pytest

from analytics import pace
from analytics.cascades import SHOWN_FROM
from analytics.exports import hits
from analytics.intervals import CONFIDENCE
from analytics.ledger import COUNTS
from analytics.lineage import WINDOW
from analytics.models import Share
from analytics.reports import cascades, small
from analytics.reports.cascades import SizeRow
from analytics.reports.catalog import REPORTS
from analytics.reports.content import ChannelContent, LinkContent
from analytics.reports.params import PARAMETERS
from analytics.reports.shapes import columns
from analytics.reports.totals import Reach, Totals

DOCS = Path(__file__).parents[2] / "docs"
PAGE, API = (DOCS / "metrics.md").read_text(), (DOCS / "api.md").read_text()
TEXT = " ".join(PAGE.split())


def test_the_ledgers_columns_are_those_that_add_up():
    assert f"> received = {' + '.join(COUNTS)} with the difference" in TEXT


def test_the_columns_of_the_file_of_hits_are_listed():
    assert f"`{', '.join(hits.COLUMNS)}`" in TEXT


def chapter(name: str) -> str:
    """Return what the page says of a report."""
    return PAGE.split(f"\n### {name}\n", 1)[1].split("\n#", 1)[0]


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_has_a_chapter_with_its_sentence(name):
    report = REPORTS[name]
    assert " ".join(chapter(name).split()).startswith(f"**{report.title}.** {report.sentence}")


@pytest.mark.parametrize("name", REPORTS)
def test_each_column_of_a_report_is_defined(name):
    defined = set(re.findall(r"`(\w+)`", chapter(name)))
    shape = REPORTS[name].shape
    fields = {column.name for column in columns(REPORTS[name].row)}
    if isinstance(shape, type):
        fields |= {column.name for column in columns(shape)} - {"rows"}
    assert fields - defined == set()


@pytest.mark.parametrize("shape", [Reach, Totals, SizeRow, ChannelContent, LinkContent])
def test_each_figure_within_an_answer_is_defined(shape):
    fields = {column.name for column in columns(shape)}
    assert fields - set(re.findall(r"`(\w+)`", PAGE)) == set()


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_is_explained(name):
    assert f"| `{name}` | {PARAMETERS[name]} |" in API


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_is_in_the_api_page(name):
    assert f"| `{name}` | {REPORTS[name].sentence} |" in API


@pytest.mark.parametrize(
    "sentence",
    [
        f"by slots of {pace.SLOT // 1000} seconds",
        f"more than {pace.FAST} presses of one visitor in a slot",
        f"more presses of one site in a slot than {pace.FLOOD}, "
        f"or than {pace.FLOOD_TIMES} times the mean of its last {pace.MEAN_DAYS} whole days",
        f"worked out anew every {pace.LIFETIME / 60:.0f} minutes",
        f"deleted after {pace.KEPT.days} days",
        f"within {WINDOW.days} days",
        f"from {SHOWN_FROM} shares on",
        f"at most {cascades.MAX_NODES} shares",
        f"fewer than {small.FEW} clicks",
        f"“{small.OTHER}”",
        f"intervals of {CONFIDENCE:.0%}".replace("%", " %"),
    ],
)
def test_the_numbers_in_the_page_are_those_in_use(sentence):
    assert sentence in TEXT


@pytest.mark.parametrize("flag", Share.Flag.values)
def test_each_flag_is_explained(flag):
    assert f"**{flag}**" in TEXT


@pytest.mark.parametrize(
    "number", ["Visits", "Conversions", "Dark visits", "Cancels", "Flagged presses"]
)
def test_each_number_is_defined(number):
    assert f"| {number} | " in PAGE
