"""The turner: a thread that hands the web process's segments over to the shipper in time."""

from __future__ import annotations

import logging
import threading

from shortener.journal import Journal

logger = logging.getLogger(__name__)

INTERVAL = 0.05


class Turner(threading.Thread):
    """Twenty times a second: an old enough segment is handed over, an empty one made ready.

    A thread of its own, since the follower's may hang while the database is away.
    """

    def __init__(self, journal: Journal) -> None:
        super().__init__(name="turner", daemon=True)
        self._journal = journal
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(INTERVAL):
            try:
                self._journal.prepare()
                self._journal.turn()
            except Exception:
                logger.exception("A segment could not be handed over; trying again.")

    def stop(self) -> None:
        self._stopping.set()
        self.join(timeout=10)
