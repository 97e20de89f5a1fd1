"""What hits say of their shares, told anew after hits have been taken for something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics import tables
from analytics.classify import Kind
from analytics.days import Moments
from analytics.models import Hit, Share
from analytics.shares import EPOCH, MILLISECOND
from analytics.tables import chunks
from analytics.traces import Trace

COUNTS = {"id": "bigint", "clicks": "int", "previews": "int"}
REST = {
    "id": "bigint",
    "first_preview": "timestamptz",
    "first_click": "timestamptz",
    "last_click": "timestamptz",
    "certainty": "smallint",
    "observed_at": "timestamptz",
    "observed": "smallint",
    "evidence": "text",
    "seen": "bigint",
}


def retrace(moved: Mapping[tuple[int, int], Sequence[int]]) -> None:
    """Correct shares whose hits were corrected.

    ``moved`` says by share and link how many clicks and how many previews more there are.

    Where all hits of a share are still there, its evidence and its first moments are read
    from them; where some are past their time or were erased, only its counts change. Rows
    are locked in the order in which ingest takes them.
    """
    for chunk in chunks(sorted({share for share, _ in moved})):
        rows = Share.objects.select_for_update().filter(pk__in=chunk).order_by("pk")
        shares = {
            share: (link, clicks, previews)
            for share, link, clicks, previews in rows.values_list(
                "pk", "link_id", "clicks", "previews"
            )
        }
        traces = traces_of({share: link for share, (link, *_) in shares.items()})
        counts = []
        for share, (link, clicks, previews) in shares.items():
            more_clicks, more_previews = moved.get((share, link), (0, 0))
            counts.append((share, clicks + more_clicks, previews + more_previews))
        tables.update("analytics_share", COUNTS, counts)
        tables.update(
            "analytics_share",
            REST,
            [
                _row(share, traces[share])
                for share, *known in counts
                if [traces[share].clicks, traces[share].previews] == known
            ],
        )


def traces_of(links: Mapping[int, int]) -> dict[int, Trace]:
    """Return what the hits of shares say, by share id; ``links`` are the shares' own.

    A hit on another link with a share's number is somebody's invention.
    """
    traces = {share: Trace(0) for share in links}
    hits = Hit.objects.filter(share__in=list(links), kind__in=(Kind.CLICK, Kind.PREVIEW))
    for share, link, kind, observed, rule, at in hits.values_list(
        "share_id", "link_id", "kind", "observed", "rule", "at"
    ).iterator():
        trace, time = traces[share], (at - EPOCH) // MILLISECOND
        if link != links[share]:
            continue
        if kind == Kind.CLICK:
            trace.clicks += 1
            trace.first_click = min(time, trace.first_click or time)
            trace.last_click = max(time, trace.last_click or time)
        else:
            trace.previews += 1
            trace.first_preview = min(time, trace.first_preview or time)
        if observed:
            trace.see(observed, rule, time)
    return traces


def _row(share: int, trace: Trace) -> tuple[object, ...]:
    moments = trace.first_preview, trace.first_click, trace.last_click, trace.observed_at
    preview, first, last, seen = (time and Moments().text(time) for time in moments)
    evidence = trace.certainty, seen, trace.observed, trace.evidence, trace.seen
    return share, preview, first, last, *evidence
