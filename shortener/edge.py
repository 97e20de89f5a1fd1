"""The edge: answers the three hot routes in front of Django, without database or Redis.

It knows what the catalog knows. Whatever else is asked of it, it leaves to Django, whose
views load what is missing and then ask the edge again, so both give the same answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cache
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings

from shortener import codes
from shortener.answers import Answer, Environ, cors, json_answer, open_cors
from shortener.catalog import Catalog, LinkEntry
from shortener.channels import NUMBERS, Channel
from shortener.events import MAX_BYTES, read_events
from shortener.headers import SIGNAL_KEYS, first_language, host_of, join_signals
from shortener.journal import Journal
from shortener.models import SerialCounter
from shortener.serials import Serials
from shortener.visitors import Salts, client_address, locate

StartResponse = Callable[..., Any]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

FACT_VERSION = 1
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
FOUND = STATUS_LINES[302]
REDIRECT_HEADERS = [("Cache-Control", "private, no-store"), ("Content-Length", "0")]
EMPTY_BODY = [b""]


class Edge:
    """What this process holds to answer the hot routes."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        journal: Journal,
        salts: Salts,
        serials: Serials,
        trusted_proxies: int,
    ) -> None:
        self.catalog = catalog
        self.journal = journal
        self.salts = salts
        self.serials = serials
        self._trusted_proxies = trusted_proxies
        self._decode = codes.codec().decode
        self._encode = codes.codec().encode

    def in_front_of(self, django: WSGIApplication) -> WSGIApplication:
        """Return the WSGI application: the edge, and Django for all that it leaves."""

        redirect = self.redirect

        def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            method = environ["REQUEST_METHOD"]
            path: str = environ["PATH_INFO"]
            if (method == "GET" or method == "HEAD") and path != "/offer":
                # Short links are what most requests ask for: they take the shortest way.
                location = redirect(environ, path[1:])
                if location is not None:
                    start_response(FOUND, [("Location", location), *REDIRECT_HEADERS])
                    return EMPTY_BODY
                return django(environ, start_response)
            answer = self.answer(environ, method, path)
            if answer is None:
                return django(environ, start_response)
            start_response(STATUS_LINES[answer.status], answer.headers)
            return [answer.body]

        return application

    def answer(self, environ: Environ, method: str, path: str) -> Answer | None:
        """Answer an offer or events; None for what is Django's."""
        if path == "/offer" and method in {"GET", "HEAD"}:
            return self.offer(environ)
        if path == "/events" and method == "POST":
            return self.events(environ)
        return None

    def redirect(self, environ: Environ, name: str) -> str | None:
        """Record a hit and return where it leads. None where the link is not known or live."""
        numbers = self._decode(name)
        if numbers is None:
            link_id, share_id = self.catalog.slugs.get(name), 0
            if link_id is None:
                return None
        else:
            link_id, share_id = numbers
        entry = self.catalog.links.get(link_id)
        if entry is None:
            return None
        now = time.time()
        if not entry.active or now >= entry.expires:
            return None
        query = environ.get("QUERY_STRING")
        if query:
            location = entry.location_with(share_id, name, query)
        else:
            location = entry.location(share_id, name)
        if location is not None:
            self.record_hit(environ, link_id, share_id, now)
        return location

    def record_hit(self, environ: Environ, link_id: int, share_id: int, now: float) -> None:
        """Record that somebody asked for a short link."""
        get = environ.get
        agent = get("HTTP_USER_AGENT", "")[:512]
        network, country = locate(client_address(environ, self._trusted_proxies))
        visitor = None
        if get("HTTP_SEC_GPC") != "1":
            visitor = self.salts.visitor(now, link_id, network, agent)
        referrer = get("HTTP_REFERER")
        self.journal.record(
            {
                "version": FACT_VERSION,
                "kind": "hit",
                "time": int(now * 1000),
                "link": link_id,
                "share": share_id,
                "agent": agent,
                "signals": self.signals(environ),
                "referrer": host_of(referrer) if referrer else "",
                "language": first_language(get("HTTP_ACCEPT_LANGUAGE", "")),
                "visitor": visitor,
                "country": country,
            }
        )

    def signals(self, environ: Environ) -> str:
        """Return what classifies a request beside its user agent, a line each."""
        scheme = environ["wsgi.url_scheme"]
        if self._trusted_proxies:
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", scheme)
        return join_signals(environ["REQUEST_METHOD"], scheme, *map(environ.get, SIGNAL_KEYS))

    def offer(self, environ: Environ) -> Answer | None:
        """Hand a page its codes. None where the page or link is not known."""
        query = environ.get("QUERY_STRING", "")
        entry = self.catalog.links.get(self.catalog.pages.get(query, 0))
        if entry is None or not entry.active or time.time() >= entry.expires:
            return None
        site = entry.site
        refusal, headers = cors(environ, site)
        if refusal:
            return refusal
        serial = self.serials.take()
        encode = self._encode
        offered = {
            channel.name: encode(entry.id, serial * NUMBERS + channel.number)
            for channel in site.channels
        }
        self.journal.record(
            {
                "version": FACT_VERSION,
                "kind": "offer",
                "time": int(time.time() * 1000),
                "link": entry.id,
            }
        )
        body = {"base": site.short_base, "tag": site.tag_parameter, "codes": offered}
        return json_answer(200, body, headers)

    def events(self, environ: Environ) -> Answer | None:
        """Take the facts that a page reports. None where a code's link is not known yet."""
        length = environ.get("CONTENT_LENGTH") or ""
        if not length:
            return json_answer(411, {"error": "The body needs a Content-Length."})
        if not length.isdecimal() or int(length) > MAX_BYTES:
            return json_answer(413, {"error": f"At most {MAX_BYTES} bytes are taken at once."})
        body = environ["wsgi.input"].read(int(length))
        # Django's view may have to read it again.
        environ["wsgi.input"] = BytesIO(body)
        return self.answer_events(environ, body)

    def answer_events(self, environ: Environ, body: bytes) -> Answer | None:
        """Record the events of a body that has been read."""
        facts, problem = read_events(body)
        if problem and not facts:
            return json_answer(400, {"error": problem, "recorded": 0}, open_cors(environ))
        recorded = []
        headers: list[tuple[str, str]] = []
        for event in facts:
            numbers = self._decode(event.code)
            if numbers is None:
                problem = problem or f"{event.code[:40]!r} is not a code."
                continue
            entry = self.catalog.links.get(numbers[0])
            if entry is None:
                if "grapevine.loaded" not in environ:
                    return None
                problem = problem or f"{event.code[:40]!r} is not the code of a link."
                continue
            if event.kind == "press" and not numbers[1]:
                problem = problem or f"{event.code[:40]!r} is a link's code, not a share's."
                continue
            refusal, headers = cors(environ, entry.site)
            if refusal:
                return refusal
            recorded.append(event.fact(*numbers, self._decode))
        self._record_events(environ, recorded)
        if problem:
            body_of = {"error": problem, "recorded": len(recorded)}
            return json_answer(400, body_of, headers or open_cors(environ))
        return Answer(204, [*headers, ("Cache-Control", "no-store")], b"")

    def _record_events(self, environ: Environ, facts: list[dict[str, Any]]) -> None:
        context = {
            "version": FACT_VERSION,
            "time": int(time.time() * 1000),
            "agent": environ.get("HTTP_USER_AGENT", "")[:512],
            "signals": self.signals(environ),
        }
        for fact in facts:
            self.journal.record(context | fact)

    def mint(self, entry: LinkEntry, channel: Channel) -> tuple[str, int]:
        """Return the code and id of a new share."""
        share_id = codes.share_id(self.serials.take(), channel.number)
        return self._encode(entry.id, share_id), share_id

    def press(self, environ: Environ, entry: LinkEntry, share_id: int, placement: str) -> None:
        """Record a press that our own server saw."""
        fact = {"kind": "press", "link": entry.id, "share": share_id, "placement": placement}
        self._record_events(environ, [fact])


@cache
def edge() -> Edge:
    """Return the edge of this process."""
    return Edge(
        catalog=Catalog(),
        journal=Journal(settings.JOURNAL_DIR),
        salts=Salts(),
        serials=Serials(SerialCounter.reserve),
        trusted_proxies=settings.TRUSTED_PROXIES,
    )
