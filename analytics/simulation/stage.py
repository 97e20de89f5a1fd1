"""The stage that stories are told on, and what is left of them: the world."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from random import Random
from typing import NamedTuple

from analytics.simulation.actions import Action, Share
from analytics.simulation.apps import App
from analytics.simulation.habits import ARTICLES, Article
from analytics.simulation.people import People, Sender

MOST_PRESSES = 8
"""Of one visitor, as far as a server can tell visitors apart: more, in a time that is
squeezed together, would look like a machine's."""


class Scene(NamedTuple):
    """How large a world is, and what there is to read."""

    people: int
    articles: Sequence[Article] = ARTICLES
    """Of each site."""
    days: float = 7.0
    weekday: int = 0
    """Of the first day; 0 is a Monday."""
    presses: int | None = None
    """The most that a site may have; then it is on to the next one."""
    bursts: int = 0
    """How many machines press buttons."""


@dataclass
class World:
    """All that happened."""

    scene: Scene
    stories: list[list[Action]] = field(default_factory=list)
    """Each begins with somebody who came by themselves, and holds all that came of it, in
    its order. No two have a share in common."""
    shares: list[Share] = field(default_factory=list)
    apps: list[set[str]] = field(default_factory=list)
    """The apps that each of the shares was put into."""
    sites: int = 1

    @property
    def articles(self) -> int:
        """How many there are, on all sites; they are numbered from site to site."""
        return self.sites * len(self.scene.articles)

    def article(self, number: int) -> Article:
        return self.scene.articles[number % len(self.scene.articles)]

    def site(self, article: int) -> int:
        return article // len(self.scene.articles)

    def actions(self) -> list[Action]:
        """Return what happened, in the order of time."""
        return sorted((a for story in self.stories for a in story), key=attrgetter("at"))


class Passing(NamedTuple):
    """A link on its way: somebody put it into an app."""

    share: Share
    app: App
    at: float
    sender: Sender


class Stage:
    """What stories are told with."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.world = World(scene)
        # Reproducible, and no secret.
        self.random = Random(seed)  # noqa: S311
        self.people = People(self.random)
        self.people_left = scene.people
        self.passings: deque[Passing] = deque()
        self.visits = 0
        self._story: list[Action] = []
        self._presses: Counter[tuple[str, str]] = Counter()
        self._presses_here = 0

    def begin(self) -> None:
        """Begin a story, on a new site where the present one has had enough."""
        limit = self.world.scene.presses
        if limit is not None and self._presses_here > limit // 2:
            self.world.sites += 1
            self._presses_here = 0
        self._story = []

    def end(self) -> None:
        self._story.sort(key=attrgetter("at"))
        self.world.stories.append(self._story)

    def add(self, action: Action) -> None:
        self._story.append(action)

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def choose(self, weights: Sequence[float]) -> int:
        return self.random.choices(range(len(weights)), weights)[0]

    def article(self, number: int) -> int:
        """Return an article of the present site."""
        return (self.world.sites - 1) * len(self.world.scene.articles) + number

    def newcomer(self) -> Sender:
        self.people_left -= 1
        return self.people.person()

    def may_press(self, who: Sender) -> bool:
        """Tell whether one press more is nothing that a machine would do."""
        limit = self.world.scene.presses
        if limit is not None and self._presses_here >= limit:
            return False
        return self._presses[who.visitor] < MOST_PRESSES

    def count_press(self, who: Sender) -> None:
        self._presses_here += 1
        self._presses[who.visitor] += 1

    def share(
        self,
        article: int,
        channel: str,
        parent: int | None = None,
        *,
        is_told: bool = True,
        flagged: bool = False,
    ) -> Share:
        """Return a new share; ``is_told`` says whether the page knows of its parent."""
        share = Share(
            number=len(self.world.shares),
            article=article,
            channel=channel,
            parent=parent,
            told_parent=parent if is_told else None,
            flagged=flagged,
        )
        self.world.shares.append(share)
        self.world.apps.append(set())
        return share

    def put(self, share: Share, app: App, at: float, sender: Sender) -> None:
        """Put a link on its way."""
        self.world.apps[share.number].add(app.name)
        self.passings.append(Passing(share, app, at, sender))
