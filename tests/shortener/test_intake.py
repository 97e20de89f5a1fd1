"""What the edge does with the facts that pages report."""

import json
from datetime import UTC, datetime

import pytest

from shortener import codes, places
from shortener.channels import BY_NAME
from shortener.edge import edge
from shortener.events import MAX_BYTES
from shortener.models import Site
from tests.factories import make_link, make_site
from tests.shortener.journaled import recorded
from tests.shortener.requests import IPHONE, ask, known, post

pytestmark = pytest.mark.django_db

SHARE = codes.share_id(5_000, BY_NAME["whatsapp"].number)
IN_ADDRESS_BAR = codes.share_id(5_000, BY_NAME["addressbar"].number)
PAGE = "https://example.com/article"


@pytest.fixture
def link():
    """A link that the edge knows, and whose page it knows."""
    link = make_link(site=make_site(key="demo"), destination=PAGE)
    known(link)
    look_up(PAGE)
    return link


def look_up(url):
    """Have the edge know a page of the site, or that it is no link."""
    catalog = edge().catalog
    site = catalog.fetch_site("demo")
    assert site
    catalog.fetch_page(site, url)


@pytest.fixture
def code(link):
    return codes.encode(link.pk, SHARE)


def visit(**values):
    return {"kind": "visit", "site": "demo", "url": PAGE, **values}


def conversion(**values):
    return visit(kind="conversion", visit="v-1", name="signup", **values)


def press(code, **values):
    return {"kind": "press", "code": code, **values}


def fact(event, **headers):
    """Return what is recorded of an event, without what all facts have."""
    status, _, body = post([event], **headers)
    assert (status, body) == (204, b"")
    (found,) = recorded()
    assert abs(datetime.now(UTC).timestamp() - found.pop("time") / 1000) < 60
    common = {name: found.pop(name) for name in ("version", "agent", "signals")}
    assert common == {"version": 1, "agent": IPHONE, "signals": "POST https"}
    return found


def error_of(events, **headers):
    status, _, body = post(events, **headers)
    assert status >= 400
    return json.loads(body)["error"]


def test_a_press_is_recorded(link, code):
    edge().salts.refresh(datetime.now(UTC))
    parent = codes.encode(link.pk, SHARE + 64)
    found = fact(press(code, placement="top", parent=parent))
    assert isinstance(found.pop("visitor"), int)
    assert found == {
        "kind": "press",
        "link": link.pk,
        "share": SHARE,
        "parent": SHARE + 64,
        "placement": "top",
    }


def test_a_cancel_is_recorded(link, code):
    found = fact({"kind": "cancel", "code": code})
    assert found == {"kind": "cancel", "link": link.pk, "share": SHARE}


def test_a_visit_with_a_code_is_recorded(link, code):
    found = fact(
        visit(code=code, referrer="t.me", navigation="prerender", automated=True),
        HTTP_ACCEPT_LANGUAGE="es-MX,es;q=0.5",
        REMOTE_ADDR="193.0.6.139",
    )
    assert found == {
        "kind": "visit",
        "link": link.pk,
        "share": SHARE,
        "parent": 0,
        "referrer": "t.me",
        "navigation": "prerender",
        "automated": True,
        "home": False,
        "language": "es-MX",
        "country": "NL",
    }


def test_a_visit_without_a_code_is_that_of_the_pages_link(link):
    found = fact(visit(url=f"{PAGE}?utm_source=x&gv=Ab3dE9#top"))
    assert (found["link"], found["share"]) == (link.pk, 0)


def test_a_conversion_is_recorded(link, code):
    found = fact(conversion(code=code, value=9.5, currency="eur"))
    assert found == {
        "kind": "conversion",
        "link": link.pk,
        "share": SHARE,
        "visit": "v-1",
        "name": "signup",
        "value": 9.5,
        "currency": "EUR",
        "automated": False,
        "server": False,
    }


def test_a_conversion_without_a_code_is_that_of_the_pages_link(link):
    found = fact(conversion())
    assert (found["link"], found["share"]) == (link.pk, 0)


# Parents


