"""What is found about a link, and which links count as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from analytics import tables
from analytics.alerts.rules import Measure, Sensitivity
from shortener.models import Link, Site


@dataclass(frozen=True, slots=True)
class Finding:
    """That a link is far above its past."""

    link: Link
    measure: Measure
    reach: Sensitivity
    """The least sensitivity that is told of it."""
    hour: int
    """In which it was found (``analytics.alerts.past``)."""
    count: int
    """Clicks within the hour, or shares that came of the latest ones."""
    usual: float
    """What was to be expected of it."""
    shares: int | None = None
    """The latest shares, where the count came of some."""

    @property
    def times(self) -> float:
        return self.count / max(self.usual, 1.0)


class Wholes:
    """Links, each with the pages that were merged into it: what is counted for either is one's."""

    def __init__(self, site: Site, links: Collection[int]) -> None:
        parts = Link.objects.filter(pk__in=tables.ids(links)).values_list("pk", "merged_into")
        wholes = {whole or part for part, whole in parts}
        named = Q(pk__in=tables.ids(wholes)) | Q(merged_into__in=tables.ids(wholes))
        rows = Link.objects.filter(named, site=site)
        self.links = {link.pk: link for link in rows if link.merged_into_id is None}
        self.whole = {link.pk: link.merged_into_id or link.pk for link in rows}

    @property
    def parts(self) -> Collection[int]:
        """All of the links' ids, and those of what was merged into them."""
        return self.whole.keys()

    def add_up(self, numbers: Mapping[int, Mapping[int, int]]) -> dict[int, Counter[int]]:
        """Return numbers of parts as those of the wholes."""
        sums: dict[int, Counter[int]] = {link: Counter() for link in self.links}
        for part, counts in numbers.items():
            if (whole := self.whole.get(part)) in sums:
                sums[whole].update(counts)
        return sums
