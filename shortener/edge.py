"""The edge: answers the three hot routes in front of Django, without database or Redis.

It knows what the catalog knows. Whatever else is asked of it, it leaves to Django, whose
views load what is missing and then ask the edge again, so both give the same answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings

from shortener import codes
from shortener.answers import Answer, Environ, json_answer, offer_key
from shortener.catalog import Catalog, LinkEntry
from shortener.channels import NUMBERS, Channel
from shortener.gate import Gate
from shortener.headers import first_language, host_of, signals_of
from shortener.intake import Intake
from shortener.journal import FACT_VERSION, Journal
from shortener.models import SerialCounter
from shortener.previewers import is_previewer
from shortener.rates import Rates, redis_totals
from shortener.serials import Serials
from shortener.visitors import Salts, client_address, locate

StartResponse = Callable[..., Any]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
FOUND = STATUS_LINES[302]
REDIRECT_HEADERS = [("Cache-Control", "private, no-store"), ("Content-Length", "0")]
EMPTY_BODY = [b""]
MAX_AGENT = 512
"""Characters of a user agent that are kept."""


class Edge:
    """What this process holds to answer the hot routes."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        journal: Journal,
        salts: Salts,
        serials: Serials,
        rates: Rates,
        trusted_proxies: int,
    ) -> None:
        self.catalog = catalog
        self.journal = journal
        self.salts = salts
        self.serials = serials
        self.rates = rates
        self.gate = Gate(rates, trusted_proxies)
        self.intake = Intake(
            catalog=catalog,
            gate=self.gate,
            salts=salts,
            record=journal.record,
            trusted_proxies=trusted_proxies,
        )
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
            return self.intake.take(environ)
        return None

    def redirect(self, environ: Environ, name: str) -> str | None:
        """Record a hit and return where it leads.

        None where the link is not known or live, or has its own preview for who asks.
        """
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
        if entry.own_preview is not None and is_fetched(environ):
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
        agent = get("HTTP_USER_AGENT", "")[:MAX_AGENT]
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
                "signals": signals_of(environ, self._trusted_proxies),
                "referrer": host_of(referrer) if referrer else "",
                "language": first_language(get("HTTP_ACCEPT_LANGUAGE", "")),
                "visitor": visitor,
                "country": country,
            }
        )

    def offer(self, environ: Environ) -> Answer | None:
        """Hand a page its codes. None where the page or link is not known."""
        key = offer_key(environ.get("QUERY_STRING", ""))
        link_id, channels = self.catalog.memos.offers.get(key, (0, ()))
        entry = self.catalog.links.get(link_id)
        if entry is None or not entry.active or time.time() >= entry.expires:
            return None
        refusal = self.gate.visitor(environ)
        if refusal:
            return refusal
        refusal, headers = self.gate.page(environ, entry.site)
        return refusal or self.hand_out(entry, channels or entry.site.channels, headers)

    def hand_out(
        self, entry: LinkEntry, channels: Iterable[Channel], headers: list[tuple[str, str]]
    ) -> Answer:
        """Answer with a code for each channel, all of them of one serial."""
        first = self.serials.take() * NUMBERS
        encode = self._encode
        offered = {channel.name: encode(entry.id, first + channel.number) for channel in channels}
        self.journal.record(
            {
                "version": FACT_VERSION,
                "kind": "offer",
                "time": int(time.time() * 1000),
                "link": entry.id,
            }
        )
        site = entry.site
        body = {"base": site.short_base, "tag": site.tag_parameter, "codes": offered}
        return json_answer(200, body, headers)

    def mint(self, entry: LinkEntry, channel: Channel) -> tuple[str, int]:
        """Return the code and id of a new share."""
        share_id = codes.share_id(self.serials.take(), channel.number)
        return self._encode(entry.id, share_id), share_id


def is_fetched(environ: Environ) -> bool:
    """Tell whether a preview fetcher asks."""
    return is_previewer(environ.get("HTTP_USER_AGENT", "")[:MAX_AGENT])


@cache
def edge() -> Edge:
    """Return the edge of this process."""
    salts = Salts()
    return Edge(
        catalog=Catalog(),
        journal=Journal(settings.JOURNAL_DIR),
        salts=salts,
        serials=Serials(SerialCounter.reserve),
        rates=Rates(
            visitor_limit=settings.VISITOR_RATE_LIMIT,
            site_limit=settings.SITE_RATE_LIMIT,
            totals=redis_totals(settings.RATE_LIMIT_URL),
            hide=salts.name,
        ),
        trusted_proxies=settings.TRUSTED_PROXIES,
    )
