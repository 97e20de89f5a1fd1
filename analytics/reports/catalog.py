"""Every report by its name: what the API, the files and the command go through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.reports.audience import (
    browsers,
    countries,
    devices,
    hours,
    languages,
    referrers,
    systems,
)
from analytics.reports.cascades import cascade, cascades
from analytics.reports.channels import channels, forwarded
from analytics.reports.content import Content, content
from analytics.reports.dark import dark
from analytics.reports.flow import flow
from analytics.reports.funnel import funnel
from analytics.reports.overview import overview
from analytics.reports.places import places
from analytics.reports.question import Question
from analytics.reports.reconciliation import reconciliation
from analytics.reports.revealed import revealed
from analytics.reports.tags import tags
from analytics.reports.trends import trends
from analytics.reports.virality import generations, viral_links, virality
from shortener.access import User, works_for_all


@dataclass(frozen=True, slots=True)
class Report:
    """A report: a function that answers questions.

    The answer is a tuple of rows, or a dataclass with ``rows`` and what is said of all of
    them. The function's annotation tells which, and so what the API describes.
    """

    title: str | Promise
    sentence: str | Promise
    answer: Callable[[Question], Any]
    is_undivided: bool = False
    """Of all sites together, so that it is for those who work for every one."""

    def is_for(self, user: User) -> bool:
        """Say whether somebody who may read reports may read this one."""
        return works_for_all(user) or not self.is_undivided

    @property
    def shape(self) -> Any:
        """The type of the answer."""
        return get_type_hints(self.answer)["return"]

    @property
    def row(self) -> type:
        """The type of its rows."""
        rows = self.shape
        if isinstance(rows, type):
            attribute = rows.__dict__["rows"]
            is_property = isinstance(attribute, property)
            hints = get_type_hints(attribute.fget) if is_property else get_type_hints(rows)
            rows = hints["return" if is_property else "rows"]
        row: type = get_args(rows)[0]
        return row


def rows_of(answer: Any) -> Iterable[Any]:
    """Return the rows of an answer, for a table or a file."""
    return answer if isinstance(answer, tuple) else answer.rows


def content_page(question: Question) -> Content:
    """Return a page of the content: that of all links is for files, which are streamed."""
    return content(question, question.part)


REPORTS = {
    "overview": Report(
        _("Overview"), _("What happened, beside the period before and over time."), overview
    ),
    "content": Report(
        _("Content by channel"),
        _("How far each link travelled, and through which channels."),
        content_page,
    ),
    "trends": Report(_("Trends"), _("Clicks on the most clicked links over time."), trends),
    "flow": Report(
        _("Flow"), _("From content through channels to what came of the shares."), flow
    ),
    "tags": Report(_("Tags"), _("Content by the attribution tags that its links carry."), tags),
    "funnel": Report(
        _("Funnel"), _("How many shares were pasted, opened, passed on, and led to more."), funnel
    ),
    "channels": Report(
        _("Channels"), _("Where shares were meant to go, and where they were seen."), channels
    ),
    "revealed": Report(
        _("Revealed"),
        _("Content that was copied, and the apps in which it was then seen."),
        revealed,
    ),
    "forwards": Report(
        _("Forwards"), _("Shares of one channel that were also seen in another."), forwarded
    ),
    "places": Report(
        _("Places"), _("Where on the pages the buttons were that were used."), places
    ),
    "countries": Report(_("Countries"), _("Clicks by country."), countries),
    "devices": Report(_("Devices"), _("Clicks by device."), devices),
    "systems": Report(_("Systems"), _("Clicks by operating system."), systems),
    "browsers": Report(_("Browsers"), _("Clicks by browser."), browsers),
    "languages": Report(_("Languages"), _("Clicks by the browser's language."), languages),
    "referrers": Report(_("Referrers"), _("Clicks by the page that led to the link."), referrers),
    "hours": Report(_("Hours"), _("Clicks by the hour of the week."), hours),
    "virality": Report(
        _("Virality"), _("How many shares come of one, and how fast they are opened."), virality
    ),
    "viral-links": Report(
        _("Viral links"), _("The links from whose shares the most shares came."), viral_links
    ),
    "generations": Report(
        _("Generations"),
        _("Shares and clicks by how often the content was passed on."),
        generations,
    ),
    "cascades": Report(
        _("Cascades"), _("How large and deep the trees of passed-on shares grew."), cascades
    ),
    "cascade": Report(_("Cascade"), _("Who passed on to whom, in the largest cascades."), cascade),
    "dark": Report(
        _("Dark social"), _("What travelled in private: measured, revealed and estimated."), dark
    ),
    "reconciliation": Report(
        _("Reconciliation"),
        _("What came in, against what it was counted as."),
        reconciliation,
        is_undivided=True,
    ),
}
