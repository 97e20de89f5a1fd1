"""What people are like: numbers that a world is made of, none of them the product's."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from random import Random
from typing import NamedTuple

DAY = 86_400.0
HOUR = 3_600.0


class Article(NamedTuple):
    """Something to read."""

    appeal: float = 1.0
    """How much more than others it is passed on."""
    published: float = 0.0
    """After which part of the time there is."""
    is_front: bool = False
    """Whether it is its site's front page, whose address people type."""
    channel: str = ""
    """The button that it is mostly shared with, if there is one."""
    app: str = ""
    """The app that it mostly ends in, where the button leaves that open."""


ARTICLES = (Article(0.7, is_front=True), Article(1.0), Article(1.3), Article(1.9))

BY_LINK_ITSELF = 0.08
"""First-hand readers who come by the link's own code, from a newsletter or a poster."""
REFERRERS = (
    "",
    "",
    "",
    "",
    "https://www.google.com/",
    "https://duckduckgo.com/",
    "https://news.example/",
)
CRAWLED = 0.01

STEADY = 0.65
"""First-hand readers who do not come because an article is new."""

SEES_BUTTONS = 0.75
PRESSES = 0.19
"""Of those who see the buttons, on an article of appeal 1."""
PRESSES_AGAIN = 0.12
CANCELS = 0.2
"""Of those who open the device's own sheet."""
PRESS_LOST = 0.015
"""Of the presses, those that the page could not tell of."""
COPIES_ADDRESS = 0.06
GOES_ELSEWHERE = 0.08
"""What they pass on is then another article of the site."""
CONVERTS = 0.04
CONVERTS_TWICE = 0.15
"""Of the conversions, those that are told twice."""
RELOADS = 0.05
VISIT_LOST = 0.03

PREVIEWED = 0.94
PREVIEWED_TWICE = 0.12
MICROSOFT_LOOKS = 0.2
SCANNED = 0.35
CRAWLED_IN_PUBLIC = 0.6
PREFETCHED = 0.07
OPENS_AGAIN = 0.12
LEAVES_AT_ONCE = 0.06
FORWARDS = 0.07
SCRIPTED = 0.02
"""Links that something opens which runs the page's script."""

BY_HOUR = (1, 1, 1, 1, 1, 2, 5, 9, 10, 8, 7, 7, 10, 9, 7, 6, 7, 9, 11, 13, 14, 13, 8, 3)
BY_WEEKDAY = (1.0, 1.0, 1.0, 1.0, 0.95, 0.7, 0.75)
PLACEMENTS = ("top", "end", "sheet", "")


def first_hand(articles: Sequence[Article]) -> list[float]:
    """Return how many come to each article by themselves."""
    return [1.6 if article.is_front else 1.0 for article in articles]


def moment(random: Random, article: Article, days: float, weekday: int) -> float:
    """Return when somebody comes to an article by themselves, in seconds."""
    while True:
        age = random.random() if random.random() < STEADY else random.betavariate(1, 5)
        day = int((article.published + (1 - article.published) * age) * days)
        if random.random() < BY_WEEKDAY[(weekday + day) % 7]:
            break
    hour = random.choices(range(24), BY_HOUR)[0]
    return day * DAY + hour * HOUR + random.uniform(0, HOUR)


def delay(random: Random, minutes: float, at: float) -> float:
    """Return how many seconds it takes somebody to open what was sent at a moment."""
    seconds = random.lognormvariate(log(minutes * 60), 1.3)
    hour = (at + seconds) % DAY / HOUR
    if hour < 6 and random.random() < 0.8:
        seconds += (6 - hour) * HOUR + random.uniform(0, 3 * HOUR)
    return seconds


def many(random: Random, mean: float) -> int:
    """Return how many people do something: mostly few, sometimes very many."""
    return int(random.expovariate(1 / mean) + 0.5)
