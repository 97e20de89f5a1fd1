import hashlib
import hmac
from datetime import UTC, date, datetime

import pytest

from shortener.models import DaySalt
from shortener.visitors import Salts, client_address, day_salt, forget_salts, locate

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def salts_at(moment):
    salts = Salts()
    salts.refresh(moment)
    return salts


@pytest.mark.django_db
def test_a_visitor_is_an_hmac_of_link_address_and_agent():
    visitor = salts_at(NOON).visitor(NOON.timestamp(), 7, "203.0.113.5", "Agent/1 é")
    key = day_salt(NOON.date())
    digest = hmac.digest(key, "7|203.0.113.5|Agent/1 é".encode(), hashlib.sha256)
    assert visitor == int.from_bytes(digest[:8], "big", signed=True)


@pytest.mark.django_db
def test_all_processes_share_a_days_salt():
    first, second = salts_at(NOON), salts_at(NOON)
    arguments = (NOON.timestamp(), 7, "203.0.113.5", "Agent/1")
    assert first.visitor(*arguments) == second.visitor(*arguments)


@pytest.mark.django_db
def test_days_and_links_have_visitors_of_their_own():
    salts = salts_at(NOON)
    visitor = salts.visitor(NOON.timestamp(), 7, "203.0.113.5", "Agent/1")
    assert salts.visitor(NOON.timestamp(), 8, "203.0.113.5", "Agent/1") != visitor
    assert salts.visitor(NOON.timestamp() + 86_400, 7, "203.0.113.5", "Agent/1") != visitor


@pytest.mark.django_db
def test_yesterdays_salt_is_forgotten_in_memory():
    salts = salts_at(NOON)
    salts.refresh(datetime(2026, 3, 6, 0, 0, 1, tzinfo=UTC))
    assert salts.visitor(NOON.timestamp(), 7, "203.0.113.5", "Agent/1") is None


def test_without_a_salt_there_is_no_visitor():
    assert Salts().visitor(NOON.timestamp(), 7, "203.0.113.5", "Agent/1") is None


@pytest.mark.django_db
def test_salts_older_than_48_hours_are_deleted():
    for day in (3, 4, 5, 6):
        day_salt(date(2026, 3, day))
    assert forget_salts(datetime(2026, 3, 5, 0, 0, 1, tzinfo=UTC)) == 1
    assert list(DaySalt.objects.order_by("day").values_list("day", flat=True)) == [
        date(2026, 3, 4),
        date(2026, 3, 5),
        date(2026, 3, 6),
    ]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_network(address, network):
    assert locate(address)[0] == network


def test_country():
    assert locate("193.0.6.139")[1] == "NL"
    assert locate("127.0.0.1")[1] == ""


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "198.51.100.1, 10.0.0.9", "198.51.100.1"),
        (2, "6.6.6.6,198.51.100.1,10.0.0.9", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_client_address(trusted, forwarded, expected):
    environ = {"REMOTE_ADDR": "10.0.0.1"}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(environ, trusted) == expected
