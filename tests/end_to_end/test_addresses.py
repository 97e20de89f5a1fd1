"""The promise to visitors: their address is kept nowhere, in no form."""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress

from shortener.backlog import backlog
from tests.end_to_end.databases import reported, sqlite
from tests.end_to_end.processes import Stack, wait_until
from tests.end_to_end.visitors import make_links
from tests.facts import PERSON

KINDS = ("press", "cancel", "visit", "conversion")
ADDRESSES = ("203.0.113.77", "2001:db8::77")


def forms_of(address: str) -> Iterator[bytes]:
    """Yield what an address, or the network around it, may look like in a file."""
    ip = ipaddress.ip_address(address)
    yield from (ip.compressed.encode(), ip.exploded.encode(), ip.packed, str(int(ip)).encode())
    yield ip.packed.hex().encode()
    yield b"203.0.113." if ip.version == 4 else b"2001:db8:"


def test_no_address_is_kept_anywhere(tmp_path):
    database = sqlite(tmp_path / "data")
    with Stack(tmp_path / "data", TRUSTED_PROXIES="1") as stack:
        links = make_links(stack)
        share = next(link.name for link in links if len(link.name) > 7)
        worker = stack.pids()["worker"]
        # Held, so that the facts can be found on all of their way.
        os.kill(worker, signal.SIGSTOP)
        try:
            for address in ADDRESSES * 20:
                sent = {"User_Agent": PERSON, "X_Forwarded_For": f"198.51.100.9, {address}"}
                for short in links:
                    assert stack.get(f"/{short.name}", **sent).status == 302
                for path in (f"/offer?link={share}", f"/share/sms?link={share}", "/nowhere"):
                    stack.get(path, **sent)
                for path in ("/demo/", "/admin/login/", "/share/nothing", "/readyz"):
                    stack.get(path, **sent)
                report = stack.post("/events", events_of(share), **sent)
                assert report.status == 204
            # So many that the processes tell each other of them.
            wait_until(lambda: counted_visitors(stack) == 2, what="their rates in the broker")
            wait_until(lambda: not backlog(stack.journals).unshipped, what="all to be sent")
            queue = wait_until(lambda: stack.broker().lrange("grapevine", 0, -1), what="a queue")
            messages = b"".join(base64.b64decode(json.loads(text)["body"]) for text in queue)
            assert PERSON.encode() in messages
            # JSON in JSON.
            assert all(rf"\"kind\":\"{kind}\"".encode() in messages for kind in KINDS)
            look_through(stack, messages)
        finally:
            os.kill(worker, signal.SIGCONT)
        wait_until(lambda: not backlog(stack.journals).segments, what="an empty journal")
        assert reported(database).total() >= 40 * len(links)
        # The address did arrive: it is what tells one visitor from another.
        visitors = database.rows("SELECT DISTINCT link_id, visitor FROM analytics_hit")
        assert len(visitors) == 2 * len({short.link for short in links})
        for table, least in (("visit", 40), ("conversion", 1), ("share", 40)):
            assert database.rows(f"SELECT count(*) FROM analytics_{table}")[0][0] >= least
        look_through(stack)


def events_of(code: str) -> bytes:
    """Return one event of each kind."""
    event = {"code": code, "visit": "v-1", "name": "signup", "referrer": "t.me"}
    return json.dumps([{**event, "kind": kind} for kind in KINDS]).encode()


def counted_visitors(stack: Stack) -> int:
    """Return how many visitors the processes tell each other of, in any minute."""
    keys = stack.broker().scan_iter("grapevine:*:visitor-*", count=1000)
    return len({key.rpartition(b":")[2] for key in keys})


def look_through(stack: Stack, messages: bytes = b"") -> None:
    """Expect the visitors' agent in the files, and no address of theirs, nor in messages."""
    contents = {"broker": messages, str(stack.log_file): stack.log_file.read_bytes()}
    for path in stack.directory.rglob("*"):
        with suppress(OSError):  # It is a directory, or has just been removed.
            contents[str(path)] = path.read_bytes()
    assert any(PERSON.encode() in contents[name] for name in contents if name != "broker")
    for address in ADDRESSES:
        for form in forms_of(address):
            assert [name for name, content in contents.items() if form in content] == []
