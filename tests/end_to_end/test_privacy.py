"""The promises to visitors: their address is kept nowhere, and what tells them apart goes."""

from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from shortener.backlog import backlog
from tests.end_to_end.databases import Database, reported, sqlite
from tests.end_to_end.processes import Stack, wait_until
from tests.end_to_end.visitors import make_links
from tests.facts import PERSON

KINDS = ("press", "cancel", "visit", "conversion")
FORWARDED = (
    *(f"{network}.{n}" for network in ("192.0.2", "203.0.113") for n in range(1, 100, 12)),
    *(f"2001:db8:{n:x}::{n:x}" for n in range(1, 1000, 120)),
    "::ffff:203.0.113.250",
)
DIRECT = tuple(f"127.77.{n}.9" for n in range(1, 100, 12))
"""Where somebody calls from who goes around the proxy: any of these is this machine."""
OFTEN = FORWARDED[0], FORWARDED[-2]
"""Those who ask so often that the processes tell each other of them."""
FORGED = "198.51.100.9"
NETWORKS = (b"192.0.2.", b"203.0.113.", b"198.51.100.", b"2001:db8:", b"2001:0db8:", b"127.77.")


def ask(
    stack: Stack, path: str, source: str, headers: dict[str, str], body: bytes | None = None
) -> int:
    """Ask from one of this machine's own addresses; return the answer's status."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", stack.port, timeout=10, source_address=(source, 0)
    )
    sent = {"Host": f"localhost:{stack.port}", "User-Agent": PERSON} | headers
    try:
        connection.request("POST" if body else "GET", path, body, sent)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def callers() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield who asks: the address of the connection, and the headers of a proxy, if any."""
    for address in (*OFTEN * 15, *FORWARDED):
        yield DIRECT[0], {"X-Forwarded-For": f"{FORGED}, {address}"}
    for address in DIRECT:
        yield address, {}


def test_no_address_is_kept_anywhere(tmp_path, database):
    with Stack(tmp_path / "data", TRUSTED_PROXIES="1", **database.environment) as stack:
        links = make_links(stack, 2)
        share = next(link.name for link in links if len(link.name) > 7)
        paths = (
            *(f"/{short.name}" for short in links),
            *(f"/offer?link={share}", f"/share/sms?link={share}", "/nowhere", "/demo/"),
            *("/admin/login/", "/share/nothing", "/readyz"),
        )
        worker = stack.pids()["worker"]
        # Held, so that the facts can be found on all of their way.
        os.kill(worker, signal.SIGSTOP)
        try:
            for source, headers in callers():
                statuses = [ask(stack, path, source, headers) for path in paths]
                assert statuses[: len(links)] == [302] * len(links)
                assert ask(stack, "/events", source, headers, events_of(share)) == 204
            wait_until(lambda: counted_visitors(stack) == 2, what="their rates in the broker")
            # JSON in JSON.
            told = [rf"\"kind\":\"{kind}\"".encode() for kind in (*KINDS, "hit", "offer")]
            wait_until(lambda: all(kind in queued(stack) for kind in told), what="a queue")
            messages = queued(stack)
            assert PERSON.encode() in messages
            look_through(stack, database, messages)
        finally:
            os.kill(worker, signal.SIGCONT)
        wait_until(lambda: not backlog(stack.journals).segments, what="an empty journal")
        wait_until(lambda: not count(database, "unsettled"), what="all to be settled")
        asked = len(list(callers()))
        assert reported(database).total() >= asked * len(links)
        # The addresses did arrive: they are what tells one visitor from another.
        visitors = database.rows("SELECT DISTINCT link_id, visitor FROM analytics_hit")
        people = len(FORWARDED) + len(DIRECT)
        assert len(visitors) == people * len({short.link for short in links})
        for table, least in (("visit", asked), ("conversion", 1), ("share", asked), ("pace", 1)):
            assert count(database, table) >= least
        look_through(stack, database)


def events_of(code: str) -> bytes:
    """Return one event of each kind."""
    event = {"code": code, "visit": "v-1", "name": "signup", "referrer": "t.me"}
    return json.dumps([{**event, "kind": kind} for kind in KINDS]).encode()


def count(database: Database, table: str) -> int:
    return int(database.rows(f"SELECT count(*) FROM analytics_{table}")[0][0])


def counted_visitors(stack: Stack) -> int:
    """Return how many visitors the processes tell each other of, in any minute."""
    keys = stack.broker().scan_iter("grapevine:*:visitor-*", count=1000)
    return len({key.rpartition(b":")[2] for key in keys})


def queued(stack: Stack) -> bytes:
    """Return the bodies of the messages that wait for the worker."""
    queue = stack.broker().lrange("grapevine", 0, -1)
    return b"".join(base64.b64decode(json.loads(text)["body"]) for text in queue)


def look_through(stack: Stack, database: Database, messages: bytes = b"") -> None:
    """Expect the visitors' agent in what is kept, and no address of theirs."""
    files = dict(contents_of_files(stack))
    kept = files | dict(contents_of_tables(database)) | dict(contents_of_broker(stack))
    kept["messages"] = messages
    assert any(PERSON.encode() in content for content in kept.values())
    for form in forms():
        assert [name for name, content in kept.items() if form in content] == []
    # In the files, four bytes of an address come by as parts of something else.
    for address in map(ipaddress.ip_address, (*FORWARDED, *DIRECT)):
        for name in kept.keys() - files.keys():
            assert address.packed not in kept[name]