def test_a_share_is_no_parent_of_its_own(link, code):
    assert fact(press(code, parent=code))["parent"] == 0


@pytest.mark.parametrize("parent", ["nonsense", "", "Ab3dE9xZq"])
def test_a_parent_that_is_no_share_is_left_out(code, parent):
    assert fact(press(code, parent=parent))["parent"] == 0


def test_a_links_own_code_is_no_parent(link, code):
    assert fact(press(code, parent=link.code))["parent"] == 0


def test_only_a_share_from_the_address_bar_gets_its_parent_by_a_visit(link, code):
    parent = codes.encode(link.pk, SHARE + 64)
    copied = codes.encode(link.pk, IN_ADDRESS_BAR)
    assert fact(visit(code=copied, parent=parent))["parent"] == SHARE + 64
    assert fact(visit(code=code, parent=parent))["parent"] == 0


# The front page


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("https://example.com", True),
        ("https://example.com/", True),
        ("https://example.com/?a=b", True),
        ("https://example.com/index.html", True),
        ("https://example.com/article", False),
        ("https://[::1", False),
    ],
)
def test_a_visit_tells_whether_the_page_is_one_that_people_type(code, url, home):
    assert fact(visit(code=code, url=url))["home"] is home


def test_a_visit_with_nothing_but_a_code_is_one_of_the_links_page(code):
    assert fact({"kind": "visit", "code": code})["home"] is False


# Privacy


def test_with_global_privacy_control_a_press_has_no_visitor(code):
    edge().salts.refresh(datetime.now(UTC))
    post([press(code)], HTTP_SEC_GPC="1")
    (found,) = recorded()
    assert found["visitor"] is None


def test_with_global_privacy_control_no_visit_is_recorded(code):
    status, _, _ = post([visit(), visit(code=code), conversion()], HTTP_SEC_GPC="1")
    assert status == 204
    assert [found["kind"] for found in recorded()] == ["conversion"]


def test_a_presss_visitor_is_that_of_a_hit(link, code):
    edge().salts.refresh(datetime.now(UTC))
    post([press(code)])
    ask(f"/{code}")
    pressed, hit = recorded()
    assert pressed["visitor"] == hit["visitor"]


# What cannot be understood


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"kind": "press", "code": "nonsense"}, "'nonsense' is not a code"),
        ({"kind": "visit", "code": "nonsense"}, "'nonsense' is not a code"),
        (
            visit(url="https://evil.test/"),
            "'https://evil.test/' is not on a host of the site demo",
        ),
        (visit(url="https://[::1"), "'https://[::1' is not on a host of the site demo"),
        (visit(url="javascript:alert(1)"), "'javascript:alert(1)' is not on a host"),
    ],
)
@pytest.mark.usefixtures("link")
def test_what_cannot_be_placed_is_answered_with_the_reason(event, error):
    assert error_of([event]).startswith(f"Event 1: {error}")
    assert recorded() == []


def test_the_code_of_a_link_cannot_be_pressed(link):
    error = error_of([press(link.code)])
    assert error == f"Event 1: '{link.code}' is a link's code, not a share's."


def test_good_events_beside_bad_ones_are_recorded(code):
    status, headers, body = post(
        [press(code), {"kind": "jump"}, press("nonsense"), visit()],
        HTTP_ORIGIN="https://example.com",
    )
    assert status == 400
    assert json.loads(body)["recorded"] == 2
    assert headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert [found["kind"] for found in recorded()] == ["press", "visit"]


def test_any_page_may_read_why_a_body_cannot_be_read():
    _, headers, _ = post(b"{", HTTP_ORIGIN="https://example.com")
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_a_body_that_is_too_large_is_refused_unread():
    status, _, body = post(b" " * (MAX_BYTES + 1))
    assert status == 413
    assert "16384" in json.loads(body)["error"]


def test_a_body_without_a_length_is_refused():
    assert ask("/events", method="POST")[0] == 411


