"""What a landing leads to, told by the page or by the site's own server."""

from __future__ import annotations

import json
import re
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.browser.paper import Paper, events_of, open_page
from tests.end_to_end.processes import wait_until


def conversions(paper: Paper, name: str):
    return paper.rows(
        "SELECT conversion.visit, value, currency, placement FROM analytics_conversion conversion "
        "LEFT JOIN analytics_share share ON share.id = conversion.share_id "
        f"WHERE conversion.name = '{name}'"
    )


@pytest.fixture
def buyer(people, shared) -> Page:
    """The page of a person whom the link has brought."""
    _, link = shared
    return open_page(people.window(), link)


def convert(page: Page, *arguments: object) -> None:
    with page.expect_request(lambda request: request.url.endswith("/events")):
        page.evaluate("(arguments) => grapevine.convert(...arguments)", [*arguments])


def test_a_conversion_counts_once_for_each_visit_and_name(buyer, paper, shared):
    _, short = shared
    convert(buyer, "order", {"value": 12.5, "currency": "EUR"})
    visit = buyer.evaluate("grapevine.visit")
    buyer.goto(paper.put())
    buyer.wait_for_function("self.grapevine")
    assert buyer.evaluate("[grapevine.code, grapevine.visit]") == [short.rpartition("/")[2], visit]
    convert(buyer, "order", {"value": 12.5, "currency": "EUR"})
    convert(buyer, "signup")

    wait_until(lambda: conversions(paper, "signup"))
    settle(paper.stack)
    assert conversions(paper, "order") == [(visit, 12.5, "EUR", "first")]
    assert conversions(paper, "signup") == [(visit, None, "", "first")]


def test_what_page_and_server_report_counts_once(buyer, paper):
    token = paper.stack.python(
        "from django.contrib.auth.models import Permission, User\n"
        "from rest_framework.authtoken.models import Token\n"
        "user = User.objects.create_user('shop')\n"
        "allowed = ('report_conversions', 'every_site')\n"
        "user.user_permissions.set(Permission.objects.filter(codename__in=allowed))\n"
        "print(Token.objects.create(user=user).key)"
    ).strip()
    code, visit = buyer.evaluate("[grapevine.code, grapevine.visit]")
    body = {"code": code, "visit": visit, "name": "delivery", "value": 7, "currency": "EUR"}
    request = Request(
        f"{paper.stack.base}/api/v1/conversions/",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Token {token}"},
    )
    with urlopen(request) as answer:
        assert answer.status == 202
    convert(buyer, "delivery", {"value": 7, "currency": "EUR"})

    wait_until(lambda: conversions(paper, "delivery"))
    settle(paper.stack)
    assert conversions(paper, "delivery") == [(visit, 7, "EUR", "first")]


def test_whom_nobody_brought_converts_too(browsing, paper):
    window = browsing.window()
    events = events_of(window)
    page = open_page(window, url := paper.put())
    convert(page, "order")

    assert events[-1]["url"] == url
    assert events[-1]["code"] == ""
    assert re.fullmatch(r"\S{3,40}", events[-1]["visit"])
    expect(page).to_have_url(url)
