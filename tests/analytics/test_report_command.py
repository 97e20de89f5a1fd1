import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from analytics.reports.catalog import REPORTS
from analytics.reports.shapes import headings
from tests.factories import make_link, make_site
from tests.facts import conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(autouse=True)
def link():
    link = make_link(site=make_site(key="demo", name="Demo"), title="How to grow grapes")
    share = share_of("email")
    facts = [hit(link, share=share, time=NOON, visitor=n) for n in range(1200)]
    store(
        press(link, share=share, time=NOON),
        hit(link, time=NOON),
        *facts,
        *(visit(link, share=share, time=NOON) for _ in range(1100)),
        conversion(link, time=NOON),
    )
    return link


def report(*arguments, name="content"):
    stdout = io.StringIO()
    period = ["--from", "2026-03-01", "--to", "2026-03-07"]
    call_command("report", name, *period, *arguments, stdout=stdout)
    return stdout.getvalue()


def test_the_table_is_aligned(link):
    lines = report().splitlines()
    assert lines[0] == "Content by channel: Demo, 2026-03-01 to 2026-03-07 (UTC)"
    assert lines[2].startswith("link    title")
    assert re.split(r"  +", lines[3]) == [
        *[link.code, "How to grow grapes", link.destination, "email", "private", "1"],
        *["not observable", "1,200", "1,200", "1,100", "0"],
    ]
    assert len({line.index("1,") for line in lines[3:4]} | {lines[2].index("clicks") + 1}) == 1
    assert "totals, private percent: 100.0" in lines
    assert "totals, all, clicks: 1,201" in lines


def test_a_long_text_is_cut(link):
    link.title = "x" * 60
    link.save()
    assert f"{'x' * 39}…" in report()


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_printed(name):
    table = report(name=name)
    assert table.startswith(f"{REPORTS[name].title}: Demo")
    assert json.loads(report("--json", name=name))["site"] == "demo"
    assert report("--csv", name=name).startswith(f'"{headings(REPORTS[name].row)[0]}"')


def test_a_period_without_anything_says_so():
    assert "There is nothing in this period." in report("--to", "2026-03-02")


def test_csv_can_be_read(link):
    rows = list(csv.DictReader(io.StringIO(report("--format", "csv"), newline="")))
    assert [(row["link"], row["channel"], row["clicks"]) for row in rows] == [
        (link.code, "email", "1200"),
        (link.code, "link", "1"),
    ]


def test_json_is_that_of_the_api(link):
    found = json.loads(report("--format", "json"))
    assert found["totals"]["private"]["clicks"] == 1200
    assert found["links"][0]["code"] == link.code
    assert found["links"][0]["channels"][0]["previews"] is None


def test_what_narrows_a_report_can_be_said(link):
    found = json.loads(report("--json", "--links", link.code, "--channels", "email"))
    assert found["totals"]["all"]["clicks"] == 1200


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--site", "nope"], "There is no site with the key “nope”. Known are: demo."),
        (["--from", "yesterday"], "“yesterday” is not a date. Write it like 2026-11-01."),
        (["--from", "2026-03-08"], "The period ends (2026-03-07) before it starts (2026-03-08)."),
    ],
)
def test_errors_are_sentences(options, sentence):
    with pytest.raises(CommandError) as raised:
        report(*options)
    assert str(raised.value) == sentence
