"""What previews, in-app browsers and referrers reveal of a share."""

import pytest

from analytics.models import Hit, Share
from shortener.channels import BY_NAME
from tests.analytics.counts import NOON, moment
from tests.factories import make_link
from tests.facts import PERSON, WHATSAPP, conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

COPY = share_of("copy")
TELEGRAM = "TelegramBot (like TwitterBot)"
SIGNAL = "WhatsApp/2"
IN_LINE = f"{PERSON} Line/15.0.0"
NUMBER = {name: channel.number for name, channel in BY_NAME.items()}


@pytest.fixture
def link():
    return make_link()


def channels(bits):
    return {name for name, number in NUMBER.items() if bits >> number & 1}


def observed(share):
    return BY_NAME and next(name for name, number in NUMBER.items() if number == share.observed)


@pytest.mark.parametrize(
    ("values", "channel", "evidence", "certainty"),
    [
        ({"agent": WHATSAPP}, "whatsapp", "preview:whatsapp", Share.Certainty.PREVIEW),
        ({"agent": SIGNAL}, "signal", "preview:signal", Share.Certainty.PREVIEW),
        ({"agent": IN_LINE}, "line", "in-app:line", Share.Certainty.IN_APP),
        (
            {"signals": "GET https\nsec-fetch-mode: navigate\nx-requested-with: com.viber.voip"},
            "viber",
            "package:viber",
            Share.Certainty.IN_APP,
        ),
        (
            {"referrer": "web.telegram.org"},
            "telegram",
            "referrer:telegram",
            Share.Certainty.REFERRER,
        ),
        ({}, "link", "", Share.Certainty.NONE),
        ({"agent": "Googlebot/2.1"}, "link", "", Share.Certainty.NONE),
    ],
)
def test_a_copied_link_is_revealed(link, values, channel, evidence, certainty):
    agent = values.get("agent", PERSON)
    if "signals" in values:
        agent = PERSON.replace("iPhone; CPU iPhone OS 17_5 like Mac OS X", "Linux; Android 15; K")
    store(hit(link, share=COPY, time=NOON, **{**values, "agent": agent}))

    share = Share.objects.get()
    assert (observed(share), share.evidence, share.certainty) == (channel, evidence, certainty)
    assert share.observed_at == (moment(NOON) if evidence else None)


@pytest.mark.parametrize("together", [True, False])
def test_a_preview_says_more_than_where_it_was_opened_later_or_before(link, together):
    facts = [
        hit(link, share=COPY, time=NOON, referrer="mail.google.com"),
        hit(link, share=COPY, time=NOON + 1, agent=IN_LINE),
        hit(link, share=COPY, time=NOON + 2, agent=TELEGRAM),
        hit(link, share=COPY, time=NOON + 3, agent=WHATSAPP),
    ]
    if together:
        store(*facts)
    else:
        for fact in facts:
            store(fact)

    share = Share.objects.get()
    assert (observed(share), share.observed_at) == ("telegram", moment(NOON + 2))
    assert channels(share.seen) == {"email", "line", "telegram", "whatsapp"}


def test_what_a_share_came_to_is_added_up(link):
    store(press(link, share=COPY, time=NOON), hit(link, share=COPY, time=NOON + 10))
    store(
        hit(link, share=COPY, time=NOON + 5, agent=WHATSAPP),
        hit(link, share=COPY, time=NOON + 20),
        hit(link, share=COPY, time=NOON + 21, agent="Googlebot/2.1"),
        visit(link, share=COPY, time=NOON + 30),
        visit(link, share=COPY, time=NOON + 40, navigation="reload"),
        visit(link, share=COPY, time=NOON + 50, automated=True),
        conversion(link, share=COPY, time=NOON + 60),
        conversion(link, share=COPY, time=NOON + 70),
    )

    share = Share.objects.get()
    assert (share.previews, share.clicks, share.visits, share.conversions) == (1, 2, 1, 1)
    assert (share.first_preview, share.first_click) == (moment(NOON + 5), moment(NOON + 10))
    assert share.last_click == moment(NOON + 20)


def test_the_last_click_is_the_latest_in_whatever_order_segments_come(link):
    for later in (10, 30, 20):
        store(hit(link, share=COPY, time=NOON + later))
    store(press(link, share=COPY, time=NOON))

    share = Share.objects.get()
    assert (share.first_click, share.last_click) == (moment(NOON + 10), moment(NOON + 30))


def test_another_links_code_with_the_number_of_a_share_adds_nothing(link):
    store(press(link, share=COPY, time=NOON))
    store(hit(make_link(), share=COPY, time=NOON + 1), hit(link, share=COPY, time=NOON + 2))
    store(visit(make_link(), share=COPY, time=NOON + 3))

    share = Share.objects.get()
    assert (share.link, share.clicks, share.visits) == (link, 1, 0)
    assert share.first_click == moment(NOON + 2)


def test_the_hour_of_the_week_is_the_sites_own():
    site = make_link(site=None).site
    site.time_zone = "Asia/Kolkata"
    site.save()
    # Sunday, 8 March 2026, 18:29 and 18:30 in London: Monday begins in India.
    monday = NOON + 3 * 86_400_000 + 6 * 3_600_000 + 30 * 60_000
    link = make_link(site=site)
    store(hit(link, time=monday - 1), hit(link, time=monday))

    assert list(Hit.objects.order_by("at").values_list("hour", flat=True)) == [167, 0]
