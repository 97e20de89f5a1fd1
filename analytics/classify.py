"""Decides who asked for a short link, and through which channel the link had reached them.

A pure function of what the request said: the same facts always get the same verdict, so
history can be classified again when the rules in ``signatures`` improve.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import re2
from is_bot import Bots

from analytics import signatures
from shortener.channels import BY_NAME
from shortener.previewers import PREVIEWS, Signature


class Kind(enum.IntEnum):
    """Who sent a request. The numbers are stored and never change."""

    CLICK = 1
    PREVIEW = 2
    PREFETCH = 3
    SCANNER = 4
    BOT = 5

    @property
    def label(self) -> str:
        return self.name.lower()


class Verdict(NamedTuple):
    """Who sent a request, the number of the channel it reveals (0: none), and the rule."""

    kind: Kind
    channel: int
    rule: str


_PERSON = Verdict(Kind.CLICK, 0, "person")
_HEAD = Verdict(Kind.SCANNER, 0, "scanner:head")
_EMPTY = Verdict(Kind.SCANNER, 0, "scanner:empty-agent")
_NO_FETCH_METADATA = Verdict(Kind.SCANNER, 0, "scanner:no-fetch-metadata")
_ISBOT = Verdict(Kind.BOT, 0, "bot:isbot")

_PURPOSE_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
# Chromium says "prefetch;prerender"; "preview" is Safari's and the Facebook app's word.
_SPECULATIVE = ("prefetch", "prerender", "preview")

_CHROME = re.compile(r"\bChrome/(\d{1,4})", re.ASCII)
# In a WebView the app may make the request itself, and then says what it likes.
_WEBVIEW_MARKS = ("; wv)", "Version/4.0 Chrome/")
_FETCH_METADATA_SINCE = 89


def classify(
    user_agent: str, method: str = "GET", headers: Mapping[str, str] = {}, referrer: str = ""
) -> Verdict:
    """Return who sent a request and what it reveals.

    ``headers`` holds, under lower-case names, those of its headers that can decide, and
    ``:scheme``; ``referrer`` is a host in lower case.
    """
    verdict, expects_fetch_metadata = _read_agent(user_agent)
    for name in _PURPOSE_HEADERS:
        if name in headers and _is_speculative(headers[name]):
            return Verdict(Kind.PREFETCH, verdict.channel, f"prefetch:{name}")
    if method == "HEAD" and verdict.kind != Kind.PREVIEW:
        # MicrosoftPreview asks with HEAD and still tells that the link was pasted, so the
        # method decides only about agents that are no known preview.
        return _HEAD
    if "x-requested-with" in headers and verdict in (_PERSON, _ISBOT):
        verdict = _verdict_on_package(user_agent, headers["x-requested-with"]) or verdict
    if verdict is not _PERSON:
        return verdict
    if expects_fetch_metadata and _lacks_fetch_metadata(headers):
        return _NO_FETCH_METADATA
    return referrer_verdict(referrer) if referrer else verdict


def is_bot_by_pattern(user_agent: str) -> bool:
    """Tell whether isbot's list calls the agent a bot.

    The same list as one alternation in ``regex``, as the package compiles it, takes about
    400 us for each agent.
    """
    matches = _ISBOT_SET.Match(_encode(user_agent)) or ()
    return _SURE in matches or (_LOOSE in matches and _LOOK_AROUND.search(user_agent) is not None)


@lru_cache(maxsize=20_000)
def _read_agent(user_agent: str) -> tuple[Verdict, bool]:
    """Return the verdict on an agent, and whether it must also send fetch metadata."""
    user_agent = user_agent.strip()
    if not user_agent:
        return _EMPTY, False
    if matches := _RULE_SET.Match(_encode(user_agent)):
        return _RULES[min(matches)][0], False
    if is_bot_by_pattern(user_agent) and not _BROWSER_SET.Match(_encode(user_agent)):
        return _ISBOT, False
    return _PERSON, _claims_modern_chrome(user_agent)


def _encode(user_agent: str) -> bytes:
    # A lone surrogate can come out of a JSON line, and RE2 reads UTF-8.
    return user_agent.encode(errors="replace")


def _claims_modern_chrome(user_agent: str) -> bool:
    chrome = _CHROME.search(user_agent)
    if chrome is None or int(chrome[1]) < _FETCH_METADATA_SINCE:
        return False
    return not any(mark in user_agent for mark in _WEBVIEW_MARKS)


def _is_speculative(purpose: str) -> bool:
    purpose = purpose.lower()
    return any(word in purpose for word in _SPECULATIVE)


def _lacks_fetch_metadata(headers: Mapping[str, str]) -> bool:
    # Browsers send it over https only.
    return "sec-fetch-mode" not in headers and headers.get(":scheme") == "https"


def _verdict_on_package(user_agent: str, package: str) -> Verdict | None:
    """Recognise the app around a WebView; a person even if isbot dislikes the phone's name."""
    channel = signatures.PACKAGES.get(package.lower())
    if channel is None or not user_agent.startswith("Mozilla/5.0 ("):
        return None
    return Verdict(Kind.CLICK, BY_NAME[channel].number, f"package:{channel}")


