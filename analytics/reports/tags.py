"""Tags: content by the attribution tags that its links carry."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from operator import add

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast

from analytics.models import DailyContent
from analytics.reports.question import Question
from analytics.reports.ranking import ALL, rank
from analytics.reports.rollups import of_links
from shortener.models import Campaign, Link

Tags = tuple[tuple[str, str], ...]
"""Names and values."""
COLUMNS = ("clicks", "presses", "previews", "new_visitors", "visits", "conversions")
WIDTH = 1 + len(COLUMNS)


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
    # Many links carry the same tags, and adding up is most of the work.
    alike: defaultdict[Tags, list[int]] = defaultdict(lambda: [0] * WIDTH)
    for link, *sums in ranked:
        carries = carried.get(link, ())
        alike[carries] = list(map(add, alike[carries], (1, *sums)))
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * WIDTH)
    for carries, sums in alike.items():
        for tag in _wanted(carries, question.by):
            found[tag] = list(map(add, found[tag], sums))
    order = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
    return tuple(TagRow(*tag, *sums) for tag, sums in order[question.part])


def _wanted(tags: Tags, by: str) -> Tags:
    return ((by, dict(tags).get(by, "")),) if by else tags


def _carried(question: Question) -> dict[int, Tags]:
    """Return the tags of the site's links: their own, else the campaign's, else the site's."""
    of_site: dict[str, str] = question.site.tags
    campaigns: dict[int | None, tuple[str, dict[str, str]]] = {None: ("{campaign}", of_site)}
    for pk, slug, of_campaign in Campaign.objects.filter(site=question.site).values_list(
        "pk", "slug", "tags"
    ):
        campaigns[pk] = slug, of_site | of_campaign

    @cache
    def together(campaign: int | None, own: str) -> Tags:
        slug, inherited = campaigns[campaign]
        tags = inherited | orjson.loads(own)
        return tuple((name, value.replace("{campaign}", slug)) for name, value in tags.items())

    links = Link.objects.filter(site=question.site, merged_into=None)
    rows = links.values_list("pk", "campaign", Cast("tags", TextField()))
    return {link: together(campaign, own) for link, campaign, own in rows}
