"""How far counting is behind: what the journals of this machine still hold."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from shortener.journal import WRITERS

SUFFIXES = (".open", ".full", ".sealed", ".sent")
"""The names a segment goes through, in their order."""


@dataclass(frozen=True)
class Backlog:
    """What the journals of this machine still hold."""

    lag: float
    """Age in seconds of the oldest fact that is not committed."""
    segments: int
    unshipped: float
    """Age in seconds of the oldest fact that was not even sent."""
    lost: int
    """Facts that could not be recorded since their processes started."""
    writable: bool


def backlog(root: Path) -> Backlog:
    """Return what waits in all journals under ``root``, of living and dead processes."""
    now = time.time()
    lag = unshipped = 0.0
    segments = lost = 0
    writable = True
    for directory in root.glob(WRITERS):
        for path in directory.glob("*.[ofs]*"):
            if (first := first_time(path)) is None:
                continue
            age = max(0.0, now - first)
            segments += 1
            lag = max(lag, age)
            if path.suffix != ".sent":
                unshipped = max(unshipped, age)
        lost_here, writable_here = read_health(directory)
        lost += lost_here
        writable = writable and writable_here
    return Backlog(lag, segments, unshipped, lost, writable)


def first_time(path: Path) -> float | None:
    """Return when a segment's first fact was recorded, in seconds; None where it has none."""
    for suffix in SUFFIXES[SUFFIXES.index(path.suffix) :]:
        # The turner or the shipper may have given it its next name meanwhile.
        with suppress(FileNotFoundError), path.with_suffix(suffix).open("rb") as file:
            line = file.readline()
            # A line without its end is just being written.
            return read_time(line) if line.endswith(b"\n") else None
    return None  # It was committed and deleted.


def read_time(line: bytes) -> float | None:
    try:
        return float(orjson.loads(line)["time"]) / 1000
    except (ValueError, KeyError, TypeError):
        return None  # Ingest will put it into the quarantine.


def read_health(directory: Path) -> tuple[int, bool]:
    """Return how many facts a process has lost, and whether it can record now."""
    try:
        lost, writable = (directory / "health").read_bytes().split()
    except (OSError, ValueError):
        return 0, True
    return int(lost), writable == b"1"
