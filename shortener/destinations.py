"""Where a link may lead, and when two addresses are the same page."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from string import ascii_letters, digits
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext

DEMO_PATH = "/demo/"

TRACKING = re.compile(r"utm_\w+|\w*clk?id|igshid|mc_[ce]id|_ga|ref_src", re.ASCII)
"""Parameters that say where a visitor came from, not which page it is."""

DEFAULT_PORTS = {"http": 80, "https": 443}
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~")
FRONT_PAGES = frozenset({"", "/", "/index.html"})


def host_matches(host: str, allowed: Collection[str]) -> bool:
    """Say whether the host is one of the allowed ones; ``.example.com`` allows subdomains."""
    return any(
        host == entry or (entry.startswith(".") and f".{host}".endswith(entry))
        for entry in allowed
    )


def problem(url: str, *, own_hosts: Collection[str], allowed_hosts: Collection[str] | None) -> str:
    """Return why a link may not lead to the URL, or an empty string where it may.

    ``allowed_hosts`` is None for whoever may link anywhere.
    """
    if not url.isprintable() or " " in url:
        sentence = gettext(
            "The address holds blanks or control characters; "
            "encode them as %(blank)s and the like."
        )
        return sentence % {"blank": "%20"}
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
    except ValueError as error:
        return gettext("This is not a valid address: %(error)s.") % {"error": error}
    if parts.scheme not in DEFAULT_PORTS:
        return gettext("The address must start with https:// or http://.")
    if not host or "\\" in url:
        return gettext("The address names no host.")
    if parts.username is not None or parts.password is not None:
        return gettext("The address holds a user name or password, which every visitor would see.")
    if host in own_hosts and not parts.path.startswith(DEMO_PATH):
        sentence = gettext("%(host)s is our own short domain: the link would lead back to itself.")
        return sentence % {"host": host}
    if allowed_hosts is not None and not host_matches(host, allowed_hosts):
        hosts = ", ".join(sorted(allowed_hosts)) or gettext("none yet")
        sentence = gettext("%(host)s is not a host of this site. Its hosts are: %(hosts)s.")
        return sentence % {"host": host, "hosts": hosts}
    return ""


@lru_cache(maxsize=4096)
def page_key(url: str, *, without: str = "") -> str:
    """Return the name by which a page is known, whatever led to it and however it was written.

    >>> page_key("HTTPS://Example.com:443/%7Ea?utm_source=x&id=1#top")
    'https://example.com/~a?id=1'

    Raises ValueError where the URL cannot be parsed.
    """
    address, _, query = page_address(url, without=without).partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return f"{address}?{urlencode(pairs)}" if pairs else address


def page_address(url: str, *, without: str = "") -> str:
    """Return the address of a page, without what says how somebody came to it.

    Host in small letters, no default port, no tracking parameters, no fragment, and not the
    parameter ``without``, in which a site's landing pages get the code of a share. The rest
    of the query is kept to the letter: some pages read it in ways of their own.

    Raises ValueError where the URL cannot be parsed.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port and parts.port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    kept = [part for part in parts.query.split("&") if part and tells_page(part, without)]
    query = f"?{iri_to_uri('&'.join(kept))}" if kept else ""
    return f"{parts.scheme}://{host}{plain_path(parts.path or '/')}{query}"


def tells_page(part: str, without: str) -> bool:
    """Say whether a part of a query says which page is meant."""
    name = unquote_plus(part.partition("=")[0])
    return name != without and not TRACKING.fullmatch(name)


def plain_path(path: str) -> str:
    """Return a path in the one way of writing it (RFC 3986, section 6.2.2).

    Browsers report addresses percent-encoded, people write them as they read them.
    """

    def plain(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16))
        return character if character in UNRESERVED else escape[0].upper()

    return ESCAPE.sub(plain, iri_to_uri(path))


@lru_cache(maxsize=4096)
def is_front_page(url: str) -> bool:
    """Say whether this is an address that people type: that of a site's front page."""
    try:
        return urlsplit(url).path in FRONT_PAGES
    except ValueError:
        return False


def own_hosts() -> set[str]:
    """Return the hosts that answer short links whatever the site."""
    return {settings.PUBLIC_HOST}
