"""What becomes of a link that was put into an app: previews, machines, and who opens it."""

from __future__ import annotations

from dataclasses import replace

from analytics.simulation import habits
from analytics.simulation.actions import Open, Trace, Visit
from analytics.simulation.machines import BOTS, MICROSOFT, PLAIN_FIREFOX, SCANNERS
from analytics.simulation.people import PREFETCHES, Sender
from analytics.simulation.reading import any_app, read
from analytics.simulation.stage import Passing, Stage

PREVIEW, IN_APP, REFERRER = 1, 2, 3
PARTLY = (("Range", "bytes=0-524287"),)


def spread(stage: Stage, passing: Passing) -> None:
    """Have an app show a link, machines look at it, and people open it."""
    share, app, at, _ = passing
    if share.channel != "addressbar":
        # Otherwise it is the page's own address that is fetched and opened.
        show(stage, passing)
        look(stage, passing)
    if stage.happens(habits.SCRIPTED):
        script(stage, passing)
    for _ in range(min(habits.many(stage.random, app.openers), stage.people_left)):
        receive(stage, passing, at + habits.delay(stage.random, app.minutes, at))


def show(stage: Stage, passing: Passing) -> None:
    """Have the app fetch a preview, while the sender is still at it."""
    share, app, at, sender = passing
    if not app.fetchers or not stage.happens(habits.PREVIEWED):
        return
    who = stage.people.machine(stage.random.choice(app.fetchers))
    if app.from_sender:
        who = replace(who, network=sender.network)
    preview = Open(
        at=at,
        who=who,
        article=share.article,
        share=share.number,
        kind="preview",
        headers=PARTLY if app.shown_as else (),
        trace=Trace(PREVIEW, app.shown_as or app.name),
    )
    stage.add(preview)
    if stage.happens(habits.PREVIEWED_TWICE):
        stage.add(replace(preview, at=at + stage.random.uniform(60, 9_000)))


def look(stage: Stage, passing: Passing) -> None:
    """Have machines look at what was sent."""
    share, app, at, _ = passing
    if app.name in {"email", "teams"} and stage.happens(habits.MICROSOFT_LOOKS):
        probe(stage, passing, at + 2, "preview", MICROSOFT, "HEAD")
    if app.name == "email" and stage.happens(habits.SCANNED):
        method = "HEAD" if stage.happens(0.3) else "GET"
        agent = PLAIN_FIREFOX if method == "HEAD" else stage.random.choice(SCANNERS)
        probe(stage, passing, at + 3, "scanner", agent, method)
    if app.name in {"facebook", "x"} and stage.happens(habits.CRAWLED_IN_PUBLIC):
        crawl(stage, share.article, at + 60, share.number)


def probe(stage: Stage, passing: Passing, at: float, kind: str, agent: str, method: str) -> None:
    share = passing.share
    who = stage.people.machine(agent)
    stage.add(
        Open(at=at, who=who, article=share.article, share=share.number, kind=kind, method=method)
    )


def crawl(stage: Stage, article: int, at: float, share: int | None) -> None:
    """Have a bot follow a link."""
    who = stage.people.machine(stage.random.choice(BOTS))
    stage.add(Open(at=at, who=who, article=article, share=share, kind="bot"))


def script(stage: Stage, passing: Passing) -> None:
    """Have something land on the page that runs scripts and is no person."""
    share, _, at, _ = passing
    is_honest = stage.happens(0.5)
    who = stage.people.machine(BOTS[0]) if is_honest else stage.people.alone()
    visit = Visit(
        at=at + 5,
        who=who,
        article=share.article,
        share=share.number,
        parent=share.told_parent if share.channel == "addressbar" else None,
        automated=not is_honest,
        by_person=False,
    )
    stage.add(visit)


def receive(stage: Stage, passing: Passing, at: float) -> None:
    """Have somebody open what they were sent, and read it, and perhaps forward it."""
    share, app, _, _ = passing
    who, referrer, trace = stage.newcomer(), "", None
    is_inside = stage.happens(app.inside)
    if is_inside:
        who = stage.people.inside(who, stage.random.choice(app.browsers))
        trace = Trace(IN_APP, app.name)
    elif stage.happens(app.refers):
        referrer = stage.random.choice(app.referrers)
        trace = Trace(REFERRER, app.name)
    if share.channel != "addressbar":
        open_(stage, passing, at, who, referrer, trace, may_prefetch=not is_inside)
        if stage.happens(habits.FORWARDS):
            later = at + stage.random.uniform(30, 3_000)
            stage.put(share, any_app(stage), later, who)
    if not stage.happens(habits.LEAVES_AT_ONCE):
        read(stage, who, at + stage.random.uniform(1, 4), share.article, share, referrer)


def open_(
    stage: Stage,
    passing: Passing,
    at: float,
    who: Sender,
    referrer: str,
    trace: Trace | None,
    *,
    may_prefetch: bool,
) -> None:
    share = passing.share
    opening = Open(
        at=at,
        who=who,
        article=share.article,
        share=share.number,
        kind="click",
        referrer=referrer,
        trace=trace,
    )
    if may_prefetch and stage.happens(habits.PREFETCHED):
        header = stage.random.choice(PREFETCHES)
        stage.add(
            replace(
                opening, at=at - 0.5, kind="prefetch", referrer="", headers=(header,), trace=None
            )
        )
    stage.add(opening)
    if stage.happens(habits.OPENS_AGAIN):
        stage.add(replace(opening, at=at + stage.random.uniform(300, 40_000)))
