"""What is true of a world, figure by figure, as far as anybody outside of it could know.

Each figure is a sum by cells: an article and a channel, a share, a country. It is added up
from what was done and by whom, never from what a request looked like.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from analytics.simulation.actions import Action, Cancel, Conversion, Offer, Open, Press, Visit
from analytics.simulation.apps import APPS, UNDIRECTED
from analytics.simulation.habits import DAY
from analytics.simulation.lives import Life, lives
from analytics.simulation.stage import World

Figures = dict[str, Counter[str]]

FIGURES = (
    "offers",
    "presses",
    "cancels",
    "clicks",
    "previews",
    "prefetches",
    "scanners",
    "bots",
    "people by agent",
    "machines by agent",
    "visitors",
    "daily visitors of articles",
    "visits",
    "dark_visits",
    "conversions",
    "worth in cents",
    "sums of sites",
    "declared channels",
    "flagged presses",
    "clicks of shares",
    "visits of shares",
    "revealed shares",
    "forwards",
    "funnel",
    "parents",
    "generations",
    "cascades",
    "countries",
    "devices",
    "languages",
    "referrers",
)
KINDS = {
    "click": "clicks",
    "preview": "previews",
    "prefetch": "prefetches",
    "scanner": "scanners",
    "bot": "bots",
}
LINK = "link"
"""The channel of an article's own code."""
PUBLIC = frozenset({"facebook", "x", "meta"})
PRIVATE = frozenset(name for app in APPS for name in (app.name, app.shown_as) if name) - PUBLIC
"""What evidence can name that is read by those only to whom it was sent."""
WINDOW = 7 * DAY
"""Within which a share passed on counts for the K-factor."""


def figures(world: World, *, squeezed: bool = False) -> Figures:
    """Return all figures; ``squeezed`` says that everything was played in no time."""
    book = Book(world, squeezed=squeezed)
    for story in world.stories:
        for action in story:
            book.add(action)
    found = lives(world)
    for life in found:
        book.add_life(life)
    for life in found:
        if life.is_real and life.parent is None:
            book.add_family(life)
    return {figure: book.figures[figure] for figure in FIGURES}


class Book:
    """Adds up what happened."""

    def __init__(self, world: World, *, squeezed: bool) -> None:
        self.world = world
        self.squeezed = squeezed
        self.figures: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._conversions: set[tuple[str, str]] = set()
        self._visitors: set[tuple[object, ...]] = set()

    def count(self, figure: str, *cell: object, number: int = 1) -> None:
        self.figures[figure][" ".join(map(str, cell))] += number

    def add(self, action: Action) -> None:
        """Add what happened to the figures of the day on which it did."""
        channel = self.channel(action)
        match action:
            case Offer():
                self.happened("offers", action.article, LINK)
            case Press(by_person=True) if not self.world.shares[action.share].flagged:
                self.happened("presses", action.article, channel)
            case Cancel():
                self.happened("cancels", action.article, channel)
            case Visit(by_person=True, navigation="navigate"):
                self.happened("visits", action.article, channel)
                is_front = self.world.article(action.article).is_front
                if action.share is None and not action.referrer and not is_front:
                    self.happened("dark_visits", action.article, LINK)
            case Conversion() if (action.visit, action.name) not in self._conversions:
                self._conversions.add((action.visit, action.name))
                self.happened("conversions", action.article, channel)
                self.count("worth in cents", action.name, number=action.cents)
            case Open():
                self.add_open(action, channel)

    def channel(self, action: Action) -> str:
        share = getattr(action, "share", None)
        return LINK if share is None else self.world.shares[share].channel

    def happened(self, column: str, article: int, channel: str) -> None:
        self.count(column, article, channel)
        self.count("sums of sites", self.world.site(article), channel, column)

    def add_open(self, action: Open, channel: str) -> None:
        self.happened(KINDS[action.kind], action.article, channel)
        who = action.who
        if action.kind != "click":
            self.count("machines by agent", KINDS[action.kind], who.agent)
            return
        self.count("people by agent", who.agent)
        referrer = action.referrer.split("/")[2] if action.referrer else ""
        for figure, value in (
            ("countries", who.country),
            ("devices", who.device),
            ("languages", who.language),
            ("referrers", referrer),
        ):
            if value:
                self.count(figure, value)
        if not who.private:
            self.add_visitor(action, channel)

    def add_visitor(self, action: Open, channel: str) -> None:
        day = 0 if self.squeezed else int(action.at // DAY)
        key = action.article, day, action.who.visitor
        if key not in self._visitors:
            self._visitors.add(key)
            self.count("daily visitors of articles", action.article)
        if (*key, channel) not in self._visitors:
            self._visitors.add((*key, channel))
            self.happened("visitors", action.article, channel)

    def add_life(self, life: Life) -> None:
        """Add what became of a share to the figures of the day on which it started."""
        share = life.share
        if life.told is not None:
            self.count("declared channels", share.number, share.channel)
        if life.told is not None and share.flagged:
            self.count("flagged presses", share.number)
        if not life.is_real:
            return
        if share.channel == "addressbar":
            self.happened("presses", share.article, share.channel)
        self.count("clicks of shares", share.number, number=len(life.clicks))
        self.count("visits of shares", share.number, number=life.visits)
        if life.parent:
            self.count("parents", share.number, "from", life.parent.share.number)
        if share.channel in UNDIRECTED and life.observed in PRIVATE:
            self.count("revealed shares", share.number)
        for other in life.others:
            self.count("forwards", share.article, life.own or LINK, "into", other)
        self.add_funnel(life)

    def add_funnel(self, life: Life) -> None:
        prompt = len([c for c in life.children if self.squeezed or c.start - life.start <= WINDOW])
        steps = {
            "shares": 1,
            "pressed": life.press is not None,
            "pasted": bool(life.previews),
            "opened": bool(life.clicks),
            "passed_on": bool(life.children),
            "converted": bool(life.conversions),
            "clicks": len(life.clicks),
            "visits": life.visits,
            "conversions": len(life.conversions),
            "children": len(life.children),
            "prompt_children": prompt,
            "prompt_children_squared": prompt * prompt,
        }
        site = self.world.site(life.share.article)
        for step, number in steps.items():
            self.count("funnel", site, life.share.channel, step, number=int(number))

    def add_family(self, root: Life) -> None:
        """Add a first share and all that came of it."""
        family = list(root.family())
        for generation, life in family:
            self.count("generations", life.share.number, number=generation)
        if len(family) > 1:
            number = root.share.number
            self.count("cascades", number, "size", number=len(family))
            self.count("cascades", number, "depth", number=max(depth for depth, _ in family))
            self.count("cascades", number, "distances", number=distances(root))
            clicks = sum(len(life.clicks) for _, life in family)
            self.count("cascades", number, "clicks", number=clicks)


def distances(root: Life) -> int:
    """Return the distances between all pairs of a cascade's shares, walked one by one."""
    family = [life for _, life in root.family()]
    total = 0
    for start in family:
        seen = {start.share.number}
        edge: list[Life] = [start]
        steps = 0
        while edge:
            total += steps * len(edge)
            steps += 1
            near = [n for life in edge for n in neighbours(life) if n.share.number not in seen]
            seen.update(life.share.number for life in near)
            edge = near
    return total // 2


def neighbours(life: Life) -> Iterable[Life]:
    return [*life.children, *([life.parent] if life.parent else [])]
