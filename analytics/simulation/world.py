"""A world: who reads, passes on, opens and passes on again, until nobody is left.

Everything is decided here, by one source of random numbers, before anything is sent: the
same seed always tells the same stories.
"""

from __future__ import annotations

from analytics.simulation import habits
from analytics.simulation.actions import Offer, Open, Press
from analytics.simulation.reading import read
from analytics.simulation.spreading import crawl, spread
from analytics.simulation.stage import Scene, Stage, World

BURST = 20
"""Presses of a machine at once, told in one request."""
BELIEVED = 10
"""Of these, the ones that a person could have made."""


def act_out(scene: Scene, seed: int) -> World:
    """Return the world that comes of a scene and a seed."""
    stage = Stage(scene, seed)
    while stage.people_left > 0:
        tell(stage)
    for _ in range(scene.bursts):
        tell_of_burst(stage)
    return stage.world


def tell(stage: Stage) -> None:
    """Tell of somebody who comes by themselves, and of all who come after them."""
    stage.begin()
    scene = stage.world.scene
    article = stage.article(stage.choose(habits.first_hand(scene.articles)))
    at = habits.moment(stage.random, stage.world.article(article), scene.days, scene.weekday)
    who = stage.newcomer()
    if stage.happens(habits.BY_LINK_ITSELF):
        stage.add(Open(at=at, who=who, article=article, kind="click"))
        read(stage, who, at + 1, article)
    else:
        read(stage, who, at, article, referrer=stage.random.choice(habits.REFERRERS))
    if stage.happens(habits.CRAWLED):
        crawl(stage, article, at, None)
    while stage.passings:
        spread(stage, stage.passings.popleft())
    stage.end()


def tell_of_burst(stage: Stage) -> None:
    """Tell of a machine that poses as a browser and presses faster than anybody can."""
    stage.begin()
    article = stage.article(0)
    scene = stage.world.scene
    at = habits.moment(stage.random, stage.world.article(article), scene.days, scene.weekday)
    who = stage.people.alone()
    shares = [
        stage.share(article, "whatsapp", flagged=number >= BELIEVED) for number in range(BURST)
    ]
    for share in shares:
        stage.add(Offer(at=at, who=who, article=article, shares=(share.number,)))
    for share in shares:
        stage.add(
            Press(
                at=at + 1, who=who, article=article, share=share.number, parent=None, placement=""
            )
        )
    for _ in range(BELIEVED):
        stage.count_press(who)
    stage.end()
