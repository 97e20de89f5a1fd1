"""The journal: keeps every fact until the database has committed it.

A fact is one line of JSON, copied into a file that is mapped into memory. The copy is in
the kernel's hands when ``record`` returns, so a process that is killed a moment later has
lost nothing; it is ``write()`` without the system call (docs/decisions/journal.md).

Files of one process live in a directory of their own, named after the process's writer id:

    <n>.open    being written; preallocated, so its end is filled with zero bytes
    <n>.full    no longer written
    <n>.sealed  cut to its length and flushed to disk, waiting to be sent
    <n>.sent    sent to the broker; deleted once the database has its batch
    lock        held as long as the process lives
    health      how many facts could not be recorded, and whether that goes on

The web process does no more than the first two steps; the rest is the shipper's. Numbers
have no gaps, so a missing segment shows in the ledger.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import mmap
import os
import secrets
import shutil
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import orjson

logger = logging.getLogger(__name__)

FACT_VERSION = 1
"""Stands in every fact. Ingest sets aside what it does not know."""
SEGMENT_BYTES = 2 * 2**20
EMPTY = bytes(SEGMENT_BYTES)
SEGMENT_FACTS = 5_000
SEAL_AGE = 0.25
"""Seconds after which a segment's first fact has waited long enough."""
WINDOW = 64
"""Segments of a process that may wait at once: a backlog makes larger ones, not more."""
WAITING = (".full", ".sealed", ".sent")
WRITERS = "[0-9a-f]*/"
LOG_EVERY = 10.0
"""Seconds between two log lines about facts that are being lost."""


class Segment:
    """One open file of the journal."""

    def __init__(self, directory: Path, number: int) -> None:
        self.path = directory / f"{number:08d}.open"
        descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            # Written, not left as a hole: a disk that is full must fail here, with an error,
            # and not at the first touch of the mapping, with a signal that kills. And pages
            # that are in memory already make a record twice as cheap as fallocate's.
            if os.write(descriptor, EMPTY) < SEGMENT_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.buffer = mmap.mmap(descriptor, SEGMENT_BYTES)
        except OSError:
            self.path.unlink()
            raise
        finally:
            os.close(descriptor)
        self.end = 0
        self.facts = 0
        self.since = 0.0
        """Monotonic time of the first fact."""

    def close(self) -> None:
        """Hand the segment over to the shipper. Nobody may write any more."""
        self.buffer.close()
        self.path.rename(self.path.with_suffix(".full"))

    def discard(self) -> None:
        self.buffer.close()
        self.path.unlink(missing_ok=True)