def forms() -> Iterator[bytes]:
    """Yield what the addresses, or the networks around them, may look like."""
    yield from NETWORKS
    for address in map(ipaddress.ip_address, (*FORWARDED, *DIRECT)):
        yield from (address.packed.hex().encode(), str(int(address)).encode())
        if address.version == 6:
            yield address.packed


def contents_of_files(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """Yield database, journals, the broker's files and all logs, as they lie on the disk."""
    yield str(stack.log_file), stack.log_file.read_bytes()
    for path in stack.directory.rglob("*"):
        with suppress(OSError):  # It is a directory, or has just been removed.
            yield str(path), path.read_bytes()


def contents_of_tables(database: Database) -> Iterator[tuple[str, bytes]]:
    """Yield every column of every row."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if "DATABASE_URL" in database.environment:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    for (table,) in database.rows(tables):
        cells = (cell for row in database.rows(f'SELECT * FROM "{table}"') for cell in row)
        yield table, b"\n".join(c if isinstance(c, bytes) else str(c).encode() for c in cells)


def contents_of_broker(stack: Stack) -> Iterator[tuple[str, bytes]]:
    """Yield every key with its value."""
    broker = stack.broker()
    value: object
    for key in broker.scan_iter(count=1000):
        match broker.type(key):
            case b"string":
                value = broker.get(key)
            case b"list":
                value = broker.lrange(key, 0, -1)
            case b"set":
                value = broker.smembers(key)
            case b"hash":
                value = broker.hgetall(key)
            case kind:
                value = broker.zrange(key, 0, -1) if kind == b"zset" else kind
        yield f"key {key!r}", key + repr(value).encode()


def test_who_asks_for_privacy_is_nobody_and_others_can_be_forgotten(tmp_path):
    database = sqlite(tmp_path / "data")
    with Stack(tmp_path / "data", TRUSTED_PROXIES="1") as stack:
        links = make_links(stack)
        for number, address in enumerate(FORWARDED[:2]):
            for short in links:
                own = {"X-Forwarded-For": address, "Accept-Language": f"n{number}"}
                private = own | {"Accept-Language": "gpc", "Sec-GPC": "1"}
                for headers in (own, private):
                    assert ask(stack, f"/{short.name}", DIRECT[0], headers) == 302
        wait_until(lambda: not backlog(stack.journals).segments, what="an empty journal")
        wait_until(lambda: not count(database, "unsettled"), what="all to be settled")
        assert hits_of(database, "gpc") == [(len(links) * 2, 0)]
        assert hits_of(database, "n0") == hits_of(database, "n1") == [(len(links), len(links))]

        [(day,)] = database.rows("SELECT DISTINCT date(at) FROM analytics_hit")
        who = ("--address", FORWARDED[0], "--agent", PERSON)
        said = stack.manage("forget", "--visitor-day", day, *who)
        assert f"{len(links)} hits. Sums stay" in said.stdout, said.stderr
        assert hits_of(database, "n0") == [(0, 0)]
        assert hits_of(database, "n1") == [(len(links), len(links))]
        reconciled = stack.manage("reconcile")
        assert reconciled.returncode == 0, reconciled.stderr


def hits_of(database: Database, language: str) -> list[tuple[int, int]]:
    """Return how many hits asked for a language, and how many of these have a visitor."""
    return database.rows(
        f"SELECT count(*), count(visitor) FROM analytics_hit WHERE language = '{language}'"
    )


def test_salts_and_what_passed_through_the_broker_are_gone_from_the_disk(tmp_path):
    database = sqlite(tmp_path / "data")
    with Stack(tmp_path / "data") as stack:
        [short, *_] = make_links(stack, 1)
        assert ask(stack, f"/{short.name}", "127.0.0.1", {}) == 302
        wait_until(lambda: not backlog(stack.journals).segments, what="an empty journal")
        old = datetime.now(UTC).date() - timedelta(days=2)
        stack.python(
            "from datetime import date; from shortener.visitors import day_salt; "
            f"day_salt(date.fromisoformat('{old}'))"
        )
        [(salt,)] = database.rows(f"SELECT salt FROM shortener_daysalt WHERE day = '{old}'")
        assert len(salt) == 32
        wait_until(lambda: is_written_back(database), what="the log to be written back")
        assert where(stack, salt)
        assert where(stack, b"analytics.ingest_segment")

        stack.python(
            "from analytics import tasks; tasks.forget.delay(); tasks.compact_broker.delay()"
        )
        salts = "SELECT day FROM shortener_daysalt ORDER BY day"
        wait_until(lambda: len(database.rows(salts)) == 2, what="the salt to go")
        assert str(old) not in str(database.rows(salts))
        wait_until(lambda: is_written_back(database), what="the log to be written back")
        assert where(stack, salt) == []
        wait_until(lambda: not where(stack, b"analytics.ingest_segment"), what="a new file")


def is_written_back(database: Database) -> bool:
    [(busy, *_)] = database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return not busy


def where(stack: Stack, content: bytes) -> list[str]:
    """Return the files in which something stands."""
    return [name for name, kept in contents_of_files(stack) if content in kept]
