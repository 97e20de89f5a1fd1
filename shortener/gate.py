"""Who may ask for codes and report facts: not too often, and only from a site's own pages."""

from __future__ import annotations

import time

from shortener.answers import Answer, Environ, cors, json_answer, open_cors
from shortener.catalog import SiteEntry
from shortener.rates import Rates
from shortener.visitors import client_address, locate


class Gate:
    """What a request has to pass before anything is looked up or recorded for it."""

    def __init__(self, rates: Rates, trusted_proxies: int) -> None:
        self.rates = rates
        self._trusted_proxies = trusted_proxies

    def visitor(self, environ: Environ) -> Answer | None:
        """Count a visitor's request; return the answer to one too many."""
        network, _ = locate(client_address(environ, self._trusted_proxies))
        # An address that cannot be read is no visitor to count.
        return too_many(environ, self.rates.take(time.time(), network)) if network else None

    def page(
        self, environ: Environ, site: SiteEntry
    ) -> tuple[Answer | None, list[tuple[str, str]]]:
        """Count a request for a site; return its refusal, or None and the answer's headers."""
        refusal, headers = cors(environ, site)
        if refusal is None:
            refusal = too_many(environ, self.rates.take(time.time(), site.id))
        return refusal, headers


def too_many(environ: Environ, wait: int) -> Answer | None:
    """Return the answer to a request that came too early by so many seconds."""
    if not wait:
        return None
    error = {"error": f"Too many requests. Try again in {wait} seconds."}
    return json_answer(429, error, [("Retry-After", str(wait)), *open_cors(environ)])
