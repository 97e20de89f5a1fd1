"""Links whose hourly clicks are far above their past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum

from analytics import tables
from analytics.alerts import course
from analytics.alerts.findings import Finding, Wholes
from analytics.alerts.past import DAY, expected, hour_number, sensitivity
from analytics.alerts.rules import BUSIEST, DAYS, PEOPLE, RULES, Measure
from analytics.classify import Kind
from analytics.models import DailyContent, Hit, Share
from shortener.channels import DIRECT
from shortener.labelled import LabelledShare
from shortener.models import Site

LEAST = RULES[-1].minimum[Measure.CLICKS]
"""Clicks with which a link is looked at."""

Window = tuple[int, int]
"""A link, and the number of an hour."""


def rising(site: Site, now: datetime) -> list[Finding]:
    """Return the links that have more clicks on shares than was to be expected.

    In the hour that is under way, which is compared with whole hours and so never looks more
    than it is, or in the one before.
    """
    zone = ZoneInfo(site.time_zone)
    hour = course.local_hour(now, zone)
    hours = (hour, hour - 1)
    busy = _busy(site, hours)
    wholes = Wholes(site, busy)
    clicks = wholes.add_up(course.read(wholes.parts, _days(hours)))
    windows = [
        (link, each)
        for link, numbers in clicks.items()
        for each in hours
        if numbers[each] >= LEAST
    ]
    chosen = _most_unusual(wholes, windows, clicks, hour)
    if not chosen:
        return []
    links = {link for link, _hour in chosen}
    parts = [part for part in wholes.parts if wholes.whole[part] in links]
    past = wholes.add_up(course.read(parts, course.past_days(hour) | course.past_days(hour - 1)))
    people = _people(wholes, parts, hours)
    unusual = {}
    for link, each in chosen:
        count = min(past[link][each], PEOPLE * people[link][each // DAY])
        to_be = expected(past[link], each, course.born(wholes.links[link], zone))
        if to_be and sensitivity(Measure.CLICKS, count, to_be):
            unusual[link, each] = count, to_be
    sent = _of_labels(wholes, {link for link, _hour in unusual}, course.beginning(hour - 1, zone))
    found = []
    for (link, each), (count, to_be) in unusual.items():
        count -= sent[link][each]
        if reach := sensitivity(Measure.CLICKS, count, to_be):
            whole = wholes.links[link]
            found.append(Finding(whole, Measure.CLICKS, reach, each, count, to_be.mean))
    return found


def _busy(site: Site, hours: Collection[int]) -> list[int]:
    """Return the links with enough clicks on these days to have them in one of the hours."""
    rows = (
        DailyContent.objects.filter(day__in=_days(hours), link__site=site)
        .exclude(channel=DIRECT.number)
        .values("link")
        .annotate(sum=Sum("clicks"))
        .filter(sum__gte=1)
        .order_by()
    )
    merged = Q(link__merged_into__isnull=False)
    return list(rows.filter(Q(sum__gte=LEAST) | merged).values_list("link", flat=True))


def _days(hours: Collection[int]) -> set[date]:
    return {date.fromordinal(hour // DAY) for hour in hours}


def _most_unusual(
    wholes: Wholes, windows: list[Window], clicks: Mapping[int, Mapping[int, int]], hour: int
) -> list[Window]:
    """Return as many as are looked at closely, those farthest above their last days first."""
    if len(windows) <= BUSIEST:
        return windows
    links = {link for link, _hour in windows}
    parts = [part for part in wholes.parts if wholes.whole[part] in links]
    today = date.fromordinal(hour // DAY)
    before = (today - timedelta(days=DAYS), today - timedelta(days=1))
    rows = DailyContent.objects.filter(link__in=tables.ids(parts), day__range=before)
    sums: Counter[int] = Counter()
    for part, number in rows.values_list("link").annotate(Sum("clicks")).order_by():
        sums[wholes.whole[part]] += number
    windows.sort(key=lambda window: clicks[window[0]][window[1]] / (DAY + sums[window[0]]))
    return windows[-BUSIEST:]


def _people(
    wholes: Wholes, parts: Collection[int], hours: Collection[int]
) -> Mapping[int, Mapping[int, int]]:
    """Return the daily visitors of links, by the number of the day."""
    rows = (
        DailyContent.objects.filter(day__in=_days(hours), link__in=tables.ids(parts))
        .exclude(channel=DIRECT.number)
        .values_list("link", "day")
        .annotate(Sum("visitors"))
        .order_by()
    )
    found: dict[int, Counter[int]] = {part: Counter() for part in parts}
    for part, day, visitors in rows:
        found[part][day.toordinal()] += visitors
    return wholes.add_up(found)


def _of_labels(
    wholes: Wholes, links: Collection[int], since: datetime
) -> Mapping[int, Mapping[int, int]]:
    """Return the clicks on shares that the brand itself has sent, by link and hour."""
    parts = [part for part in wholes.parts if wholes.whole[part] in links]
    found: dict[int, Counter[int]] = {part: Counter() for part in parts}
    labelled = LabelledShare.objects.filter(link__in=tables.ids(parts)).values("pk")
    shares = Share.objects.filter(pk__in=labelled, last_click__gte=since)
    if sent := list(shares.values_list("pk", flat=True)):
        hits = Hit.objects.filter(share__in=tables.ids(sent), kind=Kind.CLICK, at__gte=since)
        rows = hits.values_list("link", "day", "hour").annotate(Count("pk")).order_by()
        for part, day, hour, number in rows:
            found.setdefault(part, Counter())[hour_number(day, hour)] += number
    return wholes.add_up(found)
