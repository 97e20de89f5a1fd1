"""A few days of a site, for reports to tell: two links, their shares, and what became of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from analytics import settle
from shortener.models import Link, Site
from tests.factories import make_campaign, make_link, make_site
from tests.facts import (
    WHATSAPP,
    conversion,
    hit,
    offer,
    press,
    share_of,
    store,
    visit,
)

DAY = date(2026, 3, 5)
NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)
SECOND, HOUR, A_DAY = 1000, 3_600_000, 86_400_000
SIGNAL = "WhatsApp/2"
TELEGRAM = "TelegramBot (like TwitterBot)"


def settle_all() -> None:
    while settle.settle():
        pass


def happen(site: Site | None = None) -> tuple[Link, Link]:
    """Let it happen on 5 and 6 March 2026; return the links."""
    site = site or make_site(key="demo", name="Demo")
    summer = make_campaign(site=site, slug="summer", tags={"utm_campaign": "{campaign}"})
    plums = make_link(site=site, title="Plums", campaign=summer, tags={"topic": "fruit"})
    grapes = make_link(site=site, title="Grapes", campaign=summer, tags={"topic": "wine"})
    part = make_link(site=site, title="Plums too", merged_into=plums)
    first, second, third = (share_of("whatsapp", n) for n in (5_000, 5_001, 5_002))
    copied, mailed, posted = (
        share_of("copy", 5_003),
        share_of("email", 5_004),
        share_of("x", 5_005),
    )
    store(
        *[offer(plums, time=NOON)] * 4,
        press(plums, share=first, time=NOON, placement="top"),
        hit(plums, share=first, time=NOON + 2 * SECOND, agent=WHATSAPP, visitor=None),
        *(
            hit(plums, share=first, time=NOON + 60 * SECOND, visitor=n, referrer="t.me")
            for n in range(4)
        ),
        press(plums, share=second, time=NOON + HOUR, parent=first, placement="end"),
        hit(plums, share=second, time=NOON + 2 * HOUR, visitor=9, country="FR", language="fr"),
        press(grapes, share=third, time=NOON + A_DAY, parent=second),
        visit(plums, share=second, time=NOON + 2 * HOUR),
        visit(plums, time=NOON),
        visit(plums, time=NOON, referrer="example.org"),
        conversion(plums, share=second, time=NOON + 3 * HOUR),
    )
    store(
        press(grapes, share=copied, time=NOON),
        hit(grapes, share=copied, time=NOON + SECOND, agent=SIGNAL, visitor=None),
        hit(grapes, share=copied, time=NOON + HOUR, visitor=3),
        press(part, share=mailed, time=NOON + A_DAY),
        hit(part, share=mailed, time=NOON + A_DAY + HOUR, visitor=5),
        hit(grapes, share=posted, time=NOON, visitor=6),
        hit(plums, time=NOON, visitor=7),
    )
    settle_all()
    return plums, grapes
