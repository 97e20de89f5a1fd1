"""The shipper: sends sealed segments and keeps them until they are committed.

Broker and workers may lose anything at any time. A segment's file is deleted only when the
database has its batch; not there after 30 seconds while the queue is empty, it was lost on
the way and is sent again. Sending twice is harmless: the batch is counted once.

It is a process of its own, one for each journal directory: packing a segment for the broker
takes the interpreter for 20 ms, and as a thread of the web process it made redirects wait.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from shortener import journal as journals

logger = logging.getLogger(__name__)

WINDOW = 64
"""Segments under way at once, so that nothing piles up in the broker."""
TICK = 0.05
CHECK_EVERY = 0.25
RESEND_AFTER = 30.0
ADOPT_EVERY = 2.0
RETRY_AFTER = 1.0


@dataclass
class UnderWay:
    """A segment that was sent and is not known to be committed."""

    path: Path
    sent: float


class Shipper:
    """Ships all journals under a directory, of living processes and of those that are gone.

    ``send`` puts a segment's lines on the queue; ``committed`` returns which of the
    segments are in the database; ``queued`` how many messages wait. Each may raise: then
    it is tried again later.
    """

    def __init__(
        self,
        root: Path,
        *,
        send: Callable[[str, bytes], None],
        committed: Callable[[Collection[str]], set[str]],
        queued: Callable[[], int],
    ) -> None:
        self._root = root
        self._send = send
        self._committed = committed
        self._queued = queued
        self._waiting: deque[Path] = deque()
        self._under_way: dict[str, UnderWay] = {}
        self._adopted: dict[Path, int] = {}
        self._next: dict[str, float] = {}
        self._found = False

    def tick(self) -> None:
        """Do what is due. A step that fails is logged and tried again a second later."""
        for name, every, step in (
            ("finding what was left", 0.0, self._find_left),
            ("sealing", 0.0, self._seal),
            ("adopting", ADOPT_EVERY, self._adopt),
            ("sending", 0.0, self._ship),
            ("asking what is committed", CHECK_EVERY, self._forget_committed),
            ("sending again", CHECK_EVERY, self._resend),
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

    def _find_left(self) -> None:
        """Go on, once, with what the shipper before this one had sealed or sent."""
        if self._found:
            return
        self._waiting.extend(
            path
            for pattern in ("*.sent", "*.sealed")
            for path in sorted(self._root.glob(journals.WRITERS + pattern))
        )
        self._found = True
        if self._waiting:
            logger.info("Going on with %d segments.", len(self._waiting))

    def _seal(self) -> None:
        for path in sorted(self._root.glob(journals.WRITERS + "*.full")):
            if sealed := journals.seal(path):
                self._waiting.append(sealed)

    def _adopt(self) -> None:
        for directory in self._root.glob(journals.WRITERS):
            if directory not in self._adopted:
                descriptor = journals.adopt(directory)
                if descriptor is not None:
                    self._adopted[directory] = descriptor
            elif not any(directory.glob("*.*")):
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
