"""What a segment's facts say of shares, in a form that can be added up in any order."""

from __future__ import annotations

from collections.abc import Mapping

from analytics import tables
from analytics.days import Moments
from analytics.models import Share
from shortener.channels import NUMBERS

UNKNOWN = Share.Certainty.NONE.value
PREVIEW, IN_APP, REFERRER = (
    Share.Certainty.PREVIEW.value,
    Share.Certainty.IN_APP.value,
    Share.Certainty.REFERRER.value,
)
COLUMNS = {
    "id": "bigint",
    "link_id": "bigint",
    "channel": "smallint",
    "created": "timestamptz",
    "pressed": "timestamptz",
    "parent": "bigint",
    "placement": "text",
    "flag": "text",
    "told": "int",
    "previews": "int",
    "first_preview": "timestamptz",
    "clicks": "int",
    "first_click": "timestamptz",
    "last_click": "timestamptz",
    "visits": "int",
    "conversions": "int",
    "certainty": "smallint",
    "observed_at": "timestamptz",
    "observed": "smallint",
    "evidence": "text",
    "seen": "bigint",
}
Code = tuple[int, int]
"""What a share's code names: the share and the link."""

SUMS = ("told", "previews", "clicks", "visits", "conversions")
EARLIEST = ("created", "first_preview", "first_click")
LATEST = ("last_click",)
OF_THE_PRESS = ("pressed", "parent", "placement", "flag")
OF_THE_EVIDENCE = ("certainty", "observed_at", "observed", "evidence")


class Trace:
    """What one segment says of one share. Times are milliseconds since 1970."""

    __slots__ = (
        "certainty",
        "clicks",
        "conversions",
        "created",
        "evidence",
        "first_click",
        "first_preview",
        "last_click",
        "observed",
        "observed_at",
        "previews",
        "seen",
        "visits",
    )

    def __init__(self, created: int) -> None:
        self.created = created
        self.previews = self.clicks = self.visits = self.conversions = 0
        self.first_preview: int | None = None
        self.first_click: int | None = None
        self.last_click: int | None = None
        self.certainty = UNKNOWN
        self.observed_at: int | None = None
        self.observed = 0
        self.evidence = ""
        self.seen = 0

    def see(self, channel: int, rule: str, time: int) -> None:
        """Take in that a preview or a click names a channel; the best evidence stands."""
        self.seen |= 1 << channel
        certainty = certainty_of(rule)
        best = self.certainty, self.observed_at or 0, self.observed
        if (certainty, time, channel) < best:
            self.certainty, self.observed_at, self.observed = certainty, time, channel
            self.evidence = rule


def certainty_of(rule: str) -> int:
    """Return what kind of evidence a rule's verdict is: a ``Share.Certainty``."""
    kind = rule.partition(":")[0]
    if kind == "preview":
        return PREVIEW
    return REFERRER if kind == "referrer" else IN_APP


def merge_sql() -> str:
    """Return what happens to a share's row where another segment has made it before."""
    changes = [f"{name} = analytics_share.{name} + EXCLUDED.{name}" for name in SUMS]
    changes += [_choose(name, f"EXCLUDED.{name} < analytics_share.{name}") for name in EARLIEST]
    changes += [_choose(name, f"EXCLUDED.{name} > analytics_share.{name}") for name in LATEST]
    # The press that was told first stands until the caller has compared the two.
    changes += [
        f"{name} = CASE WHEN analytics_share.pressed IS NULL THEN EXCLUDED.{name} "
        f"ELSE analytics_share.{name} END"
        for name in OF_THE_PRESS
    ]
    order = OF_THE_EVIDENCE[:3]
    mine = ", ".join(f"analytics_share.{name}" for name in order)
    other = ", ".join(f"EXCLUDED.{name}" for name in order)
    changes += [
        f"{name} = CASE WHEN ({other}) < ({mine}) THEN EXCLUDED.{name} "
        f"ELSE analytics_share.{name} END"
        for name in OF_THE_EVIDENCE
    ]
    changes.append("seen = analytics_share.seen | EXCLUDED.seen")
    return (
        f"(id) DO UPDATE SET {', '.join(changes)} "
        # A code of another link with this share's number is somebody's invention.
        "WHERE analytics_share.link_id = EXCLUDED.link_id"
    )


def _choose(name: str, condition: str) -> str:
    return (
        f"{name} = CASE WHEN analytics_share.{name} IS NULL OR {condition} "
        f"THEN EXCLUDED.{name} ELSE analytics_share.{name} END"
    )


MERGE = merge_sql()


def write(
    traces: Mapping[Code, Trace], presses: Mapping[int, tuple[object, ...]], moments: Moments
) -> dict[int, int]:
    """Merge the traces into the shares' rows; return how many segments told of a press.

    ``presses`` holds the values of ``OF_THE_PRESS``. One statement in the order of the ids:
    two would let two workers wait for each other.
    """
    shares = dict(traces.keys())
    if len(shares) < len(traces):
        shares = _owners(traces)
    rows = [
        _row(share, link, traces[share, link], presses.get(share), moments)
        for share, link in sorted(shares.items())
    ]
    told = tables.upsert("analytics_share", COLUMNS, rows, conflict=MERGE, returning="id, told")
    return dict(told)


def _owners(traces: Mapping[Code, Trace]) -> dict[int, int]:
    """Return the link of each share, where codes name some with several links.

    All but one are somebody's inventions: the share belongs to the link that was known
    first.
    """
    first = sorted(traces, key=lambda code: traces[code].created, reverse=True)
    known = Share.objects.filter(pk__in=[share for share, _ in traces]).values_list("pk", "link")
    return dict(first) | {share: link for share, link in known if (share, link) in traces}


def _row(
    share: int, link: int, trace: Trace, press: tuple[object, ...] | None, moments: Moments
) -> tuple[object, ...]:
    text = moments.text
    preview, click, seen = trace.first_preview, trace.first_click, trace.observed_at
    last = trace.last_click
    return (
        share,
        link,
        share % NUMBERS,
        text(trace.created),
        *(press or (None, None, "", "")),
        1 if press else 0,
        trace.previews,
        None if preview is None else text(preview),
        trace.clicks,
        None if click is None else text(click),
        None if last is None else text(last),
        trace.visits,
        trace.conversions,
        trace.certainty,
        None if seen is None else text(seen),
        trace.observed,
        trace.evidence,
        trace.seen,
    )
