"""What was counted, in a shape that tests compare."""

from __future__ import annotations

from datetime import UTC, datetime

from analytics.ledger import COUNTS
from analytics.models import Batch, DailyContent
from shortener.channels import BY_NUMBER
from shortener.models import Link

NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def counted(link: Link, name: str) -> dict[str, int]:
    """Return one of the rollup's counts by channel, days added up, without zeros."""
    found: dict[str, int] = {}
    for row in DailyContent.objects.filter(link=link):
        channel = BY_NUMBER[row.channel].name
        found[channel] = found.get(channel, 0) + getattr(row, name)
    return {channel: count for channel, count in found.items() if count}


def by_day(link: Link, name: str) -> dict[str, int]:
    """Return one of the rollup's counts by day, channels added up, without zeros."""
    found: dict[str, int] = {}
    for row in DailyContent.objects.filter(link=link):
        found[str(row.day)] = found.get(str(row.day), 0) + getattr(row, name)
    return {day: count for day, count in found.items() if count}


def ledger() -> dict[str, int]:
    """Return the ledger's sums, without zeros. They add up to what was received."""
    batches = list(Batch.objects.all())
    sums = {name: sum(getattr(batch, name) for batch in batches) for name in COUNTS}
    assert sum(sums.values()) == sum(batch.received for batch in batches)
    return {name: count for name, count in sums.items() if count}
