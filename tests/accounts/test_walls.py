"""Whoever works for one site meets nothing of another, wherever they go and whatever they ask.

Addresses come from the resolver, so that a new page is covered from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest
from django.contrib.admin.sites import site as admin_site
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver

from analytics.dashboard import links as link_page
from analytics.dashboard import overview, reports
from analytics.models import (
    AlertSubscription,
    Batch,
    Conversion,
    Hit,
    Quarantine,
    Rise,
    Schedule,
    ScheduleRun,
    Share,
    Visit,
)
from analytics.reports.catalog import REPORTS
from shortener.channels import BY_NAME
from shortener.labelled import LabelledShare, Wanted, mint
from shortener.models import Link, OwnPreview, TagTemplate
from shortener.qr import KINDS
from tests.factories import make_campaign, make_link, make_site
from tests.facts import PERSON, conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

WORDS = {
    "site": "Walnut Weekly",
    "key": "walnut-weekly",
    "host": "walnut.example",
    "campaign": "Harvest of walnuts",
    "link": "How to crack a walnut",
    "page": "A walnut that nobody planted",
    "slug": "crack-it",
    "label": "Group of the walnut pickers",
    "preview": "Walnuts, seen from inside",
    "agent": "walnut-browser/7",
    "broken": "walnut-that-broke",
    "template": "Tags of the walnut letter",
}
"""Of the other site: each would tell of it."""


class Other:
    """A site with everything that a site can have; others than its members know none of it."""

    def __init__(self) -> None:
        self.site = make_site(
            name=WORDS["site"], key=WORDS["key"], hosts=[WORDS["host"]], domain="go.walnut.example"
        )
        own = {"site": self.site, "destination": f"https://{WORDS['host']}/shell"}
        self.campaign = make_campaign(site=self.site, name=WORDS["campaign"], slug="walnuts")
        self.link = make_link(
            **own, title=WORDS["link"], slug=WORDS["slug"], campaign=self.campaign
        )
        self.page = make_link(
            **{**own, "destination": f"https://{WORDS['host']}/tree"},
            title=WORDS["page"],
            registered=True,
        )
        TagTemplate.objects.create(
            site=self.site, name=WORDS["template"], tags={"utm_source": "walnut"}
        )
        OwnPreview.objects.create(link=self.link, title=WORDS["preview"], language="en")
        wanted = [Wanted(BY_NAME["whatsapp"], WORDS["label"])]
        [self.label] = mint(self.link, wanted, by=None).shares
        first, second = share_of("whatsapp", 7_000), share_of("telegram", 7_001)
        agent = {"agent": f"{PERSON} {WORDS['agent']}"}
        store(
            press(self.link, share=first, **agent),
            press(self.link, share=second, parent=first, **agent),
            hit(self.link, share=first, **agent),
            visit(self.link, share=first, **agent),
            conversion(self.link, share=first, **agent),
            WORDS["broken"],
        )
        self.share = Share.objects.get(pk=first)
        self.schedule = self._schedule()

    def _schedule(self) -> Schedule:
        maker = User.objects.create_user("wanda", is_staff=True)
        times = {"every": "day", "time_zone": "UTC", "next_day": date(2026, 3, 6)}
        schedule = Schedule.objects.create(user=maker, site=self.site, name="links", **times)
        ScheduleRun.objects.create(schedule=schedule, start=date(2026, 3, 5), end=date(2026, 3, 5))
        return schedule

    @property
    def tells(self) -> set[str]:
        """What on a page would tell of the site."""
        return {*WORDS.values(), self.link.code, self.page.code, self.label.code, str(self.share)}

    def ids(self) -> set[int]:
        rows = [self.site, self.campaign, self.link, self.page, self.label, self.share]
        models: tuple[Any, ...] = (
            Schedule,
            ScheduleRun,
            Hit,
            Visit,
            Conversion,
            Rise,
            Batch,
            Quarantine,
        )
        counted = [row for model in models for row in model.objects.all()]
        return {row.pk for row in (*rows, *counted)}


@pytest.fixture
def other():
    return Other()


@pytest.fixture
def member(client):
    """Somebody who may do everything, but for one site only."""
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename="every_site"))
    mine = make_site(name="The Bench", key="bench")
    mine.members.add(user)
    link = make_link(site=mine)
    store(press(link, share=share_of("whatsapp", 8_000)), hit(link))
    client.force_login(user)
    return client


def addresses(under: str) -> Iterator[tuple[str, dict]]:
    """Yield the routes below a path with the converters of their arguments."""
    for path, converters in _walk(get_resolver().url_patterns):
        if path.startswith(under):
            yield path, converters


def _walk(patterns, path="", converters=None) -> Iterator[tuple[str, dict]]:
    for pattern in patterns:
        route = _as_route(pattern)
        found = {**(converters or {}), **pattern.pattern.converters}
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path + route, found)
        elif isinstance(pattern, URLPattern):
            yield path + route, found


def _as_route(pattern) -> str:
    """Return a pattern as a route with <arguments>, also where it is a regular expression."""
    text = str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
    return re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", text)


def filled(path: str, other: Other) -> Iterator[str]:
    """Yield an address for every sensible value of its arguments."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", path)
    for values in product(*(_values(name, path, other) for name in names)):
        found = path
        for name, value in zip(names, values, strict=True):
            found = re.sub(rf"<(?:\w+:)?{name}>", str(value), found, count=1)
        yield f"/{found}"


