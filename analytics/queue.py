"""The way of a segment to the worker, and the way to know that it has arrived."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_

from amqp.exceptions import ChannelError
from celery import current_app
from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q

from analytics.models import Batch
from analytics.tasks import ingest_segment


def send(segment: str, lines: bytes) -> None:
    """Put a segment's lines on the queue. Raises where the broker is away."""
    # The shipper tries again by itself, so a broker that is away should say so at once.
    ingest_segment.apply_async((segment, lines.decode()), retry=False)


def committed(segments: Collection[str]) -> set[str]:
    """Return those of the segments that the database has."""
    if not segments:
        return set()
    close_old_connections()
    keys = [segment.rpartition("-") for segment in segments]
    where = reduce(or_, (Q(writer=writer, sequence=int(number)) for writer, _, number in keys))
    rows = Batch.objects.filter(where).values_list("writer", "sequence")
    return {f"{writer}-{sequence}" for writer, sequence in rows}


def queued() -> int:
    """Return how many messages wait for a worker. Raises where the broker is away."""
    with current_app.connection_for_read() as connection:
        try:
            # Every transport has it; only the stubs' base class does not.
            declared = connection.default_channel.queue_declare(  # type: ignore[attr-defined]
                settings.CELERY_TASK_DEFAULT_QUEUE, passive=True
            )
        except ChannelError:
            return 0  # To Redis, an empty queue does not exist.
        return int(declared.message_count)
