"""One look at a site: which of its links began to travel, go on, or have calmed down.

Whatever is found may be found twice, by two workers or after one was killed: a link has one
rise at a time, a rise one mail for each user, and the database sees to both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from analytics.alerts import course
from analytics.alerts.clicks import rising
from analytics.alerts.findings import Finding, Wholes
from analytics.alerts.rules import CALM, EVERY
from analytics.alerts.spread import spreading
from analytics.models import AlertLook, AlertMail, AlertSubscription, Rise
from shortener import demo
from shortener.models import Site


def watch(now: datetime | None = None) -> None:
    """Look at every site whose turn it is, except at the demo, whose readers never were."""
    now = now or timezone.now()
    for site in Site.objects.exclude(key=demo.SITE_KEY).order_by("pk"):
        if _is_turn(site, now):
            look(site, now)


def _is_turn(site: Site, now: datetime) -> bool:
    """Take a site's turn, unless somebody has it: two beats make no more looks than one."""
    AlertLook.objects.get_or_create(site=site, defaults={"at": datetime.min.replace(tzinfo=UTC)})
    rows = AlertLook.objects.filter(site=site, at__lte=now - EVERY * 0.9)
    return bool(rows.update(at=now))


def look(site: Site, now: datetime) -> list[Rise]:
    """Find the links of a site that travel now; return their rises."""
    found: dict[int, Finding] = {}
    for finding in (*rising(site, now), *spreading(site, now)):
        best = found.get(finding.link.pk)
        if best is None or (finding.reach, -finding.times) < (best.reach, -best.times):
            found[finding.link.pk] = finding
    courses = _courses(site, found.values())
    with transaction.atomic():
        rises = _write(site, found, courses, now)
        Rise.objects.filter(site=site, ended=None, seen__lte=now - CALM).update(ended=now)
        _tell(site, rises, now)
    return rises


def _courses(site: Site, findings: Iterable[Finding]) -> dict[int, course.Course]:
    """Return the latest hours of the links that were found."""
    zone = ZoneInfo(site.time_zone)
    hours = {finding.link.pk: finding.hour for finding in findings}
    if not hours:
        return {}
    wholes = Wholes(site, hours.keys())
    days = set().union(*map(course.past_days, set(hours.values())))
    clicks = wholes.add_up(course.read(wholes.parts, days))
    return {
        link: course.course(clicks[link], hour, course.born(wholes.links[link], zone), zone)
        for link, hour in hours.items()
    }


def _write(
    site: Site, found: dict[int, Finding], courses: dict[int, course.Course], now: datetime
) -> list[Rise]:
    """Begin the rises that are new, and bring those that go on up to date."""
    zone = ZoneInfo(site.time_zone)
    going_on = Rise.objects.filter(link__in=found.keys(), ended=None, seen__gt=now - CALM)
    known = set(going_on.values_list("link", flat=True))
    Rise.objects.filter(link__in=found.keys() - known, ended=None).update(ended=now)
    Rise.objects.bulk_create(
        [
            Rise(
                site=site,
                link=finding.link,
                measure=finding.measure,
                reach=finding.reach,
                began=course.beginning(finding.hour, zone),
                found=now,
                seen=now,
                count=finding.count,
                usual=finding.usual,
                shares=finding.shares,
                course=courses[link].to_json(),
            )
            for link, finding in found.items()
            if link not in known
        ],
        ignore_conflicts=True,
    )
    rises = list(
        Rise.objects.filter(link__in=found.keys(), ended=None).order_by("pk").select_for_update()
    )
    for rise in rises:
        finding = found[rise.link_id]
        rise.seen = now
        rise.course = courses[rise.link_id].to_json()
        if finding.reach < rise.reach or (
            finding.measure == rise.measure and finding.count > rise.count
        ):
            rise.reach = min(rise.reach, finding.reach)
            rise.measure, rise.count = finding.measure, finding.count
            rise.usual, rise.shares = finding.usual, finding.shares
    fields = ["seen", "course", "reach", "measure", "count", "usual", "shares"]
    Rise.objects.bulk_update(rises, fields)
    return rises


def _tell(site: Site, rises: Iterable[Rise], now: datetime) -> None:
    """Leave word for a mail to everybody who is to be told, and was not so far."""
    links = {rise.link_id: rise for rise in rises}
    rows = AlertSubscription.objects.filter(Q(site=site) | Q(link__in=links.keys()))
    # Those for a link come first: they decide.
    order = rows.order_by(F("link").asc(nulls_last=True))
    wanted: dict[tuple[int, int], int] = {}
    for subscription in order:
        for link in [subscription.link_id] if subscription.link_id else links:
            wanted.setdefault((link, subscription.user_id), subscription.sensitivity)
    AlertMail.objects.bulk_create(
        [
            AlertMail(rise=links[link], user_id=user, due=now)
            for (link, user), sensitivity in wanted.items()
            if sensitivity >= links[link].reach
        ],
        ignore_conflicts=True,
    )
