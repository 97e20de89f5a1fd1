"""What is erased at a person's request is gone, and the books still balance."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from analytics import forgetting, settle
from analytics.models import (
    Batch,
    Cascade,
    Conversion,
    DailyAudience,
    DailyContent,
    DailyOutcome,
    DailyVisitor,
    Erased,
    Hit,
    Outcome,
    Pace,
    Share,
    Visit,
)
from shortener import codes
from shortener.models import DaySalt
from shortener.visitors import Salts, day_salt, forget_salts, locate
from tests.factories import make_link, make_site
from tests.facts import PERSON, WHATSAPP, conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
TODAY = NOW.date()
PARENT, SHARE, CHILD = (share_of("whatsapp", serial) for serial in (1_000, 2_000, 3_000))
ADDRESS, OTHER = "203.0.113.77", "203.0.113.78"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def link():
    return make_link(site=make_site(time_zone="Asia/Kolkata"))


@pytest.fixture
def chain(link):
    """Three shares, each passed on from the one before, all of them used."""
    now = int(NOW.timestamp() * 1000)
    store(
        press(link, share=PARENT, time=now - 3_000),
        press(link, share=SHARE, parent=PARENT, placement="top", time=now - 2_000),
        press(link, share=CHILD, parent=SHARE, placement="end", time=now - 1_000),
    )
    for share in (PARENT, SHARE, CHILD):
        store(
            hit(link, share=share, agent=WHATSAPP),
            hit(link, share=share, visitor=1),
            hit(link, share=share, visitor=2),
            visit(link, share=share),
            visit(link, share=share, navigation="reload"),
            visit(link, share=share, agent="curl/8.0"),
            conversion(link, share=share, visit=f"visit-{share}"),
        )
    settle.settle()


def forget(*arguments):
    stdout = io.StringIO()
    call_command("forget", *arguments, stdout=stdout)
    return stdout.getvalue()


def refusal(*arguments):
    with pytest.raises(CommandError) as raised:
        forget(*arguments)
    return str(raised.value)


def rows_of(share):
    return [rows.objects.filter(share=share).count() for rows in (Hit, Visit, Conversion)]


def sums(*tables):
    return [list(table.objects.order_by("pk").values()) for table in tables]


def everything_adds_up():
    stdout = io.StringIO()
    call_command("reconcile", stdout=stdout)
    return stdout.getvalue().endswith("Everything adds up.\n")


def code(link, share=SHARE):
    return codes.encode(link.pk, share)


@pytest.mark.usefixtures("chain")
def test_the_rows_of_a_share_are_erased(link):
    forget("--share", code(link))
    assert rows_of(SHARE) == [0, 0, 0]
    assert rows_of(PARENT) == rows_of(CHILD) == [3, 3, 1]


@pytest.mark.usefixtures("chain")
def test_it_is_said_what_was_erased(link):
    assert forget("--share", code(link)) == (
        f"Erased of share {code(link)}: 3 hits, 3 visits, 1 conversion, its placement, its "
        "parent, and that of 1 share passed on from it. "
        "Sums stay, since they single out nobody.\n"
    )
    assert f"{code(link)}: 0 hits, 0 visits, 0 conversions" in forget("--share", code(link))


@pytest.mark.usefixtures("chain")
def test_a_dry_run_says_so_and_erases_nothing(link):
    before = sums(Hit, Visit, Conversion, Share, Outcome)
    output = forget("--share", code(link), "--dry-run")
    assert output.startswith(f"To be erased of share {code(link)}: 3 hits, 3 visits, 1 conv")
    assert sums(Hit, Visit, Conversion, Share, Outcome) == before


@pytest.mark.usefixtures("chain")
def test_a_share_loses_its_placement_and_its_place_in_the_chain(link):
    assert Cascade.objects.get().size == 3
    forget("--share", code(link))
    rows = Share.objects.order_by("pk").values_list("parent", "placement")
    assert list(rows) == [(None, ""), (None, ""), (None, "end")]
    outcomes = Outcome.objects.order_by("pk").values_list("parent", "generation", "placement")
    assert list(outcomes) == [(None, 0, ""), (None, 0, ""), (None, 0, "end")]
    assert not Cascade.objects.exists()


@pytest.mark.usefixtures("chain")
def test_what_happened_stays_counted(link):
    before = sums(DailyContent, DailyAudience, Batch)
    forget("--share", code(link))
    assert sums(DailyContent, DailyAudience, Batch) == before
    outcomes = DailyOutcome.objects.filter(shares__gt=0)
    assert sum(row.shares for row in outcomes) == 3
    assert sum(row.clicks for row in outcomes) == 6
    assert {row.placement for row in outcomes} == {"", "end"}


@pytest.mark.usefixtures("chain")
def test_the_books_balance(link):
    assert everything_adds_up()
    forget("--share", code(link))
    assert everything_adds_up()
    entries = Erased.objects.order_by("counted_as").values_list(
        "committed", "day", "channel", "counted_as", "number"
    )
    key = (TODAY, TODAY, SHARE % 64)
    assert list(entries) == [
        (*key, "clicks", 2),
        (*key, "conversions", 1),
        (*key, "previews", 1),
        (*key, "visits", 1),
    ]


@pytest.mark.usefixtures("chain")
def test_a_hit_that_vanished_otherwise_is_still_found(link):
    forget("--share", code(link))
    Hit.objects.filter(share=PARENT, visitor=2).delete()
    assert not_adding_up()


def not_adding_up():
    with pytest.raises(CommandError, match="does not add up"):
        call_command("reconcile", stdout=io.StringIO())
    return True


def test_rows_are_erased_some_at_a_time(link, monkeypatch):
    monkeypatch.setattr(forgetting, "PART", 2)
    store(*(hit(link, share=SHARE) for _ in range(5)))
    assert "5 hits" in forget("--share", code(link))
    assert Erased.objects.get().number == 5


def test_what_is_not_settled_is_settled_before(link):
    store(press(link, share=SHARE), hit(link, share=SHARE))
    forget("--share", code(link))
    assert rows_of(SHARE) == [0, 0, 0]
    assert sum(row.clicks for row in DailyAudience.objects.filter(value="DE")) == 1


@pytest.mark.usefixtures("chain")
def test_the_link_goes_on_working_and_is_counted(link):
    forget("--share", code(link))
    store(hit(link, share=SHARE))
    settle.settle()
    assert rows_of(SHARE) == [1, 0, 0]
    assert Share.objects.get(pk=SHARE).clicks == 3
    assert everything_adds_up()


@pytest.mark.usefixtures("chain")
def test_the_code_of_another_link_with_the_same_number_is_not_that_share(link):
    other = make_link(site=link.site)
    store(hit(other, share=SHARE))
    before = sums(Visit, Conversion, Share)
    assert forget("--share", code(other)).startswith(f"Erased of share {code(other)}: 1 hit, 0 v")
    assert sums(Visit, Conversion, Share) == before
    assert rows_of(SHARE) == [3, 3, 1]


def test_of_a_share_that_nobody_told_of_there_is_nothing(link):
    assert f"{code(link)}: 0 hits, 0 visits, 0 conversions" in forget("--share", code(link))


def person(link, day=TODAY, address=ADDRESS, agent=PERSON):
    """Return a visitor's hash as the edge works it out."""
    day_salt(day)
    salts = Salts()
    salts.refresh(datetime(day.year, day.month, day.day, tzinfo=UTC))
    seconds = datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp()
    return salts.visitor(seconds, link.pk, locate(address)[0], agent)


