"""History read again by better rules: as if they had been there from the start."""

import io
from itertools import product
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import agents, models, signatures
from analytics.classify import Kind
from analytics.families import families
from analytics.models import Audience, DailyAudience, DailyContent, Hit, Outcome, Share
from analytics.rebuild import rebuild
from analytics.reclassify import days, reclassify
from analytics.settle import settle
from shortener.channels import BY_NAME
from tests.analytics.counts import DAY, NOON, by_day, counted, ledger, moment
from tests.factories import make_link, make_site
from tests.facts import PERSON, WHATSAPP, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

TODAY = moment(NOON).date()
TELEGRAM = "TelegramBot (like TwitterBot)"
HOUR = 3_600_000
KINDS_OF_AGENTS = [
    "",
    PERSON,
    WHATSAPP,
    "Googlebot/2.1",
    f"{PERSON} GSA/300.0",
    f"{PERSON} Line/15.0.0",
    "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile",
]
SIGNALS = [
    "GET https",
    "HEAD https",
    "GET http",
    "GET https\nsec-purpose: prefetch",
    "GET https\nx-requested-with: com.tencent.mm",
    "GET https\nx-requested-with: com.example.rare",
]
SHARE, COPY, ADDRESSBAR = share_of("whatsapp"), share_of("copy"), share_of("addressbar")


@pytest.fixture
def link():
    return make_link(site=make_site(time_zone="Asia/Kolkata"))


@pytest.fixture
def rules(monkeypatch):
    """Rules that an older version may have had: a verdict for each of some agents."""
    present = agents.verdict
    older: dict[str, tuple[Kind, int, str]] = {}

    def verdict(user_agent, signals):
        return older.get(user_agent) or present(user_agent, signals)

    monkeypatch.setattr(agents, "verdict", verdict)
    # What an agent's browser is called is told when it is first seen, and stays.
    monkeypatch.setattr(agents, "families", lambda user_agent, rule: families(user_agent))

    def learn(**verdicts):
        agents.forget()
        older.clear()
        older.update(verdicts)

    return learn


def verdict_of(kind, channel="", rule="old:rule"):
    return kind, BY_NAME[channel].number if channel else 0, rule


PERSON_THEN = verdict_of(Kind.CLICK, rule="person")
BOT_THEN = verdict_of(Kind.BOT, rule="bot:isbot")
WHATSAPP_THEN = verdict_of(Kind.PREVIEW, "whatsapp", "preview:whatsapp")


def command(*arguments):
    stdout = io.StringIO()
    call_command("reclassify", *arguments, stdout=stdout)
    return stdout.getvalue()


def countries(link):
    rows = DailyAudience.objects.filter(link=link, dimension=Audience.Dimension.COUNTRY)
    return {row.value: row.clicks for row in rows if row.clicks}


def settle_all():
    while settle():
        pass


def read_again():
    """Classify all of history again; return how many hits changed."""
    return sum(change.hits for day in days() for change in reclassify(day))


def test_a_preview_taken_for_a_person_is_no_click(link, rules):
    rules(**{WHATSAPP: PERSON_THEN})
    store(hit(link, share=COPY, agent=WHATSAPP, time=NOON), press(link, share=COPY, time=NOON))
    settle_all()
    assert counted(link, "clicks") == {"copy": 1}
    rules()

    assert read_again() == 1

    assert counted(link, "clicks") == {}
    assert counted(link, "previews") == {"copy": 1}
    assert ledger() == {"previews": 1, "presses": 1}
    stored = Hit.objects.get()
    assert (stored.kind, stored.rule) == (Kind.PREVIEW, "preview:whatsapp")
    assert (stored.visitor, stored.country) == (None, "")
    share = Share.objects.get()
    assert (share.clicks, share.first_click, share.last_click) == (0, None, None)
    assert (share.previews, share.first_preview) == (1, moment(NOON))
    assert (share.observed, share.evidence) == (BY_NAME["whatsapp"].number, "preview:whatsapp")
    outcome = Outcome.objects.get()
    assert (outcome.clicks, outcome.opened, outcome.pasted) == (0, None, 0)


def test_a_person_taken_for_a_bot_is_a_click(link, rules):
    rules(**{PERSON: BOT_THEN})
    store(hit(link, share=COPY, time=NOON + 5_000), hit(link, share=COPY, time=NOON))
    settle_all()
    assert not Outcome.objects.exists()
    rules()

    assert read_again() == 2

    assert counted(link, "bots") == {}
    assert counted(link, "clicks") == {"copy": 2}
    share = Share.objects.get()
    assert (share.first_click, share.last_click) == (moment(NOON), moment(NOON + 5_000))
    assert Outcome.objects.get().clicks == 2


