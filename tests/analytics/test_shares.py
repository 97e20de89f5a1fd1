"""Presses and cancels, and what of them stands."""

from itertools import permutations

import pytest

from analytics.models import Share
from tests.analytics.counts import DAY, NOON, by_day, counted, ledger, moment
from tests.factories import make_link
from tests.facts import cancel, hit, press, share_of, store

pytestmark = pytest.mark.django_db

WHATSAPP, COPY = share_of("whatsapp"), share_of("copy")


@pytest.fixture
def link():
    return make_link()


def test_no_share_is_its_own_parent(link):
    store(press(link, share=WHATSAPP, parent=WHATSAPP))
    assert Share.objects.get().parent is None


def test_a_parent_appears_with_its_own_first_fact(link):
    store(press(link, share=WHATSAPP, parent=COPY))
    assert Share.objects.get().parent == COPY


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
def test_of_several_presses_the_earliest_stands(link, order, together):
    facts = [
        press(link, time=NOON, placement="top", parent=COPY),
        press(link, time=NOON + DAY, placement="middle"),
        press(link, time=NOON + 2 * DAY, placement="end"),
    ]
    told = [facts[number] for number in order]
    if together:
        store(*told)
    else:
        for fact in told:
            store(fact)
    share = Share.objects.get()
    assert (share.pressed, share.placement, share.parent) == (moment(NOON), "top", COPY)
    assert by_day(link, "presses") == {"2026-03-05": 1}
    assert ledger() == {"presses": 1, "ignored": 2}


def test_a_press_with_the_number_of_another_links_share_changes_nothing(link):
    other = make_link()
    store(press(link, time=NOON, placement="top"))
    store(press(other, time=NOON - DAY, placement="invented"))
    share = Share.objects.get()
    assert (share.link_id, share.placement) == (link.pk, "top")
    assert by_day(link, "presses") == {"2026-03-05": 1}
    assert by_day(other, "presses") == {}


def test_a_cancel_is_counted_and_makes_no_share(link):
    store(cancel(link), cancel(link), cancel(link, share=share_of("copy")))
    assert counted(link, "cancels") == {"native": 2, "copy": 1}
    assert ledger() == {"cancels": 3}
    assert not Share.objects.exists()


def test_a_machine_cancels_nothing(link):
    store(cancel(link, agent="Googlebot/2.1"))
    assert ledger() == {"ignored": 1}


def test_a_share_may_be_pressed_after_it_was_opened(link):
    store(hit(link, share=WHATSAPP, time=NOON + 5))
    store(press(link, time=NOON))
    share = Share.objects.get()
    assert (share.created, share.pressed) == (moment(NOON), moment(NOON))
    assert counted(link, "presses") == {"whatsapp": 1}
