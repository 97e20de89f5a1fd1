"""Tags: content by the attribution tags that its links carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add

from analytics.models import DailyContent
from analytics.reports.question import Question
from analytics.reports.ranking import ALL, rank
from analytics.reports.rollups import of_links
from shortener.models import Campaign, Link

COLUMNS = ("clicks", "presses", "previews", "new_visitors", "visits", "conversions")


@dataclass(frozen=True, slots=True)
class TagRow:
    """What the links did that carry one value of a tag."""

    tag: str
    value: str
    """As it is written, but for the campaign's name. Empty: links without the tag."""
    links: int
    clicks: int
    presses: int
    previews: int
    daily_visitors: int
    visits: int
    conversions: int


def tags(question: Question) -> tuple[TagRow, ...]:
    """Return the values of a tag, or of each, the most clicked first."""
    rows = of_links(question, DailyContent)
    ranked, _ = rank(question, rows, COLUMNS, ALL, having=COLUMNS)
    carried = _carried(question)
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (1 + len(COLUMNS)))
    for link, *sums in ranked:
        for tag in _wanted(carried.get(link, {}), question.by):
            found[tag] = list(map(add, found[tag], (1, *sums)))
    order = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
    return tuple(TagRow(*tag, *sums) for tag, sums in order[question.part])


def _wanted(carried: dict[str, str], by: str) -> Iterator[tuple[str, str]]:
    if by:
        yield by, carried.get(by, "")
    else:
        yield from carried.items()


def _carried(question: Question) -> dict[int, dict[str, str]]:
    """Return the tags of the site's links: their own, else the campaign's, else the site's."""
    of_site: dict[str, str] = question.site.tags
    campaigns: dict[int | None, tuple[str, dict[str, str]]] = {None: ("{campaign}", of_site)}
    for pk, slug, of_campaign in Campaign.objects.filter(site=question.site).values_list(
        "pk", "slug", "tags"
    ):
        campaigns[pk] = slug, of_site | of_campaign
    found = {}
    links = Link.objects.filter(site=question.site, merged_into=None)
    for link, campaign, own in links.values_list("pk", "campaign", "tags"):
        slug, inherited = campaigns[campaign]
        found[link] = {
            name: value.replace("{campaign}", slug) for name, value in (inherited | own).items()
        }
    return found