def _values(name: str, path: str, other: Other) -> list[Any]:
    codes = [other.link.code, other.page.code]
    known: dict[str, list[Any]] = {
        "code": codes,
        "share": [other.label.pk, other.share.pk, other.label.code],
        "kind": sorted(KINDS),
        "name": _names(path),
        "app_label": ["shortener", "analytics", "auth"],
        "url": ["nothing"],
        "token": ["nothing"],
        "content_type_id": [_content_type(Link)],
    }
    return known.get(name) or sorted(other.ids())


def _names(path: str) -> list[str]:
    """Return what can be asked for by name at an address."""
    if "parts/" in path:
        return sorted(link_page.PARTS if "links/" in path else overview.PARTS)
    return sorted(REPORTS if "cards/" in path or "files/" in path else reports.PAGES)


def _content_type(model) -> int:
    return int(ContentType.objects.get_for_model(model).pk)


def queries(other: Other) -> list[dict]:
    """Return what to ask each address for: nothing, and everything that names the other site."""
    ids = ",".join(map(str, sorted(other.ids())))
    autocomplete = {"app_label": "shortener", "model_name": "link", "field_name": "campaign"}
    return [
        {},
        {"site": other.site.key, "links": other.link.code, "campaign": other.campaign.slug},
        {"site": other.site.pk, "campaign": other.campaign.pk, "pages": ids},
        {"site__id__exact": other.site.pk},
        {"q": WORDS["link"], **autocomplete, "term": "walnut", "pages": ids},
        {"search": "walnut", "format": "csv", "from": "2020-01-01"},
        {"url": f"https://{WORDS['host']}/tree"},
    ]


