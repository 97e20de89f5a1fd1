"""What pages report is checked before it is counted; the rest is set aside with a reason."""

import pytest

from analytics.models import Batch, Quarantine, Share, Visit
from tests.factories import make_link
from tests.facts import cancel, conversion, lines, press, share_of, store, visit

pytestmark = pytest.mark.django_db

UNKNOWN_CHANNEL = share_of("whatsapp") - 1 + 61


@pytest.fixture
def link():
    return make_link()


@pytest.mark.parametrize(
    ("make", "values", "reason"),
    [
        (press, {"share": 0}, "A press without a share"),
        (press, {"parent": -1}, "A press with a wrong parent: -1"),
        (press, {"parent": True}, "A press with a wrong parent: True"),
        (press, {"parent": 64.0}, "A press with a wrong parent: 64.0"),
        (press, {"parent": UNKNOWN_CHANNEL}, "A press with a wrong parent"),
        (press, {"parent": None}, "A press with a wrong parent: None"),
        (press, {"placement": 5}, "A press with a wrong placement: 5"),
        (press, {"placement": "a\tb"}, r"A press with a wrong placement: 'a\tb'"),
        (press, {"placement": "x" * 41}, "A press with a wrong placement"),
        (press, {"visitor": 2**63}, "A press with a wrong visitor"),
        (press, {"visitor": "1"}, "A press with a wrong visitor: '1'"),
        (cancel, {"share": 0}, "A cancel without a share"),
        (cancel, {"share": UNKNOWN_CHANNEL}, "Share out of range"),
        (cancel, {"agent": None}, "Agent or signals are not text"),
        (visit, {"parent": 2**63}, "A visit with a wrong parent"),
        (visit, {"referrer": "a\u0000b"}, "A visit with a wrong referrer"),
        (visit, {"referrer": "x" * 256}, "A visit with a wrong referrer"),
        (visit, {"navigation": "jump"}, "A visit with a wrong navigation: 'jump'"),
        (visit, {"navigation": ["reload"]}, "A visit with a wrong navigation: ['reload']"),
        (visit, {"automated": 1}, "A visit with a wrong automated: 1"),
        (visit, {"home": "yes"}, "A visit with a wrong home: 'yes'"),
        (visit, {"language": "x" * 17}, "A visit with a wrong language"),
        (visit, {"country": "DEU"}, "A visit with a wrong country: 'DEU'"),
        (conversion, {"visit": ""}, "A conversion with a wrong visit: ''"),
        (conversion, {"visit": "x" * 41}, "A conversion with a wrong visit"),
        (conversion, {"visit": None}, "A conversion with a wrong visit: None"),
        (conversion, {"name": "a\nb"}, "A conversion with a wrong name"),
        (conversion, {"name": ""}, "A conversion with a wrong name: ''"),
        (conversion, {"value": "12"}, "A conversion with a wrong value: '12'"),
        (conversion, {"value": True}, "A conversion with a wrong value: True"),
        (conversion, {"value": 1e13}, "A conversion with a wrong value"),
        (conversion, {"currency": "eur"}, "A conversion with a wrong currency: 'eur'"),
        (conversion, {"currency": "EURO"}, "A conversion with a wrong currency: 'EURO'"),
        (conversion, {"currency": "ÄÖÜ"}, "A conversion with a wrong currency: 'ÄÖÜ'"),
        (conversion, {"automated": 0}, "A conversion with a wrong automated: 0"),
        (conversion, {"server": "true"}, "A conversion with a wrong server: 'true'"),
    ],
)
def test_what_is_wrong_is_set_aside_with_the_reason(link, make, values, reason):
    store(visit(link), make(link) | values, visit(link))
    assert Quarantine.objects.get().reason.startswith(reason)
    batch = Batch.objects.get()
    assert (batch.received, batch.visits, batch.quarantined) == (3, 2, 1)


@pytest.mark.parametrize("name", ["visit", "name"])
def test_a_conversion_needs_a_visit_and_a_name(link, name):
    fact = conversion(link)
    del fact[name]
    store(fact)
    assert Quarantine.objects.get().reason == f"A conversion with a wrong {name}: None"


def test_what_just_fits_is_taken(link):
    share = share_of("whatsapp")
    store(
        press(link, share=share, placement="é" * 40, visitor=-(2**63) + 1),
        visit(link, share=share, referrer="x" * 255, language="y" * 16, country="DE"),
        conversion(link, visit="v" * 40, name="n" * 40, value=10**12, currency="EUR"),
        conversion(link, visit="refund", value=-(10**12)),
        conversion(link, visit="cheap", value=0.00004),
    )
    assert not Quarantine.objects.exists()
    batch = Batch.objects.get()
    assert (batch.presses, batch.visits, batch.conversions) == (1, 1, 3)


def test_lines_of_an_older_version_lack_fields_and_count(link):
    share = share_of("whatsapp")
    old_press, old_visit, plain = press(link, share=share), visit(link, share=share), visit(link)
    for name in ("parent", "placement", "visitor"):
        del old_press[name]
    for fact in (old_visit, plain):
        for name in ("referrer", "navigation", "automated", "home", "language", "country"):
            del fact[name]
    store(lines(old_press), lines(old_visit), lines(plain))
    assert Share.objects.get().pressed
    assert Visit.objects.get().navigation == "navigate"
    batch = Batch.objects.get()
    assert (batch.presses, batch.visits, batch.quarantined) == (1, 2, 0)
