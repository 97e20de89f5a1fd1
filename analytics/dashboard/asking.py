"""What a page's address asks, and the bar of pickers that asks something else.

Everything asked stays in the address, so that a page can be kept, sent, and gone back to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.dashboard.words import Words
from analytics.reports.params import Period
from analytics.reports.question import Question, first_day, today
from shortener.access import sites_of
from shortener.channels import BY_NUMBER, CHANNELS
from shortener.models import Campaign

PERIODS = (7, 28, 91, 365)
COMPARISONS: dict[str, Words] = {
    "before": gettext_lazy("the period before"),
    "year": gettext_lazy("52 weeks earlier"),
    "none": gettext_lazy("nothing"),
}
GRANULARITIES: dict[str, Words] = {
    "day": gettext_lazy("days"),
    "week": gettext_lazy("weeks"),
    "month": gettext_lazy("months"),
}
MAX_CAMPAIGNS = 200
PARTLY = ("campaign", "links", "tags", "channels")
"""What narrows a question down to a part of the site."""


class Choice(NamedTuple):
    """One of the periods to choose with one press."""

    label: str
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks: a question, or what is wrong with it."""

    params: dict[str, str]
    question: Question | None
    errors: Sequence[str] = ()
    fixed: frozenset[str] = frozenset()
    """The parameters that the page itself decides, so that there is nothing to pick."""

    @property
    def query(self) -> str:
        return urlencode(self.question.params if self.question else self.params)


def ask(request: HttpRequest, **fixed: str) -> Asked:
    """Read the address; the first of the user's sites is meant where it names none.

    ``fixed`` are parameters that the page itself decides.
    """
    params = asked_params(request, **fixed)
    sites = sites_of(request.user)
    in_full = request.user.has_perm("analytics.view_hit")
    try:
        question = Question.from_params(params, sites, in_full=in_full)
    except ValidationError as error:
        said = {name: str(value) for name, value in params.items()}
        return Asked(said, None, error.messages, frozenset(fixed))
    return Asked(question.params, question, fixed=frozenset(fixed))


def asked_params(request: HttpRequest, **fixed: str) -> QueryDict:
    """Return the parameters of the address; of a site, where it names none."""
    params = QueryDict(mutable=True)
    params.update(request.GET)
    for name, value in fixed.items():
        params[name] = value
    if not params.get("site"):
        sites = sites_of(request.user).order_by("name")
        params["site"] = sites.values_list("key", flat=True).first() or ""
    return params


def bar(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Return what the bar of pickers shows, and what every page says of its question."""
    question = asked.question
    context: dict[str, Any] = {
        "sites": sites_of(request.user).order_by("name"),
        "params": asked.params,
        "fixed": asked.fixed,
        "errors": asked.errors,
        "question": question,
        "query": asked.query,
        "comparisons": COMPARISONS.items(),
        "granularities": GRANULARITIES.items(),
        "channel_choices": [
            channel for channel in CHANNELS if channel.number and channel in BY_NUMBER.values()
        ],
    }
    if question:
        campaigns = Campaign.objects.filter(site=question.site).order_by("name")
        context |= {
            "periods": periods(question),
            "compared": compared(question),
            "campaigns": campaigns.values_list("slug", "name")[:MAX_CAMPAIGNS],
            "narrowed": {
                name for name in PARTLY if asked.params.get(name) and name not in asked.fixed
            },
            "without_filters": urlencode(
                {name: value for name, value in asked.params.items() if name not in PARTLY}
            ),
        }
    return context


def periods(question: Question) -> list[Choice]:
    """Return the periods to choose from with one press."""
    end = today(question.site)
    first_of_month = end.replace(day=1)
    last_month = first_of_month - timedelta(1)
    days = [
        (ngettext("%(number)s day", "%(number)s days", number) % {"number": number}, number)
        for number in PERIODS
    ]
    choices = [(label, first_day(end, number), end) for label, number in days]
    choices.append((_("This month"), first_of_month, end))
    choices.append((_("Last month"), last_month.replace(day=1), last_month))
    return [_choice(question, *choice) for choice in choices]


def _choice(question: Question, label: str, start: date, end: date) -> Choice:
    params = question.params | {"from": str(start), "to": str(end)}
    for name in ("page", "compare_from", "compare_to"):
        params.pop(name, None)
    # Today is meant where no last day is named, tomorrow as well.
    if end == today(question.site):
        params.pop("to")
    is_current = (question.start, question.end) == (start, end)
    return Choice(label, urlencode(params), is_current)


def compared(question: Question) -> str:
    """Say which period stands beside the one that was asked for; empty where none does."""
    before = question.before
    if before is None:
        return ""
    start, end = (date_format(day, "SHORT_DATE_FORMAT") for day in (before.start, before.end))
    return _("compared with %(start)s to %(end)s") % {"start": start, "end": end}


def comparison(question: Question) -> str:
    """Return the word for what the question is compared with."""
    return "custom" if isinstance(question.comparison, Period) else question.comparison
