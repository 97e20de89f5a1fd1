"""What does a record cost: copied into a mapped file, or handed to write()?

Threads that each compute for a while and then record, as a web process does.

    python bench/journal.py
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import rig

LINE = b"x" * 399 + b"\n"
RECORDS = 60_000


def compute() -> int:
    """Stand in for what a request does beside its record: some 10 us of Python."""
    return sum([number * number % 7 for number in range(150)])


def written(folder: Path) -> Callable[[], None]:
    descriptor = os.open(folder / "written", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    lock = threading.Lock()

    def record() -> None:
        with lock:
            os.write(descriptor, LINE)

    return record


def mapped(folder: Path) -> Callable[[], None]:
    from shortener.journal import SEGMENT_BYTES, Segment

    count = RECORDS * len(LINE) // SEGMENT_BYTES + 1
    segments = [Segment(folder, number) for number in range(count)]
    lock = threading.Lock()

    def record() -> None:
        with lock:
            segment = segments[-1]
            if segment.end + len(LINE) > SEGMENT_BYTES:
                segments.pop()
                segment = segments[-1]
            segment.buffer[segment.end : segment.end + len(LINE)] = LINE
            segment.end += len(LINE)

    return record


def rate(way: Callable[[Path], Callable[[], None]], threads: int) -> float:
    """Return records a second of that many threads together."""
    with tempfile.TemporaryDirectory(dir=rig.ROOT) as folder:
        record = way(Path(folder))

        def work() -> None:
            for _ in range(RECORDS // threads):
                compute()
                record()

        workers = [threading.Thread(target=work) for _ in range(threads)]
        started = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return RECORDS / (time.perf_counter() - started)


def main() -> None:
    os.sched_setaffinity(0, {0})
    lines: list[tuple[str, ...]] = [("threads", "written /s", "mapped /s", "mapped / written")]
    for threads in (1, 2, 4):
        pairs = [(rate(written, threads), rate(mapped, threads)) for _ in range(rig.ROUNDS)]
        writes, maps = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        lines.append((str(threads), f"{writes:,.0f}", f"{maps:,.0f}", f"{ratio:.2f}"))
    rig.report("Records of 400 bytes, on one core", lines, {}, as_json=False)


if __name__ == "__main__":
    main()
