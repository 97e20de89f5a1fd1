"""What somebody does on a page: read, convert, pass it on, leave."""

from __future__ import annotations

from analytics.simulation import habits
from analytics.simulation.actions import Cancel, Conversion, Offer, Press, Share, Visit
from analytics.simulation.apps import APPS, BUTTONS, BY_NAME, UNDIRECTED, App
from analytics.simulation.people import Sender
from analytics.simulation.stage import Stage

MOSTLY = 0.6
"""The part of an article's shares that go the way it mostly goes."""


def read(
    stage: Stage,
    who: Sender,
    at: float,
    article: int,
    came_by: Share | None = None,
    referrer: str = "",
) -> None:
    """Have somebody read an article; ``came_by`` is the share that brought them, if any."""
    # The page keeps nothing of whoever asks for privacy, nor tells of their visit.
    known = None if who.private else came_by
    if not who.private and not stage.happens(habits.VISIT_LOST):
        land(stage, who, at, article, came_by, referrer)
    if stage.happens(habits.CONVERTS):
        convert(stage, who, at + stage.random.uniform(20, 400), article, known)
    if stage.happens(habits.GOES_ELSEWHERE):
        article = stage.article(stage.choose(habits.first_hand(stage.world.scene.articles)))
    if stage.happens(habits.SEES_BUTTONS):
        see_buttons(stage, who, at + stage.random.uniform(15, 180), article, came_by, known)


def land(
    stage: Stage, who: Sender, at: float, article: int, came_by: Share | None, referrer: str
) -> None:
    """Have a page tell that somebody landed on it."""
    share, parent = None, None
    if came_by:
        share, article = came_by.number, came_by.article
        if came_by.channel == "addressbar":
            parent = came_by.told_parent
    visit = Visit(at=at, who=who, article=article, share=share, parent=parent, referrer=referrer)
    stage.add(visit)
    if stage.happens(habits.RELOADS):
        again = Visit(
            at=at + stage.random.uniform(5, 60),
            who=who,
            article=article,
            share=share,
            parent=parent,
            referrer=referrer,
            navigation=stage.random.choice(("reload", "back_forward")),
        )
        stage.add(again)


def convert(stage: Stage, who: Sender, at: float, article: int, known: Share | None) -> None:
    """Have a visit lead to something; pages tell that more than once now and then."""
    stage.visits += 1
    conversion = Conversion(
        at=at,
        who=who,
        article=known.article if known else article,
        share=known.number if known else None,
        visit=f"visit-{stage.visits}",
        name=stage.random.choice(("newsletter", "subscription", "order")),
        cents=stage.random.randrange(500, 9_000),
    )
    stage.add(conversion)
    if stage.happens(habits.CONVERTS_TWICE):
        stage.add(conversion)


def see_buttons(
    stage: Stage, who: Sender, at: float, article: int, came_by: Share | None, known: Share | None
) -> None:
    """Have somebody come near the buttons, and perhaps use them."""
    appeal = stage.world.article(article).appeal
    shares: list[int] = []
    copied = None
    if not who.private and stage.happens(habits.COPIES_ADDRESS * appeal):
        copied = stage.share(article, "addressbar", came_by.number if came_by else None)
        shares.append(copied.number)
    is_pressed = stage.happens(min(0.9, habits.PRESSES * appeal)) and stage.may_press(who)
    if is_pressed:
        pressed = press(stage, who, at + stage.random.uniform(2, 30), article, came_by, known)
        shares.append(pressed.number)
    stage.add(Offer(at=at, who=who, article=article, shares=tuple(shares)))
    if copied:
        pass_on(stage, who, at + 40, copied)
    if is_pressed and stage.happens(habits.PRESSES_AGAIN) and stage.may_press(who):
        again = press(stage, who, at + 70, article, came_by, known)
        stage.add(Offer(at=at + 45, who=who, article=article, shares=(again.number,)))


def press(
    stage: Stage, who: Sender, at: float, article: int, came_by: Share | None, known: Share | None
) -> Share:
    """Have somebody press a button; return the share that it makes."""
    habit = stage.world.article(article).channel
    channel = habit if habit and stage.happens(MOSTLY) else button(stage)
    is_told = not stage.happens(habits.PRESS_LOST)
    share = stage.share(
        article,
        channel,
        came_by.number if came_by else None,
        is_told=is_told and known is not None,
    )
    stage.count_press(who)
    if channel == "native" and stage.happens(habits.CANCELS):
        stage.add(Cancel(at=at, who=who, article=article, share=share.number))
        return share
    # Beacons may be late: told when the link has been opened already.
    late = stage.random.uniform(60, 3_000) if stage.happens(0.03) else 0.0
    if is_told:
        stage.add(
            Press(
                at=at + late,
                who=who,
                article=article,
                share=share.number,
                parent=share.told_parent,
                placement=stage.random.choice(habits.PLACEMENTS),
            )
        )
    pass_on(stage, who, at, share)
    return share


def button(stage: Stage) -> str:
    names = list(BUTTONS)
    return names[stage.choose(list(BUTTONS.values()))]


def pass_on(stage: Stage, who: Sender, at: float, share: Share) -> None:
    """Put a link on its way, into the app that it was meant for or that somebody chose."""
    if share.channel not in UNDIRECTED:
        app = BY_NAME[share.channel]
    else:
        habit = stage.world.article(share.article).app
        app = BY_NAME[habit] if habit and stage.happens(MOSTLY) else any_app(stage)
    stage.put(share, app, at + stage.random.uniform(2, 20), who)


def any_app(stage: Stage) -> App:
    """Return the app that somebody puts a link into when nothing suggests one."""
    return APPS[stage.choose([app.weight for app in APPS])]
