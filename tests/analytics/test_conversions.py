"""What visits led to: once for each visit and name."""

from decimal import Decimal

import pytest

from analytics.models import Conversion, Share
from tests.analytics.counts import DAY, NOON, by_day, counted, ledger, moment
from tests.factories import make_link, make_site
from tests.facts import conversion, share_of, store

pytestmark = pytest.mark.django_db

WHATSAPP = share_of("whatsapp")


@pytest.fixture
def link():
    return make_link(site=make_site(time_zone="Asia/Kolkata"))


def test_a_conversion_is_kept_with_all_that_is_known(link):
    store(conversion(link, share=WHATSAPP, time=NOON + 7 * 3_600_000, value=19.99, currency="EUR"))
    row = Conversion.objects.get()
    assert (row.visit, row.name, row.link_id, row.share_id) == (
        "visit-1",
        "order",
        link.pk,
        WHATSAPP,
    )
    assert (row.at, str(row.day)) == (moment(NOON + 7 * 3_600_000), "2026-03-06")
    assert (row.value, row.currency, row.server) == (Decimal("19.99"), "EUR", False)


def test_a_conversion_counts_for_the_channel_of_its_share(link):
    store(conversion(link, share=WHATSAPP), conversion(link, visit="visit-2"))
    assert counted(link, "conversions") == {"whatsapp": 1, "link": 1}
    assert ledger() == {"conversions": 2}


def test_a_conversion_without_value_or_share_has_none(link):
    store(conversion(link))
    row = Conversion.objects.get()
    assert (row.value, row.currency, row.share_id) == (None, "", None)
    assert not Share.objects.exists()


def test_a_conversion_counts_once_for_each_visit_and_name(link):
    store(conversion(link, value=1, time=NOON), conversion(link, value=2, time=NOON + 1))
    store(conversion(link, value=3, time=NOON + DAY))
    store(conversion(link, name="signup"), conversion(link, visit="visit-2"))
    assert counted(link, "conversions") == {"link": 3}
    assert Conversion.objects.get(visit="visit-1", name="order").value == 1
    assert ledger() == {"conversions": 3, "ignored": 2}


def test_two_sites_may_call_a_visit_the_same(link):
    store(conversion(link), conversion(make_link()))
    assert ledger() == {"conversions": 2}


@pytest.mark.parametrize("values", [{"automated": True}, {"agent": "Googlebot/2.1"}])
def test_what_a_machine_reports_is_ignored(link, values):
    store(conversion(link, share=WHATSAPP, **values))
    assert not Conversion.objects.exists()
    assert not Share.objects.exists()
    assert ledger() == {"ignored": 1}


def test_the_sites_own_backend_is_believed(link):
    store(conversion(link, server=True, agent="", signals=""))
    assert Conversion.objects.get().server
    assert ledger() == {"conversions": 1}


def test_a_conversion_makes_the_share_known(link):
    store(conversion(link, share=WHATSAPP, time=NOON))
    share = Share.objects.get()
    assert (share.pk, share.link_id, share.created) == (WHATSAPP, link.pk, moment(NOON))
    assert share.pressed is None


def test_a_conversion_counts_on_the_sites_day(link):
    store(conversion(link, time=NOON + 7 * 3_600_000))
    assert by_day(link, "conversions") == {"2026-03-06": 1}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (0, "0"),
        (-5, "-5"),
        (0.1 + 0.2, "0.3"),
        (1234.56789, "1234.5679"),
        (1e-9, "0"),
        (999_999_999_999.99, "999999999999.99"),
    ],
)
def test_a_value_has_four_decimal_places(link, value, stored):
    store(conversion(link, value=value))
    assert Conversion.objects.get().value == Decimal(stored)


def test_foreign_texts_arrive_as_they_are(link):
    store(conversion(link, visit='a "b\\ {c}, NULL', name="Ünï'c"))
    row = Conversion.objects.get()
    assert (row.visit, row.name) == ('a "b\\ {c}, NULL', "Ünï'c")
    store(conversion(link, visit='a "b\\ {c}, NULL', name="Ünï'c"))
    assert ledger() == {"conversions": 1, "ignored": 1}
