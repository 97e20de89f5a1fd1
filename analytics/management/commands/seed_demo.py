"""``manage.py seed_demo``: a month of readers for the demo magazine."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analytics import settle
from analytics.models import Batch, Outcome
from analytics.simulation.habits import Article
from analytics.simulation.stage import Scene
from analytics.simulation.telling import tell
from analytics.simulation.world import act_out
from shortener import demo, pages
from shortener.destinations import DEMO_PATH
from shortener.editions import ENGLISH, SPANISH
from shortener.models import Link, Site

WRITER = "seed-demo"
MOST_DAYS = 365
MOST_PEOPLE = 200_000
SEED = 7

ARTICLES = {
    "news": Article(appeal=1.9),
    # Copied, and then pasted into Telegram: what the previews reveal.
    "beans": Article(appeal=1.2, published=0.15, channel="copy", app="telegram"),
    "song": Article(appeal=1.0, published=0.4, channel="line"),
}
FRONT = Article(appeal=0.7)


class Command(BaseCommand):
    help = (
        "Fill the demo magazine with readers who never were: what they opened and passed on "
        "within the last days, for something to look at in the reports."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="How many, up to now (30).")
        parser.add_argument("--people", type=int, default=6_000, help="How many readers (6000).")
        parser.add_argument(
            "--again", action="store_true", help="Add more where this has been done before."
        )

    def handle(self, *, days: int, people: int, again: bool, **options: Any) -> None:
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days should be from 1 to {MOST_DAYS}.")
        if not 1 <= people <= MOST_PEOPLE:
            raise CommandError(f"--people should be from 1 to {MOST_PEOPLE:,}.")
        before = (
            Batch.objects.filter(writer__startswith=WRITER).values("writer").distinct().count()
        )
        if before and not again:
            raise CommandError("The demo magazine has had its readers. Use --again for more.")
        demo.ensure()
        links = make_links(Site.objects.get(key=demo.SITE_KEY))
        started = time.monotonic()
        now = datetime.now(UTC)
        start = datetime.combine(now.date(), datetime.min.time(), UTC) - timedelta(days=days - 1)
        scene = Scene(
            people=people,
            articles=[FRONT, *ARTICLES.values()] * 2,
            days=days,
            weekday=start.weekday(),
        )
        world = act_out(scene, SEED + before)
        told = tell(
            world,
            links,
            start=int(start.timestamp()),
            until=int(now.timestamp()),
            writer=f"{WRITER}-{before + 1}",
        )
        while settle.settle():
            pass
        shares = Outcome.objects.filter(pk__in=told.shares.values()).count()
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{people:,} readers of {len(links)} pages within {days} days, and "
            f"{shares:,} shares, told in {seconds:.1f} s."
        )


def make_links(site: Site) -> list[Link]:
    """Return the links of the magazine's pages, those of the front pages before the others'."""
    found = []
    for edition in (ENGLISH, SPANISH):
        found.append(link_to(site, edition.path, edition.title))
        articles = {article.name: article for article in edition.articles}
        for name in ARTICLES:
            article = articles[name]
            found.append(link_to(site, edition.path_of(article), article.title))
    return found


def link_to(site: Site, path: str, title: str) -> Link:
    """Return the link to a page, as the page's share buttons would have made it."""
    url = settings.PUBLIC_URL + path
    if path == DEMO_PATH and (link := demo.link()):
        return link
    return pages.find(site.pk, url) or Link.objects.get(pk=pages.register(site.pk, url, title, ""))