# Foreign pages


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "https://example.com.evil.test"])
def test_events_of_a_foreign_page_are_refused_and_it_may_read_why(code, origin):
    status, headers, body = post([press(code), visit()], HTTP_ORIGIN=origin)
    assert status == 403
    assert "is not a host of the site" in json.loads(body)["error"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert recorded() == []


@pytest.mark.usefixtures("link")
def test_a_visit_from_a_foreign_page_is_refused_even_where_nobody_shared_the_page():
    url = "https://example.com/new"
    look_up(url)
    assert post([visit(url=url)], HTTP_ORIGIN="https://evil.test")[0] == 403


def test_an_event_of_a_foreign_site_takes_no_other_with_it(code):
    other = make_link(site=make_site(hosts=["other.test"]))
    known(other)
    foreign = codes.encode(other.pk, SHARE)
    status, _, _ = post([press(code), press(foreign)], HTTP_ORIGIN="https://example.com")
    assert status == 403
    assert [found["kind"] for found in recorded()] == ["press"]


# What the catalog does not know


def test_events_of_an_unknown_link_are_left_to_django():
    code = codes.encode(make_link().pk, SHARE)
    assert post([press(code)]) is None
    assert post([visit()]) is None
    assert recorded() == []


@pytest.fixture
def send(client, django_assert_num_queries):
    """Report an event twice, the second time without a query; return the last answer."""

    def send(event):
        client.post("/events", json.dumps([event]), content_type="text/plain")
        with django_assert_num_queries(0):
            return client.post("/events", json.dumps([event]), content_type="text/plain")

    return send


def test_an_unknown_code_is_looked_up_once(send):
    code = codes.encode(999, SHARE)
    response = send(press(code))
    assert response.status_code == 400
    assert response.json()["error"] == f"Event 1: '{code}' is not the code of a link."
    assert post([press(code)])[0] == 400


def test_an_unknown_site_is_looked_up_once(send):
    response = send(visit(site="nobody"))
    assert response.status_code == 400
    assert response.json()["error"] == "Event 1: there is no site with the key 'nobody'."
    assert post([visit(site="nobody")])[0] == 400


@pytest.mark.parametrize("event", [visit(), conversion()])
def test_what_happens_on_a_page_that_nobody_shared_is_looked_up_once_and_not_recorded(send, event):
    make_site(key="demo")
    assert send(event).status_code == 204
    assert post([event])[0] == 204
    assert recorded() == []


def test_a_visit_is_recorded_once_its_page_is_a_link(send, client):
    site = make_site(key="demo")
    send(visit())
    client.get("/offer", {"site": "demo", "url": PAGE})
    edge().catalog.follow()
    assert client.post("/events", json.dumps([visit()]), "text/plain").status_code == 204
    assert [found["kind"] for found in recorded()] == ["offer", "visit"]
    assert site.links.count() == 1


def test_visits_of_a_page_that_was_switched_off_are_not_recorded(send):
    make_link(site=make_site(key="demo"), destination=PAGE, active=False)
    assert send(visit()).status_code == 204
    assert recorded() == []


def test_an_event_whose_link_is_loaded_first_is_recorded_once(client):
    link = make_link()
    code = codes.encode(link.pk, SHARE)
    response = client.post("/events", json.dumps([press(code)]), content_type="text/plain")
    assert response.status_code == 204
    assert [found["share"] for found in recorded()] == [SHARE]


def test_a_site_that_is_made_later_is_found(send):
    send(visit(site="later"))
    Site.objects.create(key="later", name="Later", hosts=["example.com"])
    edge().catalog.follow()
    assert post([visit(site="later")]) is None


def test_an_edit_while_an_event_is_looked_up_does_not_lose_it(client, monkeypatch):
    site = make_site(key="demo")
    make_link(site=site, destination=PAGE)
    load = places.load
    edits = [site, site]

    def load_while_somebody_edits(event, catalog):
        load(event, catalog)
        if edits:
            edits.pop().save()
            catalog.follow()

    monkeypatch.setattr(places, "load", load_while_somebody_edits)
    assert client.post("/events", json.dumps([visit()]), "text/plain").status_code == 204
    assert [found["kind"] for found in recorded()] == ["visit"]
    assert not edits
