"""The queue against a real Valkey and a real worker."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
import redis
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.db import connections
from kombu.exceptions import OperationalError

from analytics import queue
from analytics.models import DailyContent
from config.celery import app as our_app
from shortener import valkey
from tests.end_to_end.processes import wait_until
from tests.factories import make_link
from tests.facts import hit, lines

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def socket(tmp_path):
    return tmp_path / "valkey.sock"


@pytest.fixture
def server(socket, tmp_path):
    """A Valkey of this test alone."""
    process = subprocess.Popen(valkey.command(socket, tmp_path))
    try:
        wait_until(lambda: valkey.answers(socket), what="Valkey")
        yield process
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def app(socket):
    """The product's Celery app, on the test's broker."""
    app = Celery("test", set_as_current=True, broker=f"redis+socket://{socket}")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    yield app
    app.close()
    our_app.set_current()


@pytest.fixture
def worker(app, server):
    """A worker in a thread of this process; its value is set when a task has ended."""
    ended = threading.Event()

    def note(**kwargs):
        # The thread is the worker's own, and so are its connections.
        connections.close_all()
        ended.set()

    task_postrun.connect(note)
    with start_worker(app, perform_ping_check=False):
        yield ended
    task_postrun.disconnect(note)


def segment(*facts):
    return lines(*facts).encode()


def test_a_segment_is_ingested_and_committed(worker):
    link = make_link()
    assert queue.committed(["feed-1", "feed-2"]) == set()
    queue.send("feed-1", segment(hit(link), hit(link)))
    assert worker.wait(20)
    assert queue.committed(["feed-1", "feed-2"]) == {"feed-1"}
    assert DailyContent.objects.get(link=link).clicks == 2


def test_a_segment_sent_twice_counts_once(worker):
    link = make_link()
    for _ in range(2):
        queue.send("feed-1", segment(hit(link)))
        assert worker.wait(20)
        worker.clear()
    assert DailyContent.objects.get(link=link).clicks == 1


def test_nothing_is_asked_about_no_segment(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert queue.committed([]) == set()


def test_segments_of_one_number_are_told_apart_by_their_writers(worker):
    queue.send("feed-1", segment(hit(make_link())))
    assert worker.wait(20)
    assert queue.committed(["cafe-1", "feed-1"]) == {"feed-1"}


def test_what_waits_for_a_worker_is_counted(app, server):
    for number in range(3):
        assert queue.queued() == number
        queue.send(f"feed-{number}", b"")


def test_a_queue_that_was_emptied_holds_nothing(app, server, socket):
    queue.send("feed-1", b"")
    with redis.Redis(unix_socket_path=str(socket)) as client:
        client.flushall()
    assert queue.queued() == 0


@contextmanager
def bounded():
    """Expect that whatever happens inside takes no longer than the shipper can wait."""
    started = time.monotonic()
    try:
        yield
    finally:
        assert time.monotonic() - started < 15


def test_a_broker_that_is_away_is_an_error_at_once(app):
    with pytest.raises(OperationalError, match="connecting to"), bounded():
        queue.send("feed-1", b"")
    with pytest.raises(OperationalError, match="connecting to"), bounded():
        queue.queued()


def test_a_broker_that_hangs_is_an_error_in_15_seconds(app, server):
    queue.send("feed-1", b"")
    os.kill(server.pid, signal.SIGSTOP)
    with pytest.raises(OperationalError, match="Timeout"), bounded():
        queue.send("feed-2", b"")


def test_a_broker_that_came_back_is_used_again(app, server, socket, tmp_path):
    queue.send("feed-1", b"")
    server.kill()
    server.wait(10)
    with pytest.raises(OperationalError, match="connecting to"):
        queue.send("feed-2", b"")
    again = subprocess.Popen(valkey.command(socket, tmp_path))
    try:
        wait_until(lambda: valkey.answers(socket), what="Valkey")
        queue.send("feed-2", b"")
        # What it held may have gone with it; the shipper would notice.
        assert queue.queued() >= 1
    finally:
        again.kill()
        again.wait(10)
