"""What was tampered with is found; what is only late is not."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from analytics import ingest, settle
from analytics.models import Batch, DailyContent, DailyLedger, Hit
from analytics.reconcile import Missing, ledger_days, missing_segments, rollup_days
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, cancel, conversion, hit, lines, offer, press, share_of, visit

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 5)
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def link():
    return make_link(site=make_site(time_zone="Asia/Kolkata"))


def store(number, *facts, writer="ab"):
    ingest.store(f"{writer}-{number}", lines(*facts))


def settle_all():
    while settle.settle():
        pass


def grow_old():
    Batch.objects.update(committed=timezone.now() - timedelta(hours=1))


def reconcile(*arguments):
    stdout = io.StringIO()
    call_command("reconcile", *arguments, stdout=stdout)
    return stdout.getvalue()


def complaints(*arguments):
    with pytest.raises(CommandError) as raised:
        reconcile(*arguments)
    assert raised.value.returncode == 1
    return str(raised.value).splitlines()[1:]


@pytest.fixture
def counted(link):
    store(
        1,
        hit(link),
        hit(link, visitor=2),
        hit(link, agent=WHATSAPP),
        hit(link, agent="curl/8.0"),
        press(link),
        press(link, agent="curl/8.0"),
        offer(link),
        visit(link),
        visit(link, navigation="reload"),
        conversion(link),
        cancel(link),
        *(press(link, share=share_of("copy", 6_000 + n), visitor=7) for n in range(11)),
        "no fact at all",
    )
    settle_all()


@pytest.mark.usefixtures("counted")
def test_what_was_received_is_counted():
    (row,) = ledger_days(TODAY, TODAY)
    assert (row.day, row.received, row.difference) == (TODAY, 23, 0)
    assert {name: count for name, count in row.counts.items() if count} == {
        "received": 23,
        "clicks": 2,
        "previews": 1,
        "bots": 1,
        "presses": 11,
        "offers": 1,
        "visits": 1,
        "conversions": 1,
        "cancels": 1,
        "flagged": 1,
        "ignored": 2,
        "quarantined": 1,
    }
    assert {name: count for name, count in row.stored.items() if count} == {
        "received": 4,
        "clicks": 2,
        "previews": 1,
        "bots": 1,
    }


@pytest.mark.usefixtures("counted")
def test_reports_and_hits_agree():
    (row,) = rollup_days(TODAY, TODAY)
    assert (row.counts["clicks"], row.stored["clicks"]) == (2, 2)
    assert list(row.problems()) == []


@pytest.mark.usefixtures("counted")
def test_all_is_shown_where_all_adds_up():
    output = reconcile()
    assert "received  clicks  previews  prefetches  scanners  bots  presses  offers" in output
    assert "2 (2)" in output
    assert "Journal of this machine: 0 segments waiting, the oldest fact 0.0 s old" in output
    assert output.endswith("Everything adds up.\n")


def test_without_any_facts_everything_adds_up():
    assert "Everything adds up." in reconcile()


@pytest.mark.usefixtures("counted")
def test_a_number_of_the_ledger_that_was_changed_is_found():
    Batch.objects.update(presses=12)
    assert complaints() == [
        "2026-03-05: -1 of 23 received not counted.",
        "2026-03-05: the report of the ledger differs from the ledger.",
    ]


@pytest.mark.usefixtures("counted")
def test_a_sum_of_the_ledger_that_was_changed_is_found():
    DailyLedger.objects.update(presses=12)
    assert complaints() == ["2026-03-05: the report of the ledger differs from the ledger."]


@pytest.mark.usefixtures("counted")
def test_a_hit_that_vanished_is_found():
    Hit.objects.filter(kind=1, visitor=2).delete()
    assert complaints() == [
        "2026-03-05: the ledger has 2 clicks, the table of hits 1.",
        "2026-03-05 (sites' days): the reports have 2 clicks, the table of hits 1.",
    ]


@pytest.mark.usefixtures("counted")
def test_hits_that_all_vanished_are_found():
    Hit.objects.all().delete()
    assert len(complaints()) == 6


@pytest.mark.usefixtures("counted")
def test_a_rollup_that_was_changed_is_found():
    DailyContent.objects.filter(previews=1).update(previews=7)
    assert complaints() == [
        "2026-03-05 (sites' days): the reports have 7 previews, the table of hits 1."
    ]


@pytest.mark.usefixtures("counted")
def test_a_rollup_that_vanished_is_found():
    DailyContent.objects.all().delete()
    assert len(complaints()) == 3


def test_a_fact_of_another_day_is_compared_on_its_own_day(link):
    at = int((NOW - timedelta(days=3)).timestamp() * 1000)
    store(1, hit(link, time=at))
    assert [row.day for row in ledger_days(date(2026, 3, 1), TODAY)] == [TODAY]
    assert [row.day for row in rollup_days(date(2026, 3, 1), TODAY)] == [date(2026, 3, 2)]
    DailyContent.objects.update(clicks=0)
    assert complaints() == [
        "2026-03-02 (sites' days): the reports have 0 clicks, the table of hits 1."
    ]
    assert "Everything adds up." in reconcile("--days", "1")


def test_a_missing_segment_is_found(link):
    store(1, hit(link))
    store(3, hit(link))
    store(7, hit(link))
    grow_old()
    assert complaints() == [
        "Segment ab-2 is missing.",
        "3 segments from ab-4 to 6 are missing.",
    ]


def test_the_first_segment_can_be_missing_too(link, tmp_path):
    store(2, hit(link))
    grow_old()
    assert missing_segments(TODAY, NOW, tmp_path) == [Missing("ab", 1, 1, 1)]


def test_each_writer_has_its_own_sequence(link):
    store(1, hit(link), writer="ab")
    store(1, hit(link), writer="cd")
    store(2, hit(link), writer="cd")
    grow_old()
    assert "Everything adds up." in reconcile()


def test_a_segment_is_not_missed_at_once(link):
    store(1, hit(link))
    store(3, hit(link))
    assert "Everything adds up." in reconcile()


def test_a_segment_in_the_journal_is_late_and_not_missing(link, tmp_path):
    store(1, hit(link))
    store(5, hit(link))
    grow_old()
    (tmp_path / "ab").mkdir()
    for name in ("00000002.sent", "00000004.sealed", "health"):
        (tmp_path / "ab" / name).touch()
    assert missing_segments(TODAY, NOW, tmp_path) == [Missing("ab", 3, 3, 1)]


def test_hits_past_their_time_are_not_missed(counted):
    Batch.objects.update(committed=NOW - timedelta(days=500))
    Hit.objects.all().delete()
    DailyContent.objects.update(day=TODAY - timedelta(days=500))
    DailyLedger.objects.update(day=TODAY - timedelta(days=500))
    assert "2024-10-21" in reconcile("--from", "2024-10-01", "--to", "2024-11-01")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--days", "0"], "--days must be at least 1."),
        (["--days", "3", "--to", "2026-03-01"], "Use either --days or --from and --to."),
        (
            ["--from", "2026-03-02", "--to", "2026-03-01"],
            "The period ends (2026-03-01) before it starts (2026-03-02).",
        ),
        (
            ["--from", "March"],
            "Error: argument --from: 'March' is not a date. Write it like 2026-11-01.",
        ),
    ],
)
def test_errors_are_sentences(arguments, sentence):
    with pytest.raises(CommandError) as raised:
        reconcile(*arguments)
    assert str(raised.value) == sentence
