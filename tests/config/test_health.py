"""What probes and Prometheus are told."""

import time
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from prometheus_client.parser import text_string_to_metric_families

from analytics import queue
from config import health
from shortener.backlog import Backlog
from tests.factories import make_link
from tests.facts import hit, press, store

SECRET = "password=hunter2 host=10.0.0.1"


@pytest.fixture(autouse=True)
def _broker(monkeypatch):
    monkeypatch.setattr(queue, "queued", lambda: 3)


@pytest.fixture
def _no_database(monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError(SECRET)

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)


def journal(monkeypatch, lag=0.0, writable=True):
    waiting = Backlog(lag=lag, segments=2, unshipped=1.5, lost=4, writable=writable)
    monkeypatch.setattr(health, "backlog", lambda root: waiting)


def fail(*args):
    raise OSError(SECRET)


def read(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_process_that_answers_lives(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_all_is_well(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "database": {"ok": True},
        "broker": {"ok": True},
        "journal": {
            "ok": True,
            "lag_seconds": 0.0,
            "unshipped_seconds": 0.0,
            "segments": 0,
            "lost": 0,
            "writable": True,
        },
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("state", "status"),
    [({"lag": 60.0}, 200), ({"lag": 61.0}, 503), ({"writable": False}, 503)],
)
def test_the_journal_must_be_written_and_emptied(client, monkeypatch, state, status):
    journal(monkeypatch, **state)
    response = client.get("/readyz")
    assert response.status_code == status
    assert response.json()["journal"]["ok"] is (status == 200)
    assert response.json()["journal"]["lost"] == 4


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_is_named_without_its_address(client, monkeypatch):
    monkeypatch.setattr(queue, "queued", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["broker"] == {
        "ok": False,
        "error": "It cannot be reached (OSError).",
    }
    assert response.json()["database"] == {"ok": True}
    assert SECRET not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_database")
def test_a_database_that_is_away_is_named_without_its_address(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == {
        "ok": False,
        "error": "It cannot be reached (OperationalError).",
    }


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_broker_that_hangs(client, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    monkeypatch.setattr(queue, "queued", lambda: time.sleep(1))
    response = client.get("/readyz")
    assert response.json()["broker"] == {"ok": False, "error": "No answer within 0.1 seconds."}


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_cannot_be_read_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "backlog", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["journal"] == {
        "ok": False,
        "error": "It cannot be reached (OSError).",
    }


@pytest.mark.django_db(transaction=True)
def test_metrics_tell_the_state(client, monkeypatch):
    journal(monkeypatch, lag=2.5)
    link = make_link()
    before = time.time()
    store(hit(link), hit(link, visitor=2), press(link), "nonsense")
    found = read(client)
    assert found["grapevine_journal_lag_seconds",] == 2.5
    assert found["grapevine_journal_unshipped_seconds",] == 1.5
    assert found["grapevine_journal_segments",] == 2
    assert found["grapevine_facts_lost_total",] == 4
    assert found["grapevine_queue_messages",] == 3
    assert found["grapevine_facts_last_day", "clicks"] == 2
    assert found["grapevine_facts_last_day", "presses"] == 1
    assert found["grapevine_facts_last_day", "quarantined"] == 1
    assert found["grapevine_last_commit_timestamp_seconds",] == pytest.approx(before, abs=10)


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_database")
def test_metrics_go_on_without_the_database(client):
    found = read(client)
    assert ("grapevine_journal_lag_seconds",) in found
    assert ("grapevine_queue_messages",) in found
    assert ("grapevine_facts_last_day", "clicks") not in found


@pytest.mark.django_db(transaction=True)
def test_metrics_go_on_without_broker_and_journal(client, monkeypatch):
    monkeypatch.setattr(queue, "queued", fail)
    monkeypatch.setattr(health, "backlog", fail)
    assert {name for name, *_ in read(client)} == {
        "grapevine_facts_last_day",
        "grapevine_last_commit_timestamp_seconds",
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_only_reading_is_allowed(client, path):
    assert client.post(path).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_each_metric_is_documented(client):
    documented = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    for name, *_ in read(client):
        assert f"| `{name}" in documented
