"""``share.js`` as pages load it: current under its name, and for good under its hash.

What is served is the source without its comments, indentation and blanks, which are for those
who read it here.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import logging
import re
from functools import cache, lru_cache
from pathlib import Path

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from shortener import script_data
from shortener.models import Script
from shortener.patience import needs_database

logger = logging.getLogger(__name__)

SOURCE = Path(__file__).parent / "static" / "shortener" / "share.js"
JAVASCRIPT = "text/javascript; charset=utf-8"
CURRENT_SECONDS = 3600
PINNED_SECONDS = 365 * 86_400
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
"""Finds gzip among the encodings that a browser takes, unless it says q=0 of it."""
COMMENTS = ("//", "/*", "*")
"""How a line of nothing but comment begins. In ``share.js`` no other line does."""
BLANKS = re.compile(r"""("[^"]*"|'[^']*'|`[^`]*`)| ?([=<>,:?(){}|&]+) ?""")
"""Finds texts, to be kept, and blanks beside signs that part words without them. ``share.js``
has no text within the braces of another, and no quotes in regular expressions."""


@cache
def served() -> str:
    """Return the script as it is served."""
    lines = (line.strip() for line in SOURCE.read_text().splitlines())
    code = "\n".join(line for line in lines if line and not line.startswith(COMMENTS)) + "\n"
    return BLANKS.sub(lambda found: found[1] or found[2], code)


@cache
def digest() -> str:
    """Return the SHA-256 of the served script, in hexadecimal."""
    return hashlib.sha256(served().encode()).hexdigest()


def integrity() -> str:
    """Return the ``integrity`` attribute of the served script (Subresource Integrity)."""
    return f"sha256-{base64.b64encode(bytes.fromhex(digest())).decode()}"


def pinned_name() -> str:
    """Return the name under which the served script never changes."""
    return f"share.{digest()}.js"


@cache
def keep() -> None:
    """Keep the current script for the time after the next upgrade."""
    Script.objects.get_or_create(digest=digest(), defaults={"content": served()})


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """Serve the current script, to be asked for again within the hour."""
    return _current(request, served(), JAVASCRIPT)


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Serve the languages and channels that the script does not hold itself."""
    return _current(request, script_data.served(), "application/json")


def _current(request: HttpRequest, content: str, content_type: str) -> HttpResponse:
    etag = f'"{hashlib.sha256(content.encode()).hexdigest()}"'
    wanted = parse_etags(request.headers.get("If-None-Match", ""))
    is_known = any(tag.removeprefix("W/") in {etag, "*"} for tag in wanted)
    response = HttpResponse(status=304) if is_known else _whole(request, content, content_type)
    response["ETag"] = f"W/{etag}"  # Weak: packed or not, it is the same.
    return _for_everyone(response, f"public, max-age={CURRENT_SECONDS}")


@require_safe
@needs_database
def pinned(request: HttpRequest, wanted: str) -> HttpResponse:
    """Serve the script with this hash: the current one, or one of an earlier release."""
    if wanted == digest():
        content: str | None = served()
        try:
            keep()
        except Error as error:
            logger.warning("The current script could not be kept: %s", error)
    else:
        found = Script.objects.filter(digest=wanted)
        content = found.values_list("content", flat=True).first()
    if content is None:
        raise Http404
    response = _whole(request, content, JAVASCRIPT)
    return _for_everyone(response, f"public, max-age={PINNED_SECONDS}, immutable")


def _whole(request: HttpRequest, content: str, content_type: str) -> HttpResponse:
    is_packed = bool(TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")))
    body = packed(content) if is_packed else content
    response = HttpResponse(body, content_type=content_type)
    if is_packed:
        response["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=8)
def packed(content: str) -> bytes:
    """Return a script as most browsers get it. No proxy in front needs to pack it again."""
    return gzip.compress(content.encode(), mtime=0)


def _for_everyone(response: HttpResponse, caching: str) -> HttpResponse:
    # Modules are fetched with CORS, whatever page they stand in.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = caching
    response["Vary"] = "Accept-Encoding"
    return response


def snippet(base: str, site_key: str, tag_parameter: str, *, is_pinned: bool) -> str:
    """Return the script element that a site puts into its pages."""
    name = pinned_name() if is_pinned else "share.js"
    attributes = {"type": "module", "src": f"{base}{name}", "data-site": site_key}
    if tag_parameter != "gv":
        attributes["data-tag"] = tag_parameter
    if is_pinned:
        attributes |= {"integrity": integrity(), "crossorigin": "anonymous"}
    text = " ".join(f'{attribute}="{value}"' for attribute, value in attributes.items())
    return f"<script {text}></script>"
