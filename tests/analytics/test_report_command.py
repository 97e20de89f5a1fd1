import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

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


def report(**options):
    stdout = io.StringIO()
    defaults = {"site": "demo", "start": "2026-03-01", "end": "2026-03-07"}
    call_command("report", "content", stdout=stdout, **{**defaults, **options})
    return stdout.getvalue()


def test_the_table_is_aligned(link):
    lines = report().splitlines()
    assert lines[0] == "Demo, 2026-03-01 to 2026-03-07 (UTC)"
    assert lines[2].split() == [
        *["presses", "previews", "clicks", "daily", "visitors", "visits", "conversions"]
    ]
    assert lines[3].split() == [
        link.code,
        *["How", "to", "grow", "grapes"],
        "1",
        "0",
        "1,201",
        "1,200",
        "1,100",
        "1",
    ]
    assert lines[4].split() == ["Email", "1", "not", "observable", "1,200", "1,200", "1,100", "0"]
    assert len({len(line) for line in lines[2:6]}) == 1
    assert lines[-1] == "100.0 % of the clicks on shares came from private channels."


def test_a_period_without_anything_says_so():
    assert "Nothing was pressed, opened or visited in this period." in report(end="2026-03-02")


def test_csv_can_be_read(link):
    rows = list(csv.DictReader(io.StringIO(report(format="csv"), newline="")))
    assert [(row["link"], row["channel"], row["clicks"]) for row in rows] == [
        (link.code, "email", "1200"),
        (link.code, "link", "1"),
    ]


def test_json_is_that_of_the_api(link):
    found = json.loads(report(format="json"))
    assert found["totals"]["private"]["clicks"] == 1200
    assert found["links"][0]["code"] == link.code
    assert found["links"][0]["channels"][0]["previews"] is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"site": "nope"}, "There is no site with the key 'nope'. Known are: demo."),
        ({"start": "yesterday"}, "'yesterday' is not a date. Write it like 2026-11-01."),
        ({"start": "2026-03-08"}, "The period ends (2026-03-07) before it starts (2026-03-08)."),
    ],
)
def test_errors_are_sentences(options, sentence):
    with pytest.raises(CommandError) as raised:
        report(**options)
    assert str(raised.value) == sentence
