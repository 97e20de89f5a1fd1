"""What every share of a world came to, as far as anybody outside of it could know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from analytics.simulation.actions import Action, Conversion, Open, Press, Share, Trace, Visit
from analytics.simulation.apps import UNDIRECTED
from analytics.simulation.stage import World

ALIKE = (
    frozenset({"messenger", "facebook", "meta"}),
    frozenset({"sms", "imessage", "google-messages"}),
)
"""Names of one and the same thing, as far as requests can tell."""


@dataclass
class Life:
    """What was told of one share."""

    share: Share
    apps: set[str]
    """The apps that it was put into."""
    told: int | None = None
    """The place, in the order of its story, of the first fact that names it."""
    press: float | None = None
    """When its press was told of; of the address bar, the first arrival."""
    born: float = 0.0
    """When its first fact was told."""
    previews: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    visits: int = 0
    conversions: set[tuple[str, str]] = field(default_factory=set)
    traces: list[tuple[Trace, float]] = field(default_factory=list)
    parent: Life | None = None
    children: list[Life] = field(default_factory=list)

    @property
    def is_real(self) -> bool:
        """Whether a person made or used it."""
        if self.share.channel == "addressbar":
            return self.visits > 0
        was_used = bool(self.previews or self.clicks or self.visits)
        return not self.share.flagged and (self.press is not None or was_used)

    @property
    def start(self) -> float:
        return self.born if self.press is None else self.press

    @property
    def observed(self) -> str:
        """The app that the best and earliest trace names."""
        if not self.traces:
            return ""
        trace, _ = min(self.traces, key=lambda found: (found[0].rank, found[1]))
        return trace.app

    @property
    def own(self) -> str:
        """The app that it belongs to: what was pressed, unless that left it open."""
        return self.observed if self.share.channel in UNDIRECTED else self.share.channel

    @property
    def others(self) -> set[str]:
        """The other apps that it was seen in."""
        same = {self.own}.union(*(names for names in ALIKE if self.own in names))
        return {trace.app for trace, _ in self.traces} - same

    def family(self) -> Iterator[tuple[int, Life]]:
        """Yield itself and all that came of it, each with its generation."""
        waiting = [(0, self)]
        while waiting:
            generation, life = waiting.pop()
            yield generation, life
            waiting += [(generation + 1, child) for child in life.children]


def lives(world: World) -> list[Life]:
    """Return the life of every share, in the order of their numbers."""
    found = [Life(*pair) for pair in zip(world.shares, world.apps, strict=True)]
    for story in world.stories:
        for place, action in enumerate(story):
            if is_told(action) and (share := getattr(action, "share", None)) is not None:
                note(found[share], action, place)
    for life in found:
        parent = life.share.told_parent
        if parent is None or not (life.is_real and found[parent].is_real):
            continue
        # Nobody passes on what was not there yet.
        if life.told is not None and (found[parent].told or 0) < life.told:
            life.parent = found[parent]
            found[parent].children.append(life)
    return found


def is_told(action: Action) -> bool:
    """Tell whether an action makes the share known that it names."""
    match action:
        case Press():
            return action.by_person
        case Open() | Conversion() | Visit():
            return True
    return False


def note(life: Life, action: Action, place: int) -> None:
    """Add what an action tells of a share."""
    if life.told is None:
        life.told, life.born = place, action.at
    match action:
        case Press() if life.press is None:
            life.press = action.at
        case Open(kind="click" | "preview"):
            (life.clicks if action.kind == "click" else life.previews).append(action.at)
            if action.trace:
                life.traces.append((action.trace, action.at))
        case Conversion():
            life.conversions.add((action.visit, action.name))
        case Visit(navigation="navigate"):
            life.visits += action.by_person
            if life.share.channel == "addressbar" and life.press is None:
                life.press = action.at