def told(answer, other: Other, asked: dict, address: str = "") -> set[str]:
    """Return what an answer tells of the other site, beyond what it was asked itself."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode(errors="replace") + answer.get("Location", "")
    said = {address, *map(str, asked.values())}
    return {word for word in other.tells if word in text and not any(word in s for s in said)}


ADMIN = sorted({path for path, _ in addresses("admin/")})
API = sorted({path for path, _ in addresses("api/")})
LEFT_OUT = {"admin/logout/", "admin/(?P<url>.*)$"}


@pytest.mark.parametrize("path", [path for path in (*ADMIN, *API) if path not in LEFT_OUT])
def test_nothing_tells_of_another_site(member, other, path):
    for address in filled(path, other):
        for query in queries(other):
            answer = member.get(address, query)
            assert told(answer, other, query, address) == set(), (address, query)


def test_the_walk_would_notice(client, other):
    """The same walk, by somebody who works for every site, does meet the other one."""
    client.force_login(User.objects.create_superuser("ada"))
    met = {
        path
        for path in (*ADMIN, *API)
        if path not in LEFT_OUT
        for address in filled(path, other)
        if told(client.get(address), other, {}, address)
    }

    models = [model._meta for model in admin_site._registry]
    lists = {
        f"admin/{meta.app_label}/{meta.model_name}/"
        for meta in models
        if meta.app_label in ("shortener", "analytics") and meta.model_name != "batch"
    }
    assert lists - met == set()
    assert {"api/v1/links/", "admin/reports/content/", "admin/"} <= met


UNDIVIDED = [
    "/admin/analytics/batch/",
    "/admin/analytics/quarantine/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/reports/counting/",
    "/admin/reports/cards/reconciliation/",
    "/admin/reports/files/reconciliation.csv",
    "/api/v1/reports/reconciliation",
]


@pytest.mark.parametrize("address", UNDIVIDED)
def test_what_is_of_all_sites_together_is_for_those_who_work_for_all(member, client, address):
    assert member.get(address).status_code == 403
    client.force_login(User.objects.create_superuser("ada"))
    query = {"site": "bench"} if "report" in address else {}
    assert client.get(address, query).status_code == 200


def test_nobody_learns_how_much_came_in_elsewhere(member, client, other):
    page = "/admin/analytics/hit/"

    assert member.get(page).context["cl"].estimate is None
    client.force_login(User.objects.create_superuser("ada"))
    assert client.get(page).context["cl"].estimate == 2


def test_the_ways_lead_to_no_closed_door(member):
    ways = re.findall(r'<a href="(/admin/[^"]+)"', member.get("/admin/").content.decode())

    assert len(ways) > 12
    assert {way: status for way in ways if (status := member.get(way).status_code) != 200} == {}


def test_nothing_of_another_site_is_changed(member, other):
    """Every form, action and verb finds nothing there to change."""
    link = f"/admin/shortener/link/{other.link.pk}"
    api = f"/api/v1/links/{other.link.code}/"
    chosen = {"_selected_action": [other.link.pk, other.page.pk]}
    attempts = [
        ("post", f"{link}/change/", {"title": "Mine now"}),
        ("post", f"{link}/preview/", {"title": "Mine now", "language": "en"}),
        ("post", f"{link}/labels/", {"label": "Mine now"}),
        ("post", f"{link}/labels/{other.label.pk}/", {"archived": "1"}),
        ("post", f"/admin/schedules/{other.schedule.pk}/delete/", {}),
        ("post", "/admin/shortener/link/", {"action": "switch_off", **chosen}),
        ("post", "/admin/shortener/page/", {"action": "refuse", **chosen}),
        ("post", f"/admin/shortener/page/merge/?pages={other.page.pk}", {"into": other.link.pk}),
        ("post", f"/admin/shortener/site/{other.site.pk}/change/", {"name": "Mine now"}),
        ("post", f"/admin/shortener/campaign/{other.campaign.pk}/change/", {"name": "Mine now"}),
        ("post", f"/admin/alerts/links/{other.link.pk}/", {"wanted": "1"}),
        ("patch", api, {"title": "Mine now"}),
        ("post", f"{api}switch_off/", {}),
        ("post", f"{api}shares/", {"shares": [{"channel": "email", "label": "Mine now"}]}),
        ("patch", f"{api}shares/{other.label.code}/", {"archived": True}),
        ("post", "/api/v1/links/", {"site": WORDS["key"], "title": "x", "destination": "/"}),
        ("post", "/api/v1/conversions/", {"code": str(other.share), "name": "x", "visit": "y"}),
    ]

    before = [
        _fresh(row) for row in (other.site, other.campaign, other.link, other.page, other.schedule)
    ]
    for verb, address, data in attempts:
        is_json = {"content_type": "application/json"} if address.startswith("/api/") else {}
        answer = getattr(member, verb)(address, data, **is_json)
        assert answer.status_code != 200 or "errornote" in answer.content.decode(), address
        assert answer.status_code not in (201, 202), address
    assert [
        _fresh(row) for row in (other.site, other.campaign, other.link, other.page, other.schedule)
    ] == before
    assert LabelledShare.objects.values("label", "archived").get() == {
        "label": WORDS["label"],
        "archived": False,
    }
    assert OwnPreview.objects.get().title == WORDS["preview"]
    assert not AlertSubscription.objects.exists()


def _fresh(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = type(row).objects.filter(pk=row.pk).values().get()
    return found


def test_a_link_cannot_be_made_for_another_site_or_moved_there(member, other):
    mine = Link.objects.get(site__key="bench")
    data = {"site": other.site.pk, "title": "Mine", "destination": "https://walnut.example/"}

    for address in ("add/", f"{mine.pk}/change/"):
        page = member.post(f"/admin/shortener/link/{address}", data)
        assert list(page.context["adminform"].errors) == ["site"]
    answer = member.patch(
        f"/api/v1/links/{mine.code}/", {"site": WORDS["key"]}, content_type="application/json"
    )
    assert answer.json() == {"site": ["Object with key=walnut-weekly does not exist."]}


def test_who_makes_a_site_becomes_its_member(member):
    data = {"name": "New", "key": "new", "time_zone": "UTC", "channels": ["email"]}
    answer = member.post("/admin/shortener/site/add/", {**data, "brand_color": "#000000"})

    assert answer.status_code == 302
    assert "New" in member.get("/admin/shortener/site/").content.decode()


def test_who_works_for_no_site_is_told_what_to_do(client):
    user = User.objects.create_user("cleo", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)

    for way in ("shortener/link/", "shortener/campaign/", "analytics/hit/", "analytics/share/"):
        text = client.get(f"/admin/{way}").content.decode()
        assert "Ask an administrator to make you a member of one." in text
