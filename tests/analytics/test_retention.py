"""Rows about single requests go after their time; what was added up stays."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command

from analytics import agents, ingest, retention, settle, tasks
from analytics.models import (
    Agent,
    Batch,
    Conversion,
    DailyContent,
    DailySiteOutcome,
    Erased,
    Hit,
    Outcome,
    Quarantine,
    Share,
    Visit,
)
from config.celery import app
from tests.factories import make_link, make_site
from tests.facts import PERSON, conversion, hit, lines, press, share_of, store, visit

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=401)
ROWS = (Hit, Visit, Conversion, Quarantine)
SHARE = share_of("whatsapp")


@pytest.fixture
def link():
    return make_link(site=make_site(time_zone="Asia/Kolkata"))


def facts(link):
    return (
        press(link, share=SHARE),
        hit(link, share=SHARE),
        visit(link, share=SHARE),
        conversion(link, share=SHARE),
        "no fact at all",
    )


@pytest.fixture
def old(link):
    """Facts of a day that is past its time, settled."""
    with time_machine.travel(LONG_AGO, tick=False):
        store(*facts(link))
        settle.settle()


def left():
    return [rows.objects.count() for rows in ROWS]


def expire(now=NOW):
    while retention.expire(now):
        pass


@pytest.mark.usefixtures("old")
def test_rows_go_after_their_time():
    expire()
    assert left() == [0, 0, 0, 0]


@pytest.mark.usefixtures("old")
def test_rows_stay_until_then():
    expire(NOW - timedelta(days=1))
    assert left() == [1, 1, 1, 1]


@pytest.mark.usefixtures("old")
def test_the_setting_says_when(settings):
    settings.HITS_RETENTION_DAYS = 500
    expire()
    assert left() == [1, 1, 1, 1]


@pytest.mark.usefixtures("old")
def test_sums_ledger_and_shares_stay():
    tables = (DailyContent, DailySiteOutcome, Batch, Share, Outcome)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    assert all(before)
    expire()
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before


def test_a_part_is_deleted_at_a_time(link, monkeypatch):
    monkeypatch.setattr(retention, "PART", 2)
    with time_machine.travel(LONG_AGO, tick=False):
        store(*(hit(link) for _ in range(5)))
        settle.settle()
    assert [retention.expire(NOW) for _ in range(4)] == [2, 2, 1, 0]


def test_the_oldest_go_first(link, monkeypatch):
    monkeypatch.setattr(retention, "PART", 1)
    with time_machine.travel(LONG_AGO, tick=False):
        for country, age in (("DE", 2), ("FR", 3), ("IT", 1)):
            at = int((LONG_AGO - timedelta(days=age)).timestamp() * 1000)
            store(hit(link, country=country, time=at))
        settle.settle()
    retention.expire(NOW)
    assert sorted(Hit.objects.values_list("country", flat=True)) == ["DE", "IT"]


def test_the_time_of_a_late_fact_begins_when_it_is_stored(link):
    at = int((NOW - timedelta(days=402)).timestamp() * 1000)
    with time_machine.travel(NOW - timedelta(days=400), tick=False):
        store(hit(link, time=at), visit(link, share=SHARE, time=at))
        settle.settle()
    expire()
    assert (Hit.objects.count(), Visit.objects.count()) == (1, 1)
    expire(NOW + timedelta(days=1))
    assert (Hit.objects.count(), Visit.objects.count()) == (0, 0)


def test_what_is_not_settled_stays(link):
    with time_machine.travel(LONG_AGO, tick=False):
        store(*facts(link))
    expire()
    assert (Hit.objects.count(), Visit.objects.count()) == (1, 1)
    settle.settle()
    expire()
    assert (Hit.objects.count(), Visit.objects.count()) == (0, 0)


def test_what_was_erased_on_request_needs_no_entry_once_its_rows_would_be_gone(link):
    for day in (LONG_AGO.date(), NOW.date()):
        key = {"committed": day, "day": day, "link": link, "channel": 0}
        Erased.objects.create(**key, counted_as="clicks", number=1)
    expire()
    assert [row.day for row in Erased.objects.all()] == [NOW.date()]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_the_books_balance_while_rows_go(zone):
    link = make_link(site=make_site(time_zone=zone))
    for hours in range(0, 96, 3):
        with time_machine.travel(LONG_AGO - timedelta(days=1) + timedelta(hours=hours)):
            ingest.store(f"ab-{hours // 3 + 1}", lines(hit(link)))
            settle.settle()
    expire()
    assert 0 < Hit.objects.count() < 32
    with time_machine.travel(NOW, tick=False):
        output = io.StringIO()
        call_command("reconcile", "--from", "2025-01-20", stdout=output)
    assert "Everything adds up." in output.getvalue()


@pytest.fixture
def _no_broker():
    """Run tasks at once, where they are called."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.mark.usefixtures("old", "_no_broker")
def test_the_task_goes_on_until_all_is_deleted(monkeypatch, link):
    monkeypatch.setattr(retention, "PART", 1)
    with time_machine.travel(LONG_AGO, tick=False):
        store(hit(link), hit(link))
        settle.settle()
    with time_machine.travel(NOW, tick=False):
        tasks.expire()
    assert left() == [0, 0, 0, 0]


@pytest.mark.usefixtures("old")
def test_a_user_agent_goes_with_the_last_row_that_names_it():
    retention.expire_agents(NOW)
    assert [agent.user_agent for agent in Agent.objects.all()] == [PERSON]
    expire()
    with time_machine.travel(NOW, tick=False):
        tasks.expire_agents()
    assert not Agent.objects.exists()


def test_a_user_agent_that_only_a_visit_names_stays(link):
    with time_machine.travel(LONG_AGO, tick=False):
        store(visit(link, share=SHARE))
    retention.expire_agents(NOW)
    assert Agent.objects.count() == 1


def test_a_user_agent_that_a_worker_may_remember_stays(link):
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        store(press(link))
    assert not Hit.objects.exists()
    assert retention.expire_agents(NOW) == 0
    assert retention.expire_agents(NOW + timedelta(days=1)) == 1


def test_workers_learn_user_agents_anew_each_day(link):
    with time_machine.travel(NOW, tick=False):
        store(press(link))
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        store(press(link))
        assert Agent.objects.get().learnt == (NOW + timedelta(days=1)).date()


def test_a_user_agent_that_comes_back_is_stored_again(link):
    with time_machine.travel(LONG_AGO, tick=False):
        store(press(link))
    retention.expire_agents(NOW)
    with time_machine.travel(NOW, tick=False):
        store(hit(link))
    assert Hit.objects.get().agent.user_agent == PERSON
    agents.forget()
