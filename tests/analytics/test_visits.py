"""Landings: which count, which are kept as rows, and which make a share."""

from itertools import permutations

import pytest

from analytics.models import Share, Visit
from tests.analytics.counts import DAY, NOON, by_day, counted, ledger, moment
from tests.factories import make_link
from tests.facts import hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

GOOGLE = "Googlebot/2.1"
WHATSAPP, COPIED = share_of("whatsapp"), share_of("addressbar")


@pytest.fixture
def link():
    return make_link()


@pytest.mark.parametrize("navigation", ["navigate", "prerender"])
def test_a_landing_is_a_visit_of_its_shares_channel(link, navigation):
    store(visit(link, navigation=navigation), visit(link, share=WHATSAPP, navigation=navigation))
    assert counted(link, "visits") == {"link": 1, "whatsapp": 1}
    assert ledger() == {"visits": 2}


@pytest.mark.parametrize(
    "values",
    [
        {"navigation": "reload"},
        {"navigation": "back_forward"},
        {"automated": True},
        {"agent": GOOGLE},
    ],
)
def test_what_is_no_landing_of_a_person_is_ignored(link, values):
    store(visit(link, **values), visit(link, share=WHATSAPP, **values))
    assert counted(link, "visits") == counted(link, "dark_visits") == {}
    assert ledger() == {"ignored": 2}


@pytest.mark.parametrize(
    ("values", "dark"),
    [
        ({}, 1),
        ({"home": True}, 0),
        ({"referrer": "news.example"}, 0),
        ({"referrer": None}, 0),
        ({"share": WHATSAPP}, 0),
        ({"navigation": "reload"}, 0),
        ({"automated": True}, 0),
    ],
)
def test_a_visit_is_dark_where_nothing_tells_its_origin(link, values, dark):
    store(visit(link, **values))
    assert sum(counted(link, "dark_visits").values()) == dark


def test_a_visit_with_a_code_is_kept_with_all_that_is_known(link):
    store(
        visit(
            link,
            share=WHATSAPP,
            time=NOON + 5,
            referrer="a\\b.example",
            navigation="prerender",
            language="pt",
            country="BR",
        )
    )
    row = Visit.objects.select_related("agent", "batch").get()
    assert (row.at, str(row.day)) == (moment(NOON + 5), "2026-03-05")
    assert (row.link_id, row.share_id) == (link.pk, WHATSAPP)
    assert (row.referrer, row.navigation, row.automated) == ("ab.example", "prerender", False)
    assert (row.language, row.country) == ("pt", "BR")
    assert row.agent.user_agent.startswith("Mozilla/5.0 (iPhone")
    assert row.batch.received == 1


def test_a_visit_with_a_code_is_kept_even_where_it_does_not_count(link):
    store(
        visit(link, share=WHATSAPP, navigation="reload"),
        visit(link, share=WHATSAPP, automated=True),
        visit(link, share=WHATSAPP, agent=GOOGLE),
    )
    assert Visit.objects.count() == 3
    assert Visit.objects.filter(automated=True).count() == 1
    assert Share.objects.get().pressed is None


def test_a_visit_without_a_code_is_only_counted(link):
    store(visit(link), visit(link))
    assert not Visit.objects.exists()
    assert not Share.objects.exists()


def test_a_visit_with_a_code_makes_the_share_known(link):
    store(visit(link, share=WHATSAPP, parent=share_of("copy"), time=NOON))
    share = Share.objects.get()
    assert (share.pk, share.created, share.pressed) == (WHATSAPP, moment(NOON), None)
    assert share.parent is None


def test_the_first_arrival_makes_a_share_of_the_address_bar(link):
    store(visit(link, share=COPIED, parent=WHATSAPP, time=NOON))
    store(visit(link, share=COPIED, parent=WHATSAPP, time=NOON + 1))
    share = Share.objects.get()
    assert (share.pressed, share.parent, share.flag) == (moment(NOON), WHATSAPP, "")
    assert counted(link, "presses") == {"addressbar": 1}
    assert ledger() == {"visits": 2}


def test_no_share_of_the_address_bar_is_its_own_parent(link):
    store(visit(link, share=COPIED, parent=COPIED))
    assert Share.objects.get().parent is None


def test_a_machine_that_arrives_makes_the_share_and_counts_nothing(link):
    store(visit(link, share=COPIED, parent=WHATSAPP, time=NOON, automated=True))
    share = Share.objects.get()
    assert (share.pressed, share.parent, share.flag) == (moment(NOON), WHATSAPP, "automated")
    assert counted(link, "presses") == {}
    assert ledger() == {"ignored": 1}


@pytest.mark.parametrize("navigation", ["reload", "back_forward"])
def test_a_page_shown_again_is_no_arrival(link, navigation):
    """The sharer's own address has the code as well: reloading it shares nothing."""
    store(visit(link, share=COPIED, navigation=navigation))
    assert Share.objects.get().pressed is None
    assert counted(link, "presses") == {}


def test_nothing_is_pressed_in_the_address_bar(link):
    store(press(link, share=COPIED))
    assert not Share.objects.exists()
    assert ledger() == {"ignored": 1}


def test_a_machine_that_arrives_at_a_known_share_counts_nothing_either(link):
    store(hit(link, share=COPIED), visit(link, share=share_of("copy")))
    store(visit(link, share=COPIED, automated=True))
    assert Share.objects.get(pk=COPIED).flag == "automated"
    assert counted(link, "presses") == {}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_arrivals_may_be_told_in_any_order(link, order, together):
    """A machine first, persons on the two days after it: one press, on the first day."""
    facts = [
        visit(link, share=COPIED, time=NOON, parent=WHATSAPP, automated=True),
        visit(link, share=COPIED, time=NOON + DAY),
        visit(link, share=COPIED, time=NOON + 2 * DAY),
    ]
    told = [facts[number] for number in order]
    for segment in [told] if together else [[fact] for fact in told]:
        store(*segment)
    share = Share.objects.get()
    assert (share.pressed, share.parent, share.flag) == (moment(NOON), WHATSAPP, "")
    assert by_day(link, "presses") == {"2026-03-05": 1}
    assert by_day(link, "visits") == {"2026-03-06": 1, "2026-03-07": 1}
    assert ledger() == {"visits": 2, "ignored": 1}
