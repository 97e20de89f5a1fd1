"""Rollups of past days made again from the rows that are kept: whatever was done to them."""

import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import F

from analytics import forgetting, models, tables
from analytics.models import DailyContent, DailySite, Hit, Visit
from analytics.rebuild import content_lacks, rebuild
from analytics.settle import settle
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, cancel, conversion, hit, offer, press, share_of, store, visit

pytestmark = pytest.mark.django_db

TODAY, TOMORROW = date(2026, 3, 5), date(2026, 3, 6)
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOUR = 3_600_000
TELEGRAM = "TelegramBot (like TwitterBot)"
FIRST, SECOND = share_of("whatsapp"), share_of("copy", 5_001)
ROLLUPS = [
    "DailyContent",
    "DailySite",
    "DailyOutcome",
    "DailySiteOutcome",
    "DailyDelay",
    "DailySiteDelay",
    "DailyForward",
    "DailyAudience",
    "DailySiteAudience",
    "DailyLedger",
]
COUNTS = {"DailyDelay": "number", "DailySiteDelay": "number", "DailyForward": "shares"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def link():
    return make_link(site=make_site(key="kolkata", time_zone="Asia/Kolkata"))


@pytest.fixture
def counted(link):
    """Facts of all kinds. It becomes tomorrow in Kolkata half past six UTC in the evening."""
    store(
        offer(link),
        press(link, share=FIRST),
        hit(link, share=FIRST, agent=WHATSAPP),
        hit(link, share=FIRST, agent=TELEGRAM),
        hit(link, share=FIRST, time=now() + HOUR, visitor=2),
        hit(link, agent="curl/8.0"),
        hit(link, signals="HEAD https"),
        hit(link, signals="GET https\nsec-purpose: prefetch"),
        visit(link, share=FIRST),
        visit(link, share=FIRST, navigation="reload"),
        visit(link, share=FIRST, automated=True),
        visit(link, share=FIRST, agent="curl/8.0"),
        visit(link),
        conversion(link, share=FIRST),
        conversion(link, visit="visit-2"),
    )
    store(
        cancel(link),
        press(link, share=SECOND, parent=FIRST, time=now() + 7 * HOUR, placement="end"),
        hit(link, share=SECOND, time=now() + 8 * HOUR, referrer="t.me"),
        *(press(link, share=share_of("copy", 6_000 + n), visitor=7) for n in range(12)),
    )
    while settle():
        pass


def now():
    return int(NOW.timestamp() * 1000)


def table(name):
    """Return the rows of a rollup, without those that hold nothing."""
    rows = getattr(models, name).objects.values()
    keys = {"day", "link_id", "site_id", "channel", "value", "placement", "generation"}
    keys |= {"observed", "measure", "bucket", "seen_in", "dimension"}
    return sorted(
        str(sorted(row.items())) for row in rows if any(row[name] for name in row.keys() - keys)
    )


def everything():
    return {name: table(name) for name in ROLLUPS}


def command(*arguments):
    stdout = io.StringIO()
    call_command("rebuild_rollups", *arguments, stdout=stdout)
    return stdout.getvalue()


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("day", [TODAY, TOMORROW])
def test_what_was_counted_is_what_is_kept(day):
    assert rebuild(day, None) == []


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("name", ROLLUPS)
@pytest.mark.parametrize("day", [TODAY, TOMORROW])
def test_a_count_that_was_changed_is_put_right(name, day):
    before = everything()
    model, column = getattr(models, name), COUNTS.get(name, "clicks")
    changed = model.objects.filter(day=day).update(**{column: F(column) + 3})

    found = rebuild(day, None)

    assert [(d.day, d.rollup, d.column, d.missing) for d in found] == (
        [(day, name, column, 0)] if changed else []
    )
    assert sum(d.surplus for d in found) == 3 * changed
    assert everything() == before
    assert rebuild(day, None) == []


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("name", ROLLUPS)
def test_rows_that_vanished_are_made_again(name):
    kept = {"offers", "cancels", "visitors", "new_visitors", "dark_visits", "visits"}
    before = everything()
    if name in {"DailyContent", "DailySite"}:
        # What leaves no row is not known any more.
        model = getattr(models, name)
        model.objects.update(**dict.fromkeys({*COUNTED, "visits"} - kept, 0))
    else:
        getattr(models, name).objects.all().delete()

    for day in (TODAY, TOMORROW):
        rebuild(day, None)

    assert everything() == before


COUNTED = {"presses", "clicks", "previews", "prefetches", "scanners", "bots", "conversions"}


@pytest.mark.usefixtures("counted")
def test_a_row_that_nothing_stands_behind_is_emptied(link):
    before = everything()
    DailyContent.objects.create(day=TODAY, link=link, channel=9, clicks=4)
    DailySite.objects.create(day=TODAY, site=link.site, channel=9, presses=2)

    rebuild(TODAY, None)

    assert everything() == before


@pytest.mark.usefixtures("counted")
def test_what_leaves_no_row_stays_as_it_is(link):
    untold = {"offers": 7, "cancels": 7, "dark_visits": 7, "visitors": 7, "new_visitors": 7}
    DailyContent.objects.update(**untold)
    DailyContent.objects.filter(channel=0).update(visits=7)

    assert rebuild(TODAY, None) == []


@pytest.mark.usefixtures("counted")
def test_a_dry_run_changes_nothing():
    DailyContent.objects.update(clicks=9)
    before = everything()

    assert rebuild(TODAY, None, dry_run=True) == rebuild(TODAY, None, dry_run=True) != []
    assert everything() == before


@pytest.mark.usefixtures("counted")
def test_facts_that_are_not_settled_yet_are_not_missed(link):
    store(hit(link, share=FIRST), hit(link), press(link, share=share_of("copy", 9_000)))
    assert rebuild(TODAY, None) == []


def test_facts_that_come_meanwhile_are_counted_too(link, counted):
    DailyContent.objects.filter(clicks__gt=0).update(clicks=0)
    lacks = list(content_lacks(TODAY, None))
    store(hit(link))
    for rollup, sums in lacks:
        tables.add(rollup.table, rollup.key, rollup.counts, sums)

    assert rebuild(TODAY, None) == []
    clicks = DailyContent.objects.filter(day=TODAY).values_list("clicks", flat=True)
    assert sum(clicks) == Hit.objects.filter(day=TODAY, kind=1).count() == 2


def test_only_the_site_that_is_asked_for_is_looked_at(link, counted):
    other = make_link(site=make_site(time_zone="Asia/Kolkata"))
    store(hit(other, share=share_of("copy", 9_000)), press(link, share=share_of("copy", 9_001)))
    settle()
    for name in ROLLUPS:
        getattr(models, name).objects.update(**{COUNTS.get(name, "clicks"): 9})
    theirs = DailyContent.objects.filter(link=other), DailySite.objects.filter(site=other.site)

    found = rebuild(TODAY, link.site)

    # The ledger is that of all sites.
    of_sites = {*ROLLUPS} - {"DailyLedger"}
    assert {d.rollup for d in found} == of_sites
    assert rebuild(TODAY, link.site) == []
    assert [row.clicks for rows in theirs for row in rows] == [9, 9]
    assert {d.rollup for d in rebuild(TODAY, other.site)} == of_sites - {"DailyForward"}


def test_each_site_has_its_own_day():
    east, west = (
        make_link(site=make_site(time_zone=zone))
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")
    )
    store(press(east, share=share_of("copy", 1)), press(west, share=share_of("copy", 2)))
    settle()
    assert [rebuild(day, None) for day in (TODAY, TOMORROW)] == [[], []]
    DailyContent.objects.update(presses=0)
    assert [d.rows for day in (TODAY, TOMORROW) for d in rebuild(day, None)] == [1, 1]


def test_the_days_of_a_site_that_moved_stay_where_they_were(link, counted):
    link.site.time_zone = "America/Los_Angeles"
    link.site.save()
    DailyContent.objects.filter(day=TOMORROW).update(clicks=0)

    found = [d for d in rebuild(TOMORROW, None) if d.column == "clicks"]

    assert [(d.rollup, d.missing) for d in found] == [("DailyContent", 1)]


def test_what_was_erased_was_counted_all_the_same(link, counted):
    before = everything()
    for rows in forgetting.share_rows(link.pk, FIRST):
        forgetting.erase(rows)
    assert Hit.objects.filter(share=FIRST).count() == 0
    assert Visit.objects.count() == 0

    assert rebuild(TODAY, None) == []
    assert everything() == before


def test_a_share_whose_press_was_flagged_later_is_found(counted):
    models.Share.objects.filter(pk=FIRST).update(flag="fast")
    assert [(d.rollup, d.column, d.surplus) for d in rebuild(TODAY, None)] == [
        ("DailyContent", "presses", 1),
        ("DailySite", "presses", 1),
    ]


@pytest.mark.usefixtures("counted")
def test_all_is_said_where_all_is_right():
    assert command("--from", "2026-03-01") == "The rollups are right.\n"


@pytest.mark.usefixtures("counted")
def test_what_differs_is_shown_and_put_right(link):
    DailyContent.objects.filter(day=TODAY, clicks__gt=0).update(clicks=F("clicks") + 4)
    DailyContent.objects.filter(day=TODAY, channel=0).update(bots=0)

    assert command("--from", "2026-03-05", "--site", "kolkata").splitlines() == [
        "       day        rollup  column  rows  missing  too much",
        "2026-03-05  DailyContent  clicks     1        0         4",
        "2026-03-05  DailyContent    bots     1        1         0",
        "",
        "The rollups were put right.",
    ]
    assert command("--from", "2026-03-05") == "The rollups are right.\n"


@pytest.mark.usefixtures("counted")
def test_a_dry_run_ends_with_status_1_where_anything_differs():
    DailySite.objects.update(previews=9)
    for _ in range(2):
        with pytest.raises(CommandError) as raised:
            command("--from", "2026-03-05", "--dry-run")
        assert raised.value.returncode == 1
        assert str(raised.value) == (
            "The rollups are not what the rows add up to. Nothing was changed."
        )
    command("--from", "2026-03-05")
    assert command("--from", "2026-03-05", "--dry-run") == "The rollups are right.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Error: the following arguments are required: --from"),
        (["--from", "2026-03-05", "--site", "no"], "There is no site 'no'."),
        (
            ["--from", "2025-01-01"],
            "Rows of 2025-01-01 may have been deleted. All are kept from 2025-01-31 on.",
        ),
        (
            ["--from", "2026-03-02", "--to", "2026-03-01"],
            "The period ends (2026-03-01) before it starts (2026-03-02).",
        ),
    ],
)
def test_errors_are_sentences(arguments, sentence):
    with pytest.raises(CommandError) as raised:
        command(*arguments)
    assert str(raised.value) == sentence
