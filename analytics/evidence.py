"""What has to arrive from a page whose share buttons work, and how to tell that it has.

The rollups of the page's link tell whether, at a cost that does not grow; the rows behind
them are asked once for when and how.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.classify import Kind
from analytics.models import DailyContent, Hit, Share
from shortener.channels import BY_NUMBER, Channel
from shortener.models import Link

COUNTED = ("offers", "visits", "presses", "previews", "clicks")
PREVIEW_DAYS = 30
PREVIEWS_SHOWN = 50
HITS_SEARCHED = 100_000
"""How many of the newest hits are searched for previews: hits have no index by link."""

Sight = tuple[datetime, str]
"""When something was first seen, and what is known of it."""


def notice(link: Link, since: datetime) -> Sight:
    """Say that it is here now: of page views there is nothing but a number."""
    return timezone.now(), ""


def find_press(link: Link, since: datetime) -> Sight:
    share = Share.objects.filter(link=link, pressed__gte=since).order_by("-pk").first()
    if share is None or share.pressed is None:
        return notice(link, since)
    words = [BY_NUMBER[share.channel].title]
    if share.placement:
        words.append(_("placement “%(place)s”") % {"place": share.placement})
    words.append(
        _("passed on from another share") if share.parent else _("the first of its chain")
    )
    return share.pressed, ", ".join(words)


def find_hit(kind: Kind, revealed: Promise) -> Callable[[Link, datetime], Sight]:
    def find(link: Link, since: datetime) -> Sight:
        hit = Hit.objects.filter(at__gte=since, link=link, kind=kind).order_by("at").first()
        if hit is None:
            return notice(link, since)
        made_for = {"channel": BY_NUMBER[hit.channel].title}
        words = _("link made for %(channel)s") % made_for if hit.channel else _("short link")
        if hit.observed:
            words += ", " + str(revealed) % {"channel": BY_NUMBER[hit.observed].title}
        return hit.at, words

    return find


class Step(NamedTuple):
    """One thing that has to arrive."""

    name: str
    title: Promise
    counters: tuple[str, ...]
    """The rollups' columns that grow with it."""
    advice: Promise
    """What to do for it to come."""
    find: Callable[[Link, datetime], Sight] = notice


STEPS = (
    Step(
        "script",
        gettext_lazy("The script runs"),
        ("offers", "visits"),
        gettext_lazy("Open the page in another tab."),
    ),
    Step(
        "offer",
        gettext_lazy("The buttons have their codes"),
        ("offers",),
        gettext_lazy("Scroll to the buttons there: they ask for codes when they come into view."),
    ),
    Step(
        "press",
        gettext_lazy("A button was pressed"),
        ("presses",),
        gettext_lazy("Press a button there, and send the message to yourself."),
        find_press,
    ),
    Step(
        "preview",
        gettext_lazy("A messenger fetched the preview"),
        ("previews",),
        gettext_lazy("Paste the link into a chat. Most messengers fetch it while you type."),
        find_hit(Kind.PREVIEW, gettext_lazy("fetched by %(channel)s")),
    ),
    Step(
        "click",
        gettext_lazy("Somebody opened the link"),
        ("clicks",),
        gettext_lazy("Open the link from the chat."),
        find_hit(Kind.CLICK, gettext_lazy("opened from %(channel)s")),
    ),
)


def counts(link: Link | None, since: datetime) -> dict[str, int]:
    """Return what the rollups say of a link from the day before on.

    A day's counters carry no time, and the day of a site may be behind that of UTC.
    """
    if link is None:
        return dict.fromkeys(COUNTED, 0)
    rows = DailyContent.objects.filter(link=link, day__gte=(since - timedelta(days=1)).date())
    sums = rows.aggregate(**{f"sum_{name}": Sum(name) for name in COUNTED})
    return {name: sums[f"sum_{name}"] or 0 for name in COUNTED}


def arrived(
    link: Link, since: datetime, start: Mapping[str, int], known: Mapping[str, Sight]
) -> dict[str, Sight]:
    """Return the steps that are there by now and were not known before."""
    now = counts(link, since)
    return {
        step.name: step.find(link, since)
        for step in STEPS
        if step.name not in known and any(now[name] > start[name] for name in step.counters)
    }


@dataclass(frozen=True, slots=True)
class Preview:
    """Requests for previews that look the same."""

    channel: Channel | None
    user_agent: str
    request: list[str]
    """The method and what the headers say, a line each."""
    latest: datetime
    count: int

    @property
    def icon(self) -> str:
        """The template of the channel's icon; only those with a button have one."""
        if self.channel is None or not self.channel.has_button:
            return ""
        return f"shortener/icons/{self.channel.name}.svg"


def previews(link: Link) -> list[Preview]:
    """Return how messengers fetched a link of late, the last first."""
    since = timezone.now() - timedelta(days=PREVIEW_DAYS)
    if not DailyContent.objects.filter(link=link, day__gte=since.date(), previews__gt=0).exists():
        return []
    newest = Hit.objects.aggregate(newest=Max("pk"))["newest"] or 0
    hits = Hit.objects.filter(pk__gt=newest - HITS_SEARCHED, link=link, kind=Kind.PREVIEW)
    rows = hits.values_list("observed", "agent__user_agent", "agent__signals")
    alike = rows.filter(at__gte=since).annotate(latest=Max("at"), count=Count("pk"))
    return [
        Preview(BY_NUMBER[observed] if observed else None, agent, signals.split("\n"), *rest)
        for observed, agent, signals, *rest in alike.order_by("-latest")[:PREVIEWS_SHOWN]
    ]
