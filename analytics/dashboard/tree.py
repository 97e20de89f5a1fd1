"""The tree of a link's shares: who passed on to whom, drawn share by share.

It shows what the report ``cascade`` tells, which names no share and no time to those who may not
see raw hits, and small cascades to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.cascades import SHOWN_FROM
from analytics.dashboard.charts import Chart
from analytics.dashboard.links import about, find, frame
from analytics.dashboard.tables import number, table
from analytics.reports.cascades import CascadeRow, NodeRow, Tree, cascade, cascades
from analytics.reports.question import Question
from shortener.channels import Channel

LISTED = 20
"""Of the largest cascades, that can be looked at by themselves."""


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the tree of a link's shares."""
    link = find(request, pk)
    asked = about(request, link)
    context = {**frame(request, link, asked), "tab": "tree"}
    if asked.question and not link.merged_into:
        context |= _figures(asked.question)
    return TemplateResponse(request, "analytics/link_tree.html", context)


def shares(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the table below the picture, which takes as long as all the rest."""
    asked = about(request, find(request, pk))
    if asked.question is None:
        raise Http404
    context = {
        "table": table(NodeRow, cascade(asked.question).rows),
        "table_label": _("Who passed on to whom"),
        "query": asked.query,
    }
    return TemplateResponse(request, "analytics/table.html", context)


def _figures(question: Question) -> dict[str, Any]:
    tree = cascade(question)
    largest = _listed(question, tree)
    return {
        "tree": tree,
        "chart": chart(tree),
        "chart_id": "tree-data",
        "said": said(tree, largest),
        "largest": list(enumerate(largest, 1)),
        "left_out": tree.shares - len(tree.rows),
        "shown_from": "" if question.in_full else SHOWN_FROM,
    }


def _listed(question: Question, tree: Tree) -> Sequence[CascadeRow]:
    """Return the largest of the cascades that are drawn, in their order."""
    if not tree.rows:
        return ()
    return cascades(question).rows[: min(LISTED, tree.rows[-1].cascade)]


def said(tree: Tree, largest: Sequence[CascadeRow]) -> str:
    """Say what is to be seen, for those who do not see it."""
    if not largest:
        return ""
    first = largest[0]
    how_many = ngettext(
        "%(shares)s shares in one cascade.",
        "%(shares)s shares in %(cascades)s cascades.",
        tree.cascades,
    ) % {"shares": number(tree.shares), "cascades": number(tree.cascades)}
    deep = _(
        "The largest has %(shares)s shares, a depth of %(depth)s and a breadth of %(breadth)s."
    ) % {
        "shares": number(first.shares),
        "depth": number(first.depth),
        "breadth": number(first.breadth),
    }
    return f"{how_many} {deep}"


def chart(tree: Tree) -> Chart | None:
    """Draw the shares, column by column: thousands of objects would take longer to send."""
    if not tree.rows:
        return None
    places = {row.share: place for place, row in enumerate(tree.rows)}
    channels = _channels(tree.rows)
    numbers = {channel: place for place, channel in enumerate(channels)}
    data = {
        "cascade": [row.cascade for row in tree.rows],
        "parent": [places[row.parent] if row.parent else -1 for row in tree.rows],
        "generation": [row.generation for row in tree.rows],
        "channel": [numbers[row.channel] for row in tree.rows],
        "observed": [numbers[row.observed] if row.observed else -1 for row in tree.rows],
        "clicks": [row.clicks for row in tree.rows],
        "children": [row.children for row in tree.rows],
        "seconds": _seconds(tree.rows),
        "channels": [{"name": channel.name, "title": channel.title} for channel in channels],
        "words": {
            "generation": _("Generation"),
            "channel": _("Button pressed"),
            "observed": _("Seen in"),
            "unseen": _("seen nowhere"),
            "clicks": _("Clicks"),
            "children": _("Shares that came of it"),
            "seconds": _("After the first share"),
        },
    }
    return Chart("tree", data, _("The tree of the shares"))


def _channels(rows: Iterable[NodeRow]) -> list[Channel]:
    """Return the channels that appear, in their own order."""
    found = {channel for row in rows for channel in (row.channel, row.observed) if channel}
    return sorted(found, key=lambda channel: channel.number)


def _seconds(rows: Sequence[NodeRow]) -> list[int] | None:
    """Return how long after the first of its cascade each share began; None if not to be told."""
    if rows[0].start is None:
        return None
    first = {row.cascade: row.start for row in reversed(rows)}
    return [round((row.start - first[row.cascade]).total_seconds()) for row in rows]  # type: ignore[operator]
