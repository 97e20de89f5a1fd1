"""History read again by the present rules: hits, and all that was counted of them.

Agents are kept once each, so it is agents (with the referrers they came from) that are
judged, not hits. A day of the sites' time zones is one transaction: at any moment each day
follows either the old rules or the new ones, in rows, ledger and rollups alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from analytics import agents, kept, settle, tables
from analytics.classify import Kind, Verdict, referrer_verdict
from analytics.corrections import CHUNK, Corrections, Row, parts
from analytics.ledger import midnight
from analytics.models import Agent, Hit, Unsettled
from analytics.rebuild import lacking

ONE_DAY = timedelta(days=1)

Look = tuple[int, str, Verdict]
"""What hits have in common that look the same: agent, referrer, and what they were taken for."""


class Change(NamedTuple):
    """Hits of a day that look the same, and that the present rules take for something else."""

    agent: int
    referrer: str
    before: Verdict
    after: Verdict
    hits: int


def reclassify(day: date, *, dry_run: bool = False) -> list[Change]:
    """Apply the present rules to the hits of a day; return what changes."""
    with transaction.atomic():
        settle.wait_until_alone()
        found = changes(day)
        if found and not dry_run:
            _apply(day, found)
    return found


def days(since: date | None = None) -> list[date]:
    """Return the days that may have hits, from the first or a later one on."""
    at = Hit.objects.aggregate(first=Min("at"), last=Max("at"))
    if at["first"] is None:
        return []
    # A site's day may be the one before or after that of UTC.
    first, last = at["first"].date() - ONE_DAY, at["last"].date() + ONE_DAY
    first = max(first, since or first)
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def hits_of(day: date) -> QuerySet[Hit]:
    # The days of time zones begin up to 14 hours off; only ``at`` is indexed.
    start = midnight(day) - ONE_DAY
    return Hit.objects.filter(day=day, at__gte=start, at__lt=start + 3 * ONE_DAY)


def changes(day: date) -> list[Change]:
    """Return what the present rules take for something else than was stored."""
    looks = hits_of(day).values_list("agent_id", "referrer", "kind", "observed", "rule")
    found = []
    for chunk in parts(looks.annotate(Count("pk")).order_by("agent_id").iterator()):
        verdicts = judge({agent for agent, *_ in chunk})
        for agent, referrer, kind, observed, rule, number in chunk:
            before = Verdict(Kind(kind), observed, rule)
            after = verdict(verdicts.get(agent, before), referrer)
            if after != before:
                found.append(Change(agent, referrer, before, after, number))
    return found


def judge(agent_ids: Collection[int]) -> dict[int, Verdict]:
    """Return what the present rules take agents for, by id."""
    rows = Agent.objects.filter(pk__in=tables.ids(agent_ids)).values_list(
        "pk", "user_agent", "signals"
    )
    return {pk: Verdict(*agents.verdict(*key)) for pk, *key in rows}


def verdict(on_agent: Verdict, referrer: str) -> Verdict:
    """Return the verdict on a hit, as ingest comes to it."""
    if referrer and on_agent.kind is Kind.CLICK and not on_agent.channel:
        return referrer_verdict(referrer)
    return on_agent


def _apply(day: date, found: Iterable[Change]) -> None:
    """Correct the hits, and what was counted of them."""
    verdicts = {(c.agent, c.referrer, c.before): c.after for c in found}
    before = kept.audiences(day, None)
    corrections = Corrections(day)
    for part in parts(rows(day, verdicts)):
        corrections.add(part)
    corrections.write()
    for (rollup, counted), (_, counts) in zip(before, kept.audiences(day, None), strict=True):
        lack = lacking(counts, counted.items())
        tables.add(rollup.table, rollup.key, rollup.counts, lack)


def rows(day: date, verdicts: Mapping[Look, Verdict]) -> Iterator[Row]:
    """Yield the hits of a day that look like one of these, with the new verdict.

    They are locked, so that none is erased meanwhile.
    """
    hits = hits_of(day).select_for_update()
    hits = hits.filter(agent__in=tables.ids({agent for agent, *_ in verdicts}))
    waits = Exists(Unsettled.objects.filter(batch=OuterRef("batch")))
    values = hits.annotate(waits=waits).values_list(
        *("agent_id", "referrer", "kind", "observed", "rule"),
        *("pk", "batch_id", "link_id", "share_id", "channel", "at", "waits"),
    )
    for agent, referrer, kind, observed, rule, *rest in values.iterator(CHUNK):
        before = Verdict(Kind(kind), observed, rule)
        if after := verdicts.get((agent, referrer, before)):
            yield Row._make((*rest, before.kind, after))
