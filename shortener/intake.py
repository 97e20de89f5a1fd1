"""The intake: takes the facts that pages report, ``POST /events``."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from shortener.answers import Answer, Environ, json_answer, open_cors
from shortener.catalog import Catalog
from shortener.events import MAX_BYTES, Event, EventError, read_events
from shortener.gate import Gate
from shortener.headers import first_language, signals_of
from shortener.journal import FACT_VERSION
from shortener.places import NotLoadedError, Place, fact_of, place_of
from shortener.visitors import Salts, client_address, locate

Headers = list[tuple[str, str]]
Record = Callable[[dict[str, Any]], None]
"""Writes a fact into the journal."""


class Intake:
    """What this process holds to take facts."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        gate: Gate,
        salts: Salts,
        record: Record,
        trusted_proxies: int,
    ) -> None:
        self._catalog = catalog
        self._gate = gate
        self._salts = salts
        self._record = record
        self._trusted_proxies = trusted_proxies

    def take(self, environ: Environ) -> Answer | None:
        """Take the events of a request. None where a link is not known yet."""
        length = environ.get("CONTENT_LENGTH") or ""
        if not length:
            return json_answer(411, {"error": "The body needs a Content-Length."})
        if not length.isdecimal() or int(length) > MAX_BYTES:
            return json_answer(413, {"error": f"At most {MAX_BYTES} bytes are taken at once."})
        if too_many := self._gate.visitor(environ):
            return too_many
        body = environ["wsgi.input"].read(int(length))
        # Django's view may have to read it again.
        environ["wsgi.input"] = BytesIO(body)
        return self.answer(environ, body)

    def answer(self, environ: Environ, body: bytes, *, is_loaded: bool = False) -> Answer | None:
        """Record what a body reports, as far as it can be understood, and say what cannot.

        None where the catalog has to ask the database; ``is_loaded`` says that what it does
        not know by now is nowhere.
        """
        events, problem = read_events(body)
        placed: list[tuple[Event, Place]] = []
        for event in events:
            try:
                placed.append((event, place_of(event, self._catalog)))
            except EventError as wrong:
                problem = problem or f"Event {event.number}: {wrong}."
            except NotLoadedError:
                if not is_loaded:
                    return None
        facts, refusal, headers = self._let_in(environ, placed)
        self.record(environ, facts)
        if refusal:
            return refusal
        if problem:
            return json_answer(400, {"error": problem, "recorded": len(facts)}, headers)
        return Answer(204, [*headers, ("Cache-Control", "no-store")], b"")

    def _let_in(
        self, environ: Environ, placed: list[tuple[Event, Place]]
    ) -> tuple[list[dict[str, Any]], Answer | None, Headers]:
        """Return the facts that may be recorded, the first refusal, and the answer's headers."""
        facts = []
        refusal: Answer | None = None
        headers = open_cors(environ)
        asked: dict[int, tuple[Answer | None, Headers]] = {}
        for event, (site, link, share_id) in placed:
            if site.id not in asked:
                asked[site.id] = self._gate.page(environ, site)
            refused, allowed = asked[site.id]
            if refused:
                refusal = refusal or refused
                continue
            headers = allowed
            if link:  # Otherwise nobody has shared the page yet.
                facts.append(fact_of(event, link, share_id))
        return facts, refusal, headers

    def record(self, environ: Environ, facts: list[dict[str, Any]]) -> None:
        """Record what a page reported, with what its request says of the sender."""
        get = environ.get
        now = time.time()
        agent = get("HTTP_USER_AGENT", "")[:512]
        network, country = locate(client_address(environ, self._trusted_proxies))
        wants_privacy = get("HTTP_SEC_GPC") == "1"
        signals = signals_of(environ, self._trusted_proxies)
        for fact in facts:
            kind = fact["kind"]
            if kind == "visit":
                if wants_privacy:
                    continue
                fact["language"] = first_language(get("HTTP_ACCEPT_LANGUAGE", ""))
                fact["country"] = country
            elif kind == "press":
                visitor = self._salts.visitor
                fact["visitor"] = (
                    None if wants_privacy else visitor(now, fact["link"], network, agent)
                )
            elif kind == "conversion":
                fact["server"] = False
            self._write(fact, now, agent, signals)

    def record_from_server(self, fact: dict[str, Any]) -> None:
        """Record a conversion that a site's own server has reported."""
        self._write(fact | {"server": True}, time.time(), "", "")

    def _write(self, fact: dict[str, Any], now: float, agent: str, signals: str) -> None:
        fact["version"] = FACT_VERSION
        fact["time"] = int(now * 1000)
        fact["agent"] = agent
        fact["signals"] = signals
        self._record(fact)
