from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import OperationalError

from analytics import ingest, tasks
from analytics.models import DailyVisitor, Pace
from config.celery import app
from shortener.models import DaySalt
from shortener.visitors import day_salt
from tests.factories import make_link
from tests.facts import hit, lines, press, store

pytestmark = pytest.mark.django_db


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks


def test_ingest_may_be_delivered_twice():
    body = lines(hit(make_link()))
    tasks.ingest_segment("writer-1", body)
    tasks.ingest_segment("writer-1", body)


def test_a_segment_that_cannot_be_stored_is_one_line_in_the_log(monkeypatch, caplog):
    def away(*args):
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(ingest, "store", away)
    tasks.ingest_segment("writer-1", "")
    assert "Segment writer-1 could not be stored and will come again: conn" in caplog.text
    assert "Traceback" not in caplog.text


def test_the_hourly_task_forgets_old_salts_visitors_and_slots():
    now = datetime.now(UTC)
    long_ago = int((now - timedelta(days=20)).timestamp() * 1000)
    link = make_link()
    store(hit(link, time=long_ago), press(link, time=long_ago))
    day_salt(now.date() - timedelta(days=2))
    today = day_salt(now.date())
    tasks.forget()
    assert not DailyVisitor.objects.exists()
    assert not Pace.objects.exists()
    assert [bytes(row.salt) for row in DaySalt.objects.all()] == [today]