def of_day(*arguments, day=TODAY, address=ADDRESS, agent=PERSON):
    return forget("--visitor-day", str(day), "--address", address, "--agent", agent, *arguments)


@pytest.fixture
def visited(link):
    """Two visitors on two links today, and one of them yesterday."""
    other = make_link(site=link.site)
    for at in (link, other):
        store(
            hit(at, visitor=person(at)),
            hit(at, visitor=person(at, address=OTHER)),
            press(at, share=share_of("sms", at.pk), visitor=person(at)),
        )
    yesterday = TODAY - timedelta(days=1)
    at = int((NOW - timedelta(days=1)).timestamp() * 1000)
    store(hit(link, visitor=person(link, yesterday), time=at))
    settle.settle()
    return other


def hashes():
    return sorted(Hit.objects.values_list("visitor", flat=True))


def test_the_hits_of_a_visitor_on_a_day_are_erased_on_all_links(link, visited):
    assert of_day().startswith("Erased of this visitor on 2026-03-05 (UTC): 2 hits. Sums")
    yesterday = person(link, TODAY - timedelta(days=1))
    others = [person(at, address=OTHER) for at in (link, visited)]
    assert hashes() == sorted([*others, yesterday])
    assert everything_adds_up()


def test_what_counting_remembers_of_a_visitor_is_erased_too(link, visited):
    own = [person(link), person(visited)]
    assert DailyVisitor.objects.filter(visitor__in=own).count() == 2
    assert Pace.objects.filter(number__in=own).count() == 2
    of_day()
    assert not DailyVisitor.objects.filter(visitor__in=own).exists()
    assert not Pace.objects.filter(number__in=own).exists()
    assert DailyVisitor.objects.count() == 3
    assert Pace.objects.exists()


