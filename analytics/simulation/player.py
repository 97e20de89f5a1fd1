"""Playing a world over HTTP against a running product, as browsers and apps would.

Each story is played in its order on one connection, several stories at a time: nobody opens
what was not sent yet, and all else may come as it likes.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import groupby
from threading import local
from typing import Any
from urllib.parse import urlencode

from analytics.simulation.actions import Action, Cancel, Conversion, Offer, Open, Press, Visit
from analytics.simulation.apps import BUTTONS
from analytics.simulation.people import FROM_PAGES
from analytics.simulation.playing import Played
from analytics.simulation.stage import World
from shortener import codes

CONNECTIONS = 8
PATIENCE = 30
CHANNELS = ",".join([*BUTTONS, "addressbar"])
"""What the pages' share elements ask codes for."""


class RefusedError(Exception):
    """The product answered in a way that no page or app could go on with."""


class Player:
    """Plays stories against the product that listens on a port of this machine."""

    def __init__(self, host: str, port: int, world: World, played: Played) -> None:
        self.world = world
        self.played = played
        self.pages = [link.destination for link in played.links]
        self.names = [link.code for link in played.links]
        self.keys = [link.site.key for link in played.links]
        self._address = host, port
        self._codes: dict[int, str] = {}
        self._threads = local()
        self._connections: list[http.client.HTTPConnection] = []

    def play(self, progress: Callable[[int], None]) -> None:
        """Play all stories; tells ``progress`` how many are over. Raises RefusedError."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            try:
                running = [pool.submit(self.play_story, story) for story in self.world.stories]
                for number, done in enumerate(as_completed(running), 1):
                    done.result()
                    progress(number)
            finally:
                pool.shutdown(cancel_futures=True)
                for connection in self._connections:
                    connection.close()
        self.played.shares = {
            share: numbers[1]
            for share, code in self._codes.items()
            if (numbers := codes.decode(code))
        }

    def play_story(self, story: list[Action]) -> None:
        # What a page tells at one moment goes in one request.
        for _, together in groupby(story, key=lambda action: (type(action), action.at)):
            actions = list(together)
            match actions[0]:
                case Press() | Cancel() | Visit() | Conversion():
                    self.report(actions)
                case _:
                    for action in actions:
                        self.ask(action)

    def ask(self, action: Action) -> None:
        match action:
            case Offer():
                self.get_offer(action)
            case Open():
                self.open(action)

    def get_offer(self, offer: Offer) -> None:
        """Ask for codes as the share element of a page does."""
        page = self.pages[offer.article]
        query = urlencode({"site": self.keys[offer.article], "url": page, "channels": CHANNELS})
        fetch = (("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Site", "cross-site"))
        headers = offer.who.headers(fetch) | {"Origin": origin(page)}
        body = self.request(offer, "GET", f"/offer?{query}&title=A+story", headers, expected=200)
        offered = json.loads(body)["codes"]
        for share in offer.shares:
            self._codes[share] = offered[self.world.shares[share].channel]

    def open(self, opening: Open) -> None:
        """Ask for a short link."""
        name = self.names[opening.article]
        if opening.share is not None:
            name = self._codes[opening.share]
        headers = opening.who.headers() | dict(opening.headers)
        if opening.referrer:
            headers["Referer"] = opening.referrer
        self.request(opening, opening.method, f"/{name}", headers, expected=302)

    def report(self, actions: list[Action]) -> None:
        """Send what a page tells, as its beacon does."""
        page = self.pages[actions[0].article]
        headers = actions[0].who.headers(FROM_PAGES)
        headers |= {"Origin": origin(page), "Content-Type": "text/plain;charset=UTF-8"}
        body = json.dumps([self.event(action) for action in actions]).encode()
        self.request(actions[0], "POST", "/events", headers, expected=204, body=body)

    def event(self, action: Action) -> dict[str, Any]:
        event: dict[str, Any] = {"site": self.keys[action.article], "automated": False}
        match action:
            case Press():
                return event | {
                    "kind": "press",
                    "code": self._codes[action.share],
                    "placement": action.placement,
                    "parent": self.code(action.parent),
                }
            case Cancel():
                return event | {"kind": "cancel", "code": self._codes[action.share]}
            case Visit():
                return event | {
                    "kind": "visit",
                    "automated": action.automated,
                    "code": self.code(action.share),
                    "parent": self.code(action.parent),
                    "url": self.pages[action.article],
                    "referrer": action.referrer.split("/")[2] if action.referrer else None,
                    "navigation": action.navigation,
                }
            case Conversion():
                return event | {
                    "kind": "conversion",
                    "name": action.name,
                    "visit": action.visit,
                    "code": self.code(action.share),
                    "url": self.pages[action.article],
                    "value": action.cents / 100,
                    "currency": "EUR",
                }
        raise TypeError(action)

    def code(self, share: int | None) -> str:
        return "" if share is None else self._codes[share]

    def request(
        self,
        action: Action,
        method: str,
        path: str,
        headers: dict[str, str],
        *,
        expected: int,
        body: bytes | None = None,
    ) -> bytes:
        """Send a request and return the answer's body. Raises RefusedError."""
        headers["X-Forwarded-For"] = action.who.address(int(action.at * 1000))
        headers["X-Forwarded-Proto"] = "https"
        connection = self.connection()
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != expected:
            said = content[:200].decode(errors="replace")
            raise RefusedError(f"{method} {path} was answered with {answer.status}: {said}")
        return content

    def connection(self) -> http.client.HTTPConnection:
        """Return the connection of this thread."""
        connection: http.client.HTTPConnection | None = getattr(self._threads, "open", None)
        if connection is None:
            connection = http.client.HTTPConnection(*self._address, timeout=PATIENCE)
            self._threads.open = connection
            self._connections.append(connection)
        return connection


def origin(page: str) -> str:
    scheme, _, host, *_ = page.split("/")
    return f"{scheme}//{host}"
