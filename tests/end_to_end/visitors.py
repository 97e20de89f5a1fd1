"""People who open short links, and remember what became of each request."""

from __future__ import annotations

import http.client
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from shortener import codes
from shortener.channels import BY_NAME
from tests.end_to_end.processes import Response, Stack, wait_until
from tests.factories import make_link, make_site
from tests.facts import PERSON

CHANNELS = ("whatsapp", "telegram", "sms", "email", "copy")
SERIAL = 1_000_000
"""Far from those that the stack hands out itself."""


class ShortLink(NamedTuple):
    """A name of a link: its code, its slug, or the code of a share."""

    name: str
    link: int


def write_links(count: int) -> None:
    """Make a site with links and write their names; runs in Django beside the stack."""
    site = make_site()
    names = []
    for number in range(count):
        link = make_link(
            site=site, slug=f"story-{number}", destination=f"https://example.com/{number}"
        )
        shares = (codes.share_id(SERIAL + number, BY_NAME[name].number) for name in CHANNELS)
        names += [(codes.encode(link.pk), link.pk), (f"story-{number}", link.pk)]
        names += [(codes.encode(link.pk, share), link.pk) for share in shares]
    json.dump(names, sys.stdout)


def make_links(stack: Stack, count: int = 4) -> list[ShortLink]:
    """Make links in the stack's database; return all names that they have."""
    code = f"from tests.end_to_end.visitors import write_links; write_links({count})"
    return [ShortLink(*name) for name in json.loads(stack.python(code))]


class Visitors:
    """Several clients on connections that stay open. Each request has a number of its own.

    They go no further than they are allowed to, so that what is done to the stack meanwhile
    happens at the same points of each run.
    """

    def __init__(self, stack: Stack, links: list[ShortLink], *, clients: int = 6) -> None:
        self.answered: dict[str, ShortLink] = {}
        """Requests that got their redirect, by the language that tells them apart."""
        self.cut_off: dict[str, ShortLink] = {}
        """Requests whose connection broke before the answer was there: perhaps counted."""
        self.refused: list[tuple[str, int]] = []
        """Requests that got anything else: name and status."""
        self._stack = stack
        self._links = links
        self._clients = clients
        self._changed = threading.Condition()
        self._begun = self._allowed = 0
        self._leaving = False

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Let the clients run; at the end, wait until all that was allowed is done."""
        with ThreadPoolExecutor(self._clients) as pool:
            running = [pool.submit(self._run) for _ in range(self._clients)]
            try:
                yield
            finally:
                with self._changed:
                    self._leaving = True
                    self._changed.notify_all()
            for client in running:
                client.result(timeout=120)

    def allow(self, more: int) -> None:
        """Allow further requests."""
        with self._changed:
            self._allowed += more
            self._changed.notify_all()

    def open(self, count: int) -> None:
        """Allow further requests, and wait until the first half of them has been sent."""
        begun = self._allowed + count // 2
        self.allow(count)
        wait_until(lambda: self._begun >= begun, timeout=60, what=f"request {begun}")

    def open_until(self, condition: Callable[[], object], *, what: str) -> None:
        """Allow as many requests as come until the condition holds."""

        def holds() -> object:
            if self._begun == self._allowed:
                self.allow(self._clients * 10)
            return condition()

        wait_until(holds, what=what)

    def done(self) -> bool:
        """Say whether all requests that were allowed have found their end."""
        return len(self.answered) + len(self.cut_off) + len(self.refused) == self._allowed

    def answered_by_link(self) -> Counter[int]:
        return Counter(short.link for short in self.answered.values())

    def _next(self) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: self._begun < self._allowed or self._leaving, 300)
            if self._begun >= self._allowed:
                return None
            self._begun += 1
            return self._begun

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._stack.port, timeout=30)
        try:
            while (number := self._next()) is not None:
                if connection.sock is None:
                    wait_until(lambda: connects(connection), timeout=60, what="a connection")
                self._ask(connection, f"n{number}", self._links[number % len(self._links)])
        finally:
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection, mark: str, short: ShortLink) -> None:
        try:
            status = self._visit(connection, mark, short)
        except (OSError, http.client.HTTPException):
            connection.close()
            self.cut_off[mark] = short
            return
        if status:
            self.refused.append((short.name, status))
        else:
            self.answered[mark] = short

    def _visit(self, connection: http.client.HTTPConnection, mark: str, short: ShortLink) -> int:
        """Open the link; return the status of another answer than its redirect."""
        answer, _ = self._request(connection, mark, "GET", f"/{short.name}")
        is_redirect = answer.status == 302
        leads_there = answer.headers.get("Location", "").startswith("https://example.com/")
        return 0 if is_redirect and leads_there else answer.status

    def _request(
        self,
        connection: http.client.HTTPConnection,
        mark: str,
        method: str,
        path: str,
        body: bytes | None = None,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection.request(method, path, body, headers(self._stack, mark))
        answer = connection.getresponse()
        return answer, answer.read()


class Readers(Visitors):
    """Clients on pages with share buttons: each time an offer, then a press, a visit by the
    very link that was shared, and a conversion."""

    def __init__(self, stack: Stack, links: list[ShortLink], *, clients: int = 2) -> None:
        super().__init__(stack, links, clients=clients)
        self.offers = 0
        """Offers that were answered."""

    def _visit(self, connection: http.client.HTTPConnection, mark: str, short: ShortLink) -> int:
        path = f"/offer?link={short.name}&channels=whatsapp"
        answer, body = self._request(connection, mark, "GET", path)
        if answer.status != 200:
            return answer.status
        self.offers += 1
        code = json.loads(body)["codes"]["whatsapp"]
        events = [
            {"kind": "press", "code": code, "placement": mark},
            {"kind": "visit", "code": code},
            {"kind": "conversion", "code": code, "visit": mark, "name": "signup"},
        ]
        sent = json.dumps(events).encode()
        answer, _ = self._request(connection, mark, "POST", "/events", sent)
        return 0 if answer.status == 204 else answer.status


def headers(stack: Stack, mark: str) -> dict[str, str]:
    """Return a person's headers. The language is kept with the hit, so it carries the mark."""
    return {
        "Host": f"localhost:{stack.port}",
        "User-Agent": f"{PERSON} {mark}",
        "Accept-Language": mark,
    }


def connects(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.connect()
    except (TimeoutError, ConnectionError):
        connection.close()
        return False
    return True


def visit(stack: Stack, name: str, mark: str = "en") -> Response:
    """Open a short link once, on a connection of its own."""
    return stack.get(f"/{name}", User_Agent=PERSON, Accept_Language=mark)
