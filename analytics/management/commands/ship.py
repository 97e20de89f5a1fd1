"""``manage.py ship``: the process that brings the journals to the workers."""

from __future__ import annotations

import fcntl
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analytics import queue
from shortener.shipper import TICK, Shipper


class Command(BaseCommand):
    help = "Send what the web processes of this machine have journalled, until stopped."

    def handle(self, **options: Any) -> None:
        settings.JOURNAL_DIR.mkdir(parents=True, exist_ok=True)
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        with (settings.JOURNAL_DIR / "shipper.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CommandError(
                    f"Another shipper is at work in {settings.JOURNAL_DIR}."
                ) from None
            shipper = Shipper(
                settings.JOURNAL_DIR,
                send=queue.send,
                committed=queue.committed,
                queued=queue.queued,
            )
            while not stopping.wait(TICK):
                shipper.tick()
