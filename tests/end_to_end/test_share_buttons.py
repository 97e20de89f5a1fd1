"""The share buttons' addresses where several processes answer them at the same time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.end_to_end.databases import Database
from tests.end_to_end.processes import Stack, wait_until
from tests.end_to_end.visitors import make_links
from tests.facts import PERSON, WHATSAPP

SITE = "site-1"
PAGE = "https://example.com/new"


@pytest.fixture
def stack(database: Database, tmp_path: Path) -> Iterator[Stack]:
    environment = {"WEB_WORKERS": "2", "VISITOR_RATE_LIMIT": "200", "TRUSTED_PROXIES": "1"}
    with Stack(tmp_path / "data", DEMO="false", **environment, **database.environment) as stack:
        yield stack


def from_address(number: int) -> dict[str, str]:
    return {"User_Agent": PERSON, "X_Forwarded_For": f"203.0.113.{number}"}


def test_first_shares_at_the_same_time_make_one_link(stack: Stack, database: Database) -> None:
    make_links(stack, 1)

    def share(number: int) -> int:
        page = quote(f"{PAGE}-{number % 4}?utm_source={number}", safe="")
        path = ("/offer", "/share/whatsapp")[number % 2]
        return stack.get(f"{path}?site={SITE}&url={page}", **from_address(number)).status

    with ThreadPoolExecutor(16) as pool:
        statuses = {*pool.map(share, range(64))}
    assert statuses == {200, 303}
    found = database.rows("SELECT page FROM shortener_link WHERE registered ORDER BY 1")
    assert found == [(f"{PAGE}-{number}",) for number in range(4)]


def test_web_processes_hold_one_limit_together_and_never_limit_a_redirect(stack: Stack) -> None:
    code = make_links(stack, 1)[0].name
    wait_until(lambda: time.time() % 60 < 30, timeout=40, what="enough time in this minute")

    def ask(path: str) -> int:
        return stack.get(path, **from_address(7)).status

    def told() -> int:
        """Return what the processes have told each other of this visitor."""
        keys = stack.broker().scan_iter("grapevine:*:visitor-*")
        return sum(int(stack.broker().get(key) or 0) for key in keys)

    statuses = [ask(f"/offer?link={code}") for _ in range(100)]
    for _ in range(20):
        # Each knows what the other had answered before these.
        wait_until(lambda: told() >= len(statuses) - 20, what="the total of both processes")
        statuses.extend(ask(f"/offer?link={code}") for _ in range(20))
    assert 200 <= statuses.count(200) <= 280, "by themselves they would have answered 400"
    assert set(statuses) == {200, 429}
    assert set(statuses[-100:]) == {429}
    refused = stack.get(f"/offer?link={code}", Origin="https://example.com", **from_address(7))
    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "Too many requests" in json.loads(refused.body)["error"]
    assert stack.get(f"/offer?link={code}", **from_address(8)).status == 200

    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        fetched = [
            *pool.map(
                lambda _: (
                    stack.get(
                        f"/{code}", User_Agent=WHATSAPP, X_Forwarded_For="203.0.113.7"
                    ).status
                ),
                range(500),
            )
        ]
    assert time.monotonic() - started < 10
    assert set(fetched) == {302}


def test_the_script_is_served_packed(stack):
    served = stack.get("/share.js", Accept_Encoding="gzip")
    assert served.headers["content-encoding"] == "gzip"
    again = stack.get("/share.js", If_None_Match=served.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = stack.get("/share.js", method="HEAD")
    assert (head.status, head.body) == (200, b"")
