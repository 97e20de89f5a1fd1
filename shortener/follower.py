"""The follower: a thread that keeps what this process holds in memory up to date."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

from django.db import Error, close_old_connections, connection

from shortener.edge import Edge

logger = logging.getLogger(__name__)

INTERVAL = 0.5
LOG_EVERY = 10.0


class Follower(threading.Thread):
    """Twice a second: edited links, the day's salt, spare serials, and the rates of others."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(name="follower", daemon=True)
        self._edge = edge
        self._stopping = threading.Event()
        self._logged = float("-inf")

    def run(self) -> None:
        while True:
            self.tick()
            if self._stopping.wait(INTERVAL):
                connection.close()
                return

    def stop(self) -> None:
        self._stopping.set()
        self.join(timeout=10)

    def tick(self) -> None:
        """Refresh everything. While the database is away, what is known stays."""
        close_old_connections()
        try:
            self._edge.catalog.follow()
            self._edge.salts.refresh(datetime.now(UTC))
            self._edge.serials.refill()
        except Error as error:
            connection.close()
            if time.monotonic() - self._logged >= LOG_EVERY:
                self._logged = time.monotonic()
                logger.warning("The database is away; known links go on: %s", error)
        self._edge.rates.share(time.time())
