"""What operators' machines ask: does it live, is it ready, how is it doing.

No answer repeats what an error said: addresses and user names stand in there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from analytics import queue
from analytics.ledger import COUNTS
from analytics.models import Batch
from shortener.backlog import Backlog, backlog

PATIENCE = 2.0
"""Seconds that the checks may take together: whoever asks should get an answer that names
what hangs, instead of waiting for it as well."""
MAX_LAG = 60.0
"""Seconds of lag from which on nothing seems to be counted. What the broker loses is sent
again after 30 seconds, so a single loss must not take the process out of service."""

Check = Callable[[], Any]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers. It needs nothing else for that."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether what is answered is also counted, and if not, why."""
    database, broker, journal = attempt(ask_database, queue.queued, read_journal)
    checks = {
        "database": outcome(database),
        "broker": outcome(broker),
        "journal": journal_outcome(journal),
    }
    ready = all(check["ok"] for check in checks.values())
    return JsonResponse(checks, status=200 if ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(State())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        # The thread of the check ends here, and its connection with it.
        connection.close()


def read_journal() -> Backlog:
    return backlog(settings.JOURNAL_DIR)


def attempt(*checks: Check) -> list[Any]:
    """Return what each check found, or why it found nothing, within ``PATIENCE``.

    In threads, because no timeout of a driver covers every way in which a server can hang.
    """
    deadline = time.monotonic() + PATIENCE
    running = [start(check) for check in checks]
    return [result(future, deadline) for future in running]


def start(check: Check) -> Future[Any]:
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(check())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, name="health", daemon=True).start()
    return future


def result(future: Future[Any], deadline: float) -> Any:
    try:
        return future.result(max(0.0, deadline - time.monotonic()))
    except Exception as error:
        return error


def outcome(found: object) -> dict[str, Any]:
    if isinstance(found, TimeoutError) and not found.args:
        return {"ok": False, "error": f"No answer within {PATIENCE:g} seconds."}
    if isinstance(found, Exception):
        return {"ok": False, "error": f"It cannot be reached ({type(found).__name__})."}
    return {"ok": True}


def journal_outcome(found: Backlog | Exception) -> dict[str, Any]:
    if isinstance(found, Exception):
        return outcome(found)
    return {
        "ok": found.writable and found.lag <= MAX_LAG,
        "lag_seconds": round(found.lag, 3),
        "unshipped_seconds": round(found.unshipped, 3),
        "segments": found.segments,
        "lost": found.lost,
        "writable": found.writable,
    }


class State(Collector):
    """The state at this moment. What cannot be found out is left out."""

    def collect(self) -> Iterator[Metric]:
        for found in attempt(journal_metrics, broker_metrics, ledger_metrics):
            if not isinstance(found, Exception):
                yield from found


def journal_metrics() -> list[Metric]:
    found = read_journal()
    return [
        gauge("journal_lag_seconds", "Age of the oldest fact not committed.", found.lag),
        gauge("journal_unshipped_seconds", "Age of the oldest fact not sent.", found.unshipped),
        gauge("journal_segments", "Segments that wait to be committed.", found.segments),
        CounterMetricFamily(
            "grapevine_facts_lost", "Facts that could not be recorded.", value=found.lost
        ),
    ]


def broker_metrics() -> list[Metric]:
    return [gauge("queue_messages", "Messages that wait for a worker.", queue.queued())]


def ledger_metrics() -> list[Metric]:
    try:
        latest = Batch.objects.aggregate(latest=Max("committed"))["latest"]
        # Sums over the whole ledger would take longer with every day.
        recent = Batch.objects.filter(committed__gte=timezone.now() - timedelta(days=1))
        sums = recent.aggregate(**{name: Sum(name, default=0) for name in COUNTS})
    finally:
        connection.close()
    facts = GaugeMetricFamily(
        "grapevine_facts_last_day", "Facts committed in the last 24 hours.", labels=["kind"]
    )
    for name in COUNTS:
        facts.add_metric([name], sums[name])
    committed = latest.timestamp() if latest else 0
    return [
        facts,
        gauge("last_commit_timestamp_seconds", "When facts were last committed.", committed),
    ]


def gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(f"grapevine_{name}", documentation, value=value)


urlpatterns: list[URLPattern] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