@lru_cache(maxsize=1_000)
def referrer_verdict(host: str) -> Verdict:
    """Return the verdict on a person who came from a host: what the host reveals."""
    while host:
        if channel := signatures.REFERRERS.get(host):
            return Verdict(Kind.CLICK, BY_NAME[channel].number, f"referrer:{channel}")
        host = host.partition(".")[2]
    return _PERSON


def _rules(
    kind: Kind, rows: Iterable[Signature], form: str = "(?i:{})"
) -> list[tuple[Verdict, str]]:
    return [
        (
            Verdict(kind, BY_NAME[row.channel].number if row.channel else 0, row.rule),
            form.format(row.pattern),
        )
        for row in rows
    ]


def _search_set(patterns: Iterable[str]) -> re2.Set:
    """Compile patterns so that one pass over a text finds all that match, by their index."""
    options = re2.Options()
    options.never_capture = True
    # A set that runs out of memory reports no match. This is a limit, nothing is allocated.
    options.max_mem = 64 << 20
    search_set = re2.Set.SearchSet(options)
    for pattern in patterns:
        search_set.Add(pattern)
    search_set.Compile()
    return search_set


# The first rule that matches wins. In-app browsers stand before all bots, because to isbot a
# phone called "24x7" is one, and so is WeChat's "Process/tools".
_RULES = [
    *_rules(Kind.PREVIEW, PREVIEWS),
    *_rules(Kind.PREFETCH, signatures.PRELOADERS),
    *_rules(Kind.CLICK, signatures.IN_APP, form=r"^Mozilla/5\.0 \(.*(?:{})"),
    *_rules(Kind.SCANNER, signatures.SCANNERS),
    *_rules(Kind.BOT, signatures.BOTS),
]
_RULE_SET = _search_set(pattern for _, pattern in _RULES)
_BROWSER_SET = _search_set(f"(?i:{row.pattern})" for row in signatures.BROWSERS)

# RE2 has no look-around. Without it a pattern matches more, never less, so only agents that
# match the loose form are worth the slow look of ``re``.
_AROUND = re.compile(r"\(\?<?[=!](?:[^()]|\([^()]*\))*\)")
_ISBOT_PATTERNS = sorted(Bots().patterns)
_LOOK_AROUNDS = [pattern for pattern in _ISBOT_PATTERNS if _AROUND.search(pattern)]
_SURE, _LOOSE = 0, 1
_ISBOT_SET = _search_set(
    [
        "(?i)" + "|".join(p for p in _ISBOT_PATTERNS if p not in _LOOK_AROUNDS),
        "(?i)" + "|".join(_AROUND.sub("", p) for p in _LOOK_AROUNDS),
    ]
)
_LOOK_AROUND = re.compile(
    # A look-behind of ``re`` has one width, so (?<!a|b) becomes (?<!a)(?<!b). ASCII, because
    # isbot is JavaScript, where \w and \b know nothing else.
    re.sub(r"\(\?<!([^()|]+)\|([^()|]+)\)", r"(?<!\1)(?<!\2)", "|".join(_LOOK_AROUNDS)),
    re.ASCII | re.IGNORECASE,
)