def test_a_share_that_only_machines_opened_is_none(link, rules):
    rules(**{"curl/8.0": PERSON_THEN})
    store(hit(link, share=COPY, agent="curl/8.0", time=NOON))
    settle_all()
    assert Outcome.objects.exists()
    rules()

    read_again()

    assert not Outcome.objects.exists()
    assert Share.objects.get().clicks == 0


def test_a_referrer_that_tells_more_than_before_is_evidence(link, monkeypatch):
    store(hit(link, share=COPY, referrer="chat.example", time=NOON))
    settle_all()
    monkeypatch.setitem(signatures.REFERRERS, "chat.example", "telegram")
    from analytics.classify import referrer_verdict

    referrer_verdict.cache_clear()
    try:
        assert read_again() == 1
    finally:
        monkeypatch.undo()
        referrer_verdict.cache_clear()

    assert Hit.objects.get().rule == "referrer:telegram"
    assert Share.objects.get().evidence == "referrer:telegram"
    assert counted(link, "clicks") == {"copy": 1}


def test_a_rule_with_another_name_moves_no_numbers(link, rules):
    rules(**{WHATSAPP: verdict_of(Kind.PREVIEW, "whatsapp", "preview:wa")})
    store(hit(link, share=SHARE, agent=WHATSAPP, time=NOON))
    settle_all()
    before = list(DailyContent.objects.values())
    rules()

    assert read_again() == 1

    assert list(DailyContent.objects.values()) == before
    assert Share.objects.get().evidence == "preview:whatsapp"


def test_what_the_present_rules_have_read_stays(link):
    looks = product(KINDS_OF_AGENTS, SIGNALS, ["", "t.me", "news.example"])
    store(*(hit(link, agent=a, signals=s, referrer=r, time=NOON) for a, s, r in looks))
    assert {row.kind for row in Hit.objects.all()} == set(Kind)
    assert read_again() == 0


def test_days_are_those_of_the_site(link, rules):
    rules(**{PERSON: BOT_THEN})
    store(hit(link, time=NOON), hit(link, time=NOON + 7 * HOUR))
    rules()

    assert [change.hits for change in reclassify(TODAY)] == [1]
    assert by_day(link, "clicks") == {"2026-03-05": 1}

    read_again()
    assert by_day(link, "clicks") == {"2026-03-05": 1, "2026-03-06": 1}


def test_daily_visitors_stay_as_they_were_counted(link, rules):
    rules(**{WHATSAPP: PERSON_THEN})
    store(hit(link, agent=WHATSAPP, time=NOON), hit(link, visitor=2, time=NOON))
    rules()
    read_again()
    assert counted(link, "clicks") == {"link": 1}
    assert counted(link, "visitors") == {"link": 2}


def test_who_clicked_is_counted_once(link, rules):
    rules(**{PERSON: BOT_THEN})
    store(hit(link, country="FR", time=NOON))
    settle_all()
    store(hit(link, country="FR", time=NOON))
    rules()
    read_again()
    settle_all()
    assert countries(link) == {"FR": 2}


def test_where_hits_are_gone_only_the_counts_of_a_share_move(link, rules):
    rules(**{"curl/8.0": PERSON_THEN})
    store(hit(link, share=COPY, agent=f"{PERSON} Line/15.0.0", time=NOON))
    store(hit(link, share=COPY, agent="curl/8.0", time=NOON + 1_000))
    settle_all()
    Hit.objects.filter(at=moment(NOON)).delete()
    rules()

    read_again()

    share = Share.objects.get()
    assert (share.clicks, share.first_click) == (1, moment(NOON))
    assert share.evidence == "in-app:line"


def test_a_hit_on_another_link_says_nothing_of_a_share(link, rules):
    other = make_link(site=link.site)
    rules(**{WHATSAPP: PERSON_THEN})
    store(press(link, share=COPY, time=NOON))
    store(hit(other, share=COPY, agent=WHATSAPP, time=NOON))
    settle_all()
    rules()

    read_again()

    assert counted(other, "previews") == {"copy": 1}
    share = Share.objects.get()
    assert (share.clicks, share.previews, share.seen) == (0, 0, 0)


def test_what_changes_is_shown(link, rules):
    rules(**{WHATSAPP: PERSON_THEN, "curl/8.0": verdict_of(Kind.SCANNER, "", "scanner:odd")})
    store(
        *(hit(link, agent=WHATSAPP, share=SHARE, time=NOON + n) for n in range(3)),
        hit(link, agent="curl/8.0", time=NOON),
        hit(link, time=NOON),
    )
    rules()
    before = everything()
    report = [
        "           3  click (person) -> preview whatsapp (preview:whatsapp)",
        f"              {WHATSAPP}",
        "           1  scanner (scanner:odd) -> bot (bot:isbot)",
        "              curl/8.0",
    ]
    version = f"By rules {signatures.VERSION}"

    assert command("--dry-run").splitlines() == [
        *report,
        f"{version}, 4 hits would change.",
        "Daily visitors stay as they were counted.",
    ]
    assert everything() == before
    assert command("--since", "2026-03-06") == f"{version}, 0 hits changed.\n"
    assert command().splitlines()[:5] == [*report, f"{version}, 4 hits changed."]
    assert command() == f"{version}, 0 hits changed.\n"
    assert everything() != before


