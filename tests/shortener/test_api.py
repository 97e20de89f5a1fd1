"""Links by the REST API: what it takes, what it refuses, and who may."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from shortener import codes
from shortener.models import Link
from tests.factories import make_campaign, make_link, make_site

pytestmark = pytest.mark.django_db

LINKS = "/api/v1/links/"


@pytest.fixture
def site():
    return make_site(key="demo")


@pytest.fixture
def user():
    """An editor, who may not link to foreign hosts."""
    user = User.objects.create_user("ben")
    allow(user, "view_link", "add_link", "change_link")
    return user


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def allow(user, *permissions):
    user.user_permissions.set(Permission.objects.filter(codename__in=[*permissions, "every_site"]))


def url_of(link, action=""):
    return f"{LINKS}{link.code}/{action}"


def data(**values):
    return {
        "site": "demo",
        "title": "Grapes",
        "destination": "https://example.com/grapes",
    } | values


def post(api, **values):
    return api.post(LINKS, data(**values), format="json")


def test_a_link_is_made(api, site, user):
    make_campaign(site=site, slug="summer")
    response = post(
        api, slug="grapes", campaign="summer", tags={"utm_source": "{channel}"}, active=True
    )
    assert response.status_code == 201
    link = Link.objects.get()
    assert response.json() == {
        "code": link.code,
        "short_url": link.short_url,
        "site": "demo",
        "campaign": "summer",
        "destination": "https://example.com/grapes",
        "title": "Grapes",
        "slug": "grapes",
        "tags": {"utm_source": "{channel}"},
        "expires": None,
        "fallback_url": "",
        "forward_query": True,
        "active": True,
        "created": response.json()["created"],
    }
    assert link.created_by == user
    assert link.page == "https://example.com/grapes"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"site": "nope"}, "site"),
        ({"site": None}, "site"),
        ({"site": 5}, "site"),
        ({"destination": "https://elsewhere.example/"}, "destination"),
        ({"destination": "javascript:alert(1)"}, "destination"),
        ({"destination": ""}, "destination"),
        ({"fallback_url": "https://elsewhere.example/"}, "fallback_url"),
        ({"slug": "admin"}, "slug"),
        ({"slug": "with space"}, "slug"),
        ({"slug": "taken"}, "slug"),
        ({"campaign": "foreign"}, "campaign"),
        ({"tags": ["utm_source"]}, "tags"),
        ({"tags": {"utm_source": "{nope}"}}, "tags"),
        ({"title": "x" * 201}, "title"),
        ({"expires": "soon"}, "expires"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(api, site, values, field):
    make_link(slug="taken")
    make_campaign(slug="foreign")
    response = post(api, **values)
    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert Link.objects.count() == 1


def test_the_permission_to_link_anywhere_is_that_of_the_admin(api, site, user):
    allow(user, "view_link", "add_link", "link_anywhere")
    assert post(api, destination="https://elsewhere.example/").status_code == 201


def test_campaigns_of_two_sites_may_have_the_same_slug(api, site):
    make_campaign(slug="summer")
    own = make_campaign(site=site, slug="summer")
    assert post(api, campaign="summer").status_code == 201
    assert Link.objects.get().campaign == own


def test_a_link_is_found_by_its_code(api, site):
    link = make_link(site=site)
    assert api.get(url_of(link)).json()["code"] == link.code
    share = codes.encode(link.pk, codes.share_id(5000, 1))
    for name in (share, "nothing", codes.encode(link.pk + 1), str(link.pk)):
        assert api.get(f"{LINKS}{name}/").status_code == 404


def test_a_link_is_changed(api, site):
    link = make_link(site=site, slug="old", campaign=make_campaign(site=site))
    response = api.patch(url_of(link), {"title": "New", "slug": "", "campaign": None}, "json")
    assert response.status_code == 200
    link.refresh_from_db()
    assert (link.title, link.slug, link.campaign) == ("New", None, None)
    response = api.put(url_of(link), data(title="Newer"), "json")
    assert response.status_code == 200
    assert Link.objects.get().title == "Newer"


def test_a_change_is_checked_like_a_new_link(api, site):
    link = make_link(site=site)
    response = api.patch(url_of(link), {"destination": "https://elsewhere.example/"}, "json")
    assert response.status_code == 400
    assert list(response.json()) == ["destination"]
    link.refresh_from_db()
    assert link.destination == "https://example.com/article"


def test_a_campaign_is_looked_for_on_the_links_own_site(api, site):
    link = make_link(site=site)
    own = make_campaign(site=site, slug="summer")
    make_campaign(slug="summer")
    assert api.patch(url_of(link), {"campaign": "summer"}, "json").status_code == 200
    link.refresh_from_db()
    assert link.campaign == own


def test_a_link_is_switched_off_and_on(api, site):
    link = make_link(site=site)
    version = link.version
    for action, active in (("switch_off/", False), ("switch_off/", False), ("switch_on/", True)):
        response = api.post(url_of(link, action))
        assert (response.status_code, response.json()["active"]) == (200, active)
        link.refresh_from_db()
        assert link.active is active
    assert link.version > version


def test_a_link_is_never_deleted(api, site, user):
    allow(user, "view_link", "delete_link")
    assert api.delete(url_of(make_link(site=site))).status_code in {403, 405}
    assert Link.objects.exists()


def test_links_are_listed_newest_first_page_by_page(api, site, django_assert_num_queries):
    links = [make_link(site=site, campaign=make_campaign(site=site)) for _ in range(5)]
    with django_assert_num_queries(3):  # Two for the user's permissions.
        page = api.get(LINKS, {"page_size": 2}).json()
    found = page["results"]
    while page["next"]:
        page = api.get(page["next"]).json()
        found += page["results"]
    assert [row["code"] for row in found] == [link.code for link in reversed(links)]


@pytest.mark.parametrize(
    ("params", "titles"),
    [
        ({"site": "demo"}, ["off", "on"]),
        ({"site": "nope"}, []),
        ({"campaign": "summer"}, ["on"]),
        ({"active": "true"}, ["foreign", "on"]),
        ({"active": "false"}, ["off"]),
        ({"search": "FOREI"}, ["foreign"]),
        ({"search": "/special"}, ["off"]),
        ({"site": "demo", "active": "true"}, ["on"]),
    ],
)
def test_links_are_filtered(api, site, params, titles):
    make_link(site=site, title="on", campaign=make_campaign(site=site, slug="summer"))
    make_link(site=site, title="off", active=False, destination="https://example.com/special")
    make_link(title="foreign")
    response = api.get(LINKS, params)
    assert [row["title"] for row in response.json()["results"]] == titles


def test_a_filter_that_makes_no_sense_is_refused(api):
    response = api.get(LINKS, {"active": "maybe"})
    assert response.status_code == 400
    assert response.json() == {"active": "'maybe' should be true or false."}


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [("view_link", {"get"}), ("add_link", {"post"}), ("change_link", {"patch", "switch"})],
)
def test_each_verb_needs_its_permission(api, site, user, permission, allowed):
    link = make_link(site=site)
    allow(user, permission)
    statuses = {
        "get": api.get(LINKS).status_code,
        "post": post(api).status_code,
        "patch": api.patch(url_of(link), {"title": "x"}, "json").status_code,
        "switch": api.post(url_of(link, "switch_off/")).status_code,
    }
    assert {name for name, status in statuses.items() if status < 300} == allowed
    assert {status for name, status in statuses.items() if name not in allowed} == {403}


def test_a_token_opens_the_api(site, user):
    client = APIClient(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=user).key}")
    assert client.get(LINKS).status_code == 200
    assert APIClient().get(LINKS).status_code == 401
    assert APIClient(HTTP_AUTHORIZATION="Token nope").get(LINKS).status_code == 401


def test_a_session_opens_the_api(client, user):
    client.force_login(user)
    assert client.get(LINKS).status_code == 200


def test_the_description_has_no_flaws(tmp_path):
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(file))
    assert "/api/v1/links/{code}/switch_off/" in file.read_text()


def test_the_documentation_has_nothing_inline(client):
    text = client.get("/api/v1/docs/").content.decode()
    assert "<style" not in text
    assert "<script>" not in text
    assert client.get("/api/v1/schema/").status_code == 200