class Journal:
    """The segments that this process writes. ``record`` may be called from any thread."""

    def __init__(self, root: Path) -> None:
        self.writer = secrets.token_hex(8)
        self.directory = root / self.writer
        # Made under a name that is not looked for: nobody adopts it before it is locked.
        draft = root / f".{self.writer}"
        draft.mkdir(parents=True)
        self._directory_lock = lock(draft)
        draft.rename(self.directory)
        self._health_file = os.open(self.directory / "health", os.O_CREAT | os.O_RDWR, 0o600)
        self.lost = 0
        # Written now, so that counting needs no new block when the disk is full.
        self._write_health(writable=True)
        self._logged = float("-inf")
        self._lock = threading.Lock()
        self._next_number = 1
        self._full: deque[Segment] = deque()
        self._spare: Segment | None = None
        self._segment: Segment | None = None
        self.prepare()

    def record(self, fact: dict[str, Any]) -> None:
        """Append a fact. Never raises: whatever goes wrong is counted and logged."""
        try:
            line = orjson.dumps(fact, option=orjson.OPT_APPEND_NEWLINE)
            with self._lock:
                segment = self._segment
                if segment is None or segment.end + len(line) > SEGMENT_BYTES:
                    segment = self._turn_over()
                end = segment.end + len(line)
                segment.buffer[segment.end : end] = line
                segment.end = end
                segment.facts += 1
                if segment.facts == 1:
                    segment.since = time.monotonic()
                if segment.facts >= SEGMENT_FACTS:
                    self._set_aside()
        except Exception as error:  # Telemetry may fail; the visitor's redirect may not.
            self._lose(error)

    def prepare(self) -> None:
        """Have an empty segment ready, so that no request waits for one to be made."""
        if self._segment is not None and self._spare is not None:
            return
        try:
            segment = Segment(self.directory, self._next_number)
        except OSError as error:
            self._fail(error)
            return
        with self._lock:
            self._write_health(writable=True)
            self._next_number += 1
            if self._segment is None:
                self._segment = segment
            else:
                self._spare = segment
        self.prepare()

    def turn(self) -> None:
        """Hand over what is full, and what is old enough unless the shipper is behind.

        Not the last segment there is, though: on a full disk it takes facts until another
        can be made, out of the room that segments leave once they are committed.
        """
        segment = self._segment
        is_due = segment and segment.facts and time.monotonic() - segment.since >= SEAL_AGE
        if is_due and self._spare:
            waiting = sum(1 for name in os.listdir(self.directory) if name.endswith(WAITING))
            if waiting < WINDOW:
                self._set_aside_open()
        while self._full:
            self._full.popleft().close()

    def _set_aside_open(self) -> None:
        with self._lock:
            if self._segment and self._segment.facts:
                self._set_aside()

    def close(self) -> None:
        """Give the files up; the shipper takes them over."""
        self._set_aside_open()
        with self._lock:
            for segment in (self._segment, self._spare):
                if segment:
                    segment.discard()
            self._segment = self._spare = None
            while self._full:
                self._full.popleft().close()
        os.close(self._health_file)
        os.close(self._directory_lock)

    def _turn_over(self) -> Segment:
        """Make room for a fact. Called with the lock held."""
        if self._segment is not None:
            self._set_aside()
        if self._segment is None:
            # The shipper has not kept up, or the disk is full: then this raises.
            self._segment = Segment(self.directory, self._next_number)
            self._next_number += 1
        return self._segment

    def _set_aside(self) -> None:
        if self._segment is not None:
            self._full.append(self._segment)
        self._segment, self._spare = self._spare, None

    def _lose(self, error: Exception) -> None:
        with self._lock:
            self.lost += 1
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._write_health(writable=False)
        if time.monotonic() - self._logged >= LOG_EVERY:
            self._logged = time.monotonic()
            logger.error("The journal cannot be written (%d facts lost): %s", self.lost, error)

    def _write_health(self, *, writable: bool) -> None:
        os.pwrite(self._health_file, b"%020d %d" % (self.lost, writable), 0)


def lock(directory: Path) -> int:
    """Lock a writer's directory; return a descriptor to close, or raise OSError if it is held."""
    descriptor = os.open(directory / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def adopt(directory: Path) -> int | None:
    """Take over the directory of a process that is gone; None where it lives.

    Returns the descriptor that locks it. What was open in it is full from now on.
    """
    try:
        descriptor = lock(directory)
    except OSError:
        return None
    for path in directory.glob("*.open"):
        path.rename(path.with_suffix(".full"))
    return descriptor


def seal(path: Path) -> Path | None:
    """Cut a full segment behind its last complete line and flush it to disk.

    A line without an end was being written when its process was killed: its request was
    never answered. Returns the sealed file, or None where no fact was in it.
    """
    content = path.read_bytes()
    end = content.find(b"\0")
    complete = content.rfind(b"\n", 0, end if end >= 0 else len(content)) + 1
    if not complete:
        path.unlink()
        return None
    with path.open("r+b") as file:
        file.truncate(complete)
        os.fsync(file.fileno())
    return path.rename(path.with_suffix(".sealed"))


def discard(directory: Path) -> None:
    """Remove a dead writer's directory once all of it is committed."""
    shutil.rmtree(directory, ignore_errors=True)