@pytest.mark.usefixtures("visited")
def test_one_link_can_be_named(link):
    assert "(UTC): 1 hit. " in of_day("--link", codes.encode(link.pk))
    assert person(link) not in hashes()
    assert len(hashes()) == 4


@pytest.mark.usefixtures("visited")
def test_a_dry_run_finds_the_visitor_and_erases_nothing():
    assert of_day("--dry-run").startswith("To be erased of this visitor on 2026-03-05 (UTC): 2 h")
    assert len(hashes()) == 5
    assert DailyVisitor.objects.count() == 5


@pytest.mark.usefixtures("visited")
def test_another_browser_or_address_is_another_visitor():
    assert "0 hits" in of_day(agent="Mozilla/5.0")
    assert "0 hits" in of_day(address="198.51.100.1")


def test_addresses_of_one_ipv6_network_are_one_visitor(link):
    store(hit(link, visitor=person(link, address="2001:db8::1")))
    assert "1 hit" in of_day(address="2001:db8::2")


def test_a_user_agent_is_cut_and_read_as_the_edge_does(link):
    store(hit(link, visitor=person(link, agent=("é" * 600).encode().decode("latin-1")[:512])))
    assert "1 hit" in of_day(agent="é" * 600)


def test_after_48_hours_nobody_can_tell_which_rows_they_are(link, visited):
    yesterday = TODAY - timedelta(days=1)
    assert "1 hit" in of_day("--dry-run", day=yesterday)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        forget_salts()
        assert of_day(day=yesterday) == (
            "The salt of 2026-03-04 has been deleted. Nobody can tell any more which rows are "
            "this visitor's, so there is nothing that could be erased.\n"
        )
    assert len(hashes()) == 5


def test_asking_makes_no_salt():
    assert of_day() == ("On 2026-03-05 no visitor was recognised: there is no salt of that day.\n")
    assert not DaySalt.objects.exists()


@pytest.mark.usefixtures("chain")
def test_facts_that_wait_in_the_journal_are_named(link, tmp_path):
    directory = settings.JOURNAL_DIR / "ab"
    directory.mkdir(parents=True)
    (directory / "00000001.sealed").write_bytes(b'{"time": 1}\n')
    assert forget("--share", code(link)).endswith(
        "1 segment in this machine's journal still to be counted: run this again later.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Error: one of the arguments --share --visitor-day is required"),
        (["--share", "nonsense"], "'nonsense' is not a code of this installation."),
        (["--visitor-day", "2026-03-05"], "--visitor-day needs --address and --agent."),
        (
            ["--visitor-day", "2026-03-05", "--address", "here", "--agent", ""],
            "'here' is not an address.",
        ),
        (
            ["--visitor-day", "2026-03-06", "--address", ADDRESS, "--agent", ""],
            "2026-03-06 has not begun yet.",
        ),
        (
            ["--visitor-day", "today", "--address", ADDRESS, "--agent", ""],
            "Error: argument --visitor-day: 'today' is not a date. Write it like 2026-11-01.",
        ),
    ],
)
def test_errors_are_sentences(arguments, sentence):
    assert refusal(*arguments) == sentence


def test_the_code_of_a_link_is_no_share(link):
    own = codes.encode(link.pk)
    assert refusal("--share", own) == f"{own} is the code of a link, not of one of its shares."
    assert (
        refusal("--share", code(link), "--link", own)
        == "Use --share by itself: the code says it all."
    )