def test_without_hits_nothing_changes():
    assert command() == f"By rules {signatures.VERSION}, 0 hits changed.\n"


def test_a_terminal_shows_how_far_it_is(link):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    store(hit(link, time=NOON))
    stderr = Terminal()
    call_command("reclassify", stdout=io.StringIO(), stderr=stderr)
    assert "[                              ] 2026-03-04" in stderr.getvalue()
    assert "[####################          ] 2026-03-06" in stderr.getvalue()
    assert stderr.getvalue().endswith("\r")


REPORTER = PERSON.replace("17_5", "17_4")
"""Whose presses and visits are told: reclassifying is about hits."""
IN_LINE = f"{PERSON} Line/15.0.0"
THEN = st.sampled_from(
    [
        PERSON_THEN,
        BOT_THEN,
        WHATSAPP_THEN,
        verdict_of(Kind.CLICK, "line", "in-app:line"),
        verdict_of(Kind.PREVIEW, rule="preview:open-graph"),
        verdict_of(Kind.SCANNER, rule="scanner:head"),
        verdict_of(Kind.PREFETCH, rule="prefetch:purpose"),
    ]
)
AGENTS = st.sampled_from([PERSON, WHATSAPP, TELEGRAM, "curl/8.0", IN_LINE])
shares = st.sampled_from([0, SHARE, COPY, ADDRESSBAR, share_of("copy", 5_001)])
times = st.integers(NOON - DAY, NOON + DAY)
hits = st.fixed_dictionaries(
    {
        "share": shares,
        "agent": AGENTS,
        "referrer": st.sampled_from(["", "t.me", "news.example"]),
        "language": st.sampled_from(["", "de"]),
        # A preview has neither, and they are not known again once it is a click.
        "visitor": st.none(),
        "country": st.just(""),
    }
)
presses = st.fixed_dictionaries({"share": shares.filter(bool), "parent": shares})
visits = st.fixed_dictionaries({"share": shares, "parent": shares})
facts = st.one_of(
    st.tuples(st.just(hit), hits),
    st.tuples(st.just(hit), hits),
    st.tuples(st.just(press), presses),
    st.tuples(st.just(visit), visits),
)
histories = st.lists(st.tuples(times, facts), max_size=15, unique_by=lambda row: row[0])

HIT = ("at", "day", "hour", "link", "share", "channel", "kind", "observed", "rule", "country")
KEYS = {"id", "day", "link_id", "site_id", "channel", "observed", "placement", "generation"}
KEYS |= {"dimension", "value", "measure", "bucket", "seen_in", "batch_id", "share_id"}


def counted_rows(name):
    rows = getattr(models, name).objects.values()
    return sorted(
        str(sorted(row.items())) for row in rows if any(row[key] for key in row.keys() - KEYS)
    )


def everything() -> dict[str, Any]:
    """Return all that was made of the facts."""
    names = ["DailyContent", "DailySite", "DailyOutcome", "DailySiteOutcome", "DailyForward"]
    names += ["DailyDelay", "DailySiteDelay", "DailyAudience", "DailySiteAudience"]
    names += ["DailyLedger", "Share", "Outcome", "Cascade"]
    return {name: counted_rows(name) for name in names} | {
        "ledger": ledger(),
        "hits": sorted(Hit.objects.values_list(*HIT), key=str),
    }


def told(link, history):
    return [
        make(link, time=time, **values, **({} if make is hit else {"agent": REPORTER}))
        for time, (make, values) in history
    ]


def store_all(facts):
    for fact in facts:
        store(fact)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    history=histories,
    older=st.dictionaries(AGENTS, THEN, min_size=1),
    cuts=st.tuples(st.integers(0, 15), st.integers(0, 15)).map(sorted),
)
def test_history_is_as_if_the_rules_had_been_there(link, rules, history, older, cuts):
    facts = told(link, history)
    with transaction.atomic():
        rules()
        store_all(facts)
        settle_all()
        expected = everything()
        transaction.set_rollback(True)
    with transaction.atomic():
        rules(**older)
        store_all(facts[: cuts[0]])
        settle_all()
        store_all(facts[cuts[0] : cuts[1]])
        rules()
        read_again()
        store_all(facts[cuts[1] :])
        settle_all()

        assert everything() == expected
        days = {row.day for row in Hit.objects.all()}
        assert [d for day in days for d in rebuild(day, None, dry_run=True)] == []
        transaction.set_rollback(True)
