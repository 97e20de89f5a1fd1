"""The shipper: a thread that sends sealed segments and keeps them until they are committed.

Broker and workers may lose anything at any time. A segment's file is deleted only when the
database has its batch; not there after 30 seconds while the queue is empty, it was lost
on the way and is sent again. Sending twice is harmless: the batch is counted once.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from shortener import journal as journals
from shortener.journal import Journal

logger = logging.getLogger(__name__)

SEAL_AGE = 0.25
WINDOW = 64
"""Segments under way at once: a backlog makes larger segments, not more of them."""
TICK = 0.05
CHECK_EVERY = 0.25
RESEND_AFTER = 30.0
ADOPT_EVERY = 5.0
RETRY_AFTER = 1.0


@dataclass
class UnderWay:
    """A segment that was sent and is not known to be committed."""

    path: Path
    sent: float


class Shipper(threading.Thread):
    """Ships the journal of this process, and those of processes that are gone.

    ``send`` puts a segment's lines on the queue; ``committed`` returns which of the
    segments are in the database; ``queued`` how many messages wait. Each may raise: then
    it is tried again later.
    """

    def __init__(
        self,
        journal: Journal,
        root: Path,
        *,
        send: Callable[[str, bytes], None],
        committed: Callable[[Collection[str]], set[str]],
        queued: Callable[[], int],
    ) -> None:
        super().__init__(name="shipper", daemon=True)
        self._journal = journal
        self._root = root
        self._send = send
        self._committed = committed
        self._queued = queued
        self._waiting: deque[Path] = deque()
        self._under_way: dict[str, UnderWay] = {}
        self._adopted: dict[Path, int] = {}
        self._next: dict[str, float] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(TICK):
            self.tick()

    def stop(self) -> None:
        """Stop, with everything on disk for whoever adopts it."""
        self._stopping.set()
        self.join(timeout=10)

    def tick(self) -> None:
        """Do what is due. A step that fails is logged and tried again a second later."""
        for name, every, step in (
            ("prepare", 0.0, self._journal.prepare),
            ("seal", 0.0, self._seal),
            ("adopt", ADOPT_EVERY, self._adopt),
            ("ship", 0.0, self._ship),
            ("check", CHECK_EVERY, self._forget_committed),
            ("resend", CHECK_EVERY, self._resend),
        ):
            now = time.monotonic()
            if now < self._next.get(name, 0.0):
                continue
            self._next[name] = now + every
            try:
                step()
            except Exception as error:
                self._next[name] = now + RETRY_AFTER
                logger.warning("Shipping: %s failed, trying again: %s", name, error)

    def _seal(self) -> None:
        has_room = len(self._under_way) + len(self._waiting) < WINDOW
        while self._journal.has_full or (has_room and self._journal.due(SEAL_AGE)):
            if path := self._journal.seal():
                self._waiting.append(path)

    def _adopt(self) -> None:
        for directory, descriptor in journals.adopt(self._root):
            self._adopted[directory] = descriptor
            paths = sorted((*directory.glob("*.sealed"), *directory.glob("*.sent")))
            done = self._committed([segment_id(path) for path in paths])
            for path in paths:
                if segment_id(path) in done:
                    path.unlink()
                else:
                    self._waiting.append(path)
            logger.info("Adopted %d segments of %s.", len(paths) - len(done), directory.name)
        for directory in [d for d in self._adopted if not any(d.glob("*.s*"))]:
            journals.discard(directory)
            os.close(self._adopted.pop(directory))

    def _ship(self) -> None:
        while self._waiting and len(self._under_way) < WINDOW:
            path = self._waiting[0]
            self._send(segment_id(path), path.read_bytes())
            self._waiting.popleft()
            sent = path.rename(path.with_suffix(".sent"))
            self._under_way[segment_id(sent)] = UnderWay(sent, time.monotonic())

    def _forget_committed(self) -> None:
        if not self._under_way:
            return
        for segment in self._committed(list(self._under_way)):
            self._under_way.pop(segment).path.unlink()

    def _resend(self) -> None:
        now = time.monotonic()
        late = {s: u for s, u in self._under_way.items() if now - u.sent >= RESEND_AFTER}
        if not late or self._queued():
            return
        logger.warning("Sending %d segments again: they were lost on the way.", len(late))
        for segment, under_way in late.items():
            self._send(segment, under_way.path.read_bytes())
            under_way.sent = now


def segment_id(path: Path) -> str:
    """Return the id of a segment's file: its writer and its number."""
    return f"{path.parent.name}-{int(path.stem)}"
