"""The share buttons' addresses, as Django answers them: offers, presses, QR codes."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import segno
import time_machine
from django.db import OperationalError

from shortener import codes, memos, pages
from shortener.channels import BUTTONS, BY_NAME
from shortener.edge import edge
from shortener.models import Link
from tests.factories import make_link, make_site
from tests.shortener.journaled import recorded
from tests.shortener.requests import ask, known, numbers, post

pytestmark = pytest.mark.django_db

SHARE = codes.share_id(5_000, BY_NAME["whatsapp"].number)


# Offers


def test_an_offer_for_a_page(client):
    site = make_site(channels=["telegram"])
    link = make_link(site=site, destination="https://example.com/a")
    response = client.get("/offer", {"site": site.key, "url": "https://example.com/a#x"})
    assert response.status_code == 200
    (code,) = response.json()["codes"].values()
    assert numbers(code)[0] == link.pk


def test_an_offer_for_a_link(client):
    link = make_link()
    assert client.get("/offer", {"link": link.code}).status_code == 200
    assert client.get("/offer", {"link": link.code}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ({}, 404, "There is no site with the key ''."),
        ({"site": "nobody", "url": "https://example.com/"}, 404, "no site with the key 'nobody'"),
        ({"link": "Ab3dE9"}, 404, "There is no link 'Ab3dE9'."),
        ({"site": "s", "url": "https://evil.test/"}, 403, "'evil.test' is not a host of the site"),
        ({"site": "s", "url": "javascript:alert(1)"}, 403, "is not a host of the site"),
        ({"site": "s", "url": "https://[::1"}, 403, "is not a host of the site"),
        ({"site": "s", "url": "https://example.com/\0"}, 400, "none of them a control character"),
        (
            {"site": "s", "url": f"https://example.com/{'a' * 2000}"},
            400,
            "at most 2000 characters",
        ),
        ({"site": "a\0b", "url": "https://example.com/"}, 404, "There is no site with the key"),
        ({"link": "a\0b"}, 404, "There is no link"),
        ({"site": "s", "url": "https://example.com:99999/"}, 403, "is not a host of the site"),
    ],
)
def test_a_refused_offer_says_why(client, query, status, error):
    make_site(key="s")
    response = client.get("/offer", query)
    assert response.status_code == status
    assert error in response.json()["error"]


@pytest.mark.parametrize("query", [{}, {"site": "s", "url": "https://example.com/a"}])
def test_a_link_that_is_switched_off_is_not_offered(client, django_assert_num_queries, query):
    link = make_link(site=make_site(key="s"), destination="https://example.com/a", active=False)
    query = query or {"link": link.code}
    assert client.get("/offer", query).status_code == 410
    with django_assert_num_queries(0):
        assert client.get("/offer", query).status_code == 410
    assert Link.objects.count() == 1


def test_an_offer_holds_the_channels_that_are_asked_for(client):
    query = {
        "link": make_link().code,
        "channels": "whatsapp,addressbar,pigeon,slack,link,whatsapp",
    }
    offered = client.get("/offer", query).json()["codes"]
    shares = [numbers(code) for code in offered.values()]
    assert list(offered) == ["whatsapp", "addressbar"]
    assert [share % 64 for _, share in shares] == [BY_NAME[name].number for name in offered]
    assert len({share // 64 for _, share in shares}) == 1


@pytest.mark.parametrize("channels", ["", "pigeon"])
def test_an_offer_of_no_channel_that_there_is_holds_those_of_the_site(client, channels):
    link = make_link(site=make_site(channels=["sms", "copy"]))
    offered = client.get("/offer", {"link": link.code, "channels": channels}).json()["codes"]
    assert list(offered) == ["sms", "copy"]


def test_the_edge_answers_the_second_offer_for_a_page_whatever_it_says_of_itself(client):
    site = make_site(key="s", channels=["copy"])
    query = "/offer?site=s&url=https%3A%2F%2Fexample.com%2Fa"
    first = client.get(f"{query}&title=One&image=https%3A%2F%2Fexample.com%2F1.png")
    second = ask("/offer", query=f"{query.partition('?')[2]}&title=Two")
    assert numbers(json.loads(second[2])["codes"]["copy"])[0] == site.links.get().pk
    assert first.json()["codes"] != json.loads(second[2])["codes"]


def test_where_the_title_stands_an_offer_is_for_the_page_that_is_named(client):
    site = make_site(key="s", channels=["copy"])
    for path in "ab":
        query = f"site=s&title=T&url=https://example.com/{path}"
        found = client.get(f"/offer?{query}").json()["codes"]["copy"]
        assert numbers(found)[0] == site.links.get(destination__endswith=path).pk


def test_what_is_remembered_of_offers_is_bounded(client, monkeypatch):
    monkeypatch.setattr(memos, "MAX_MEMOS", 3)
    link = make_link()
    for number in range(5):
        client.get(f"/offer?link={link.code}&n={number}")
    client.get(f"/offer?link={link.code}&n={'9' * 2_000}")
    offers = edge().catalog.memos.offers
    assert list(offers) == [f"link={link.code}&n={number}" for number in (2, 3, 4)]


def test_a_foreign_page_makes_no_link(client):
    make_site(key="s")
    query = {"site": "s", "url": "https://example.com/a"}
    response = client.get("/offer", query, headers={"Origin": "https://evil.test"})
    assert response.status_code == 403
    assert not Link.objects.exists()
    assert recorded() == []


def test_a_page_may_read_why_it_is_refused(client):
    query = {"site": "nobody", "url": "https://example.com/"}
    response = client.get("/offer", query, headers={"Origin": "https://example.com"})
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/offer?", "/share/whatsapp?"])
def test_while_the_database_is_away_a_new_page_asks_for_patience(client, monkeypatch, path):
    def away(*args):
        raise OperationalError("connection refused")

    make_site(key="s")
    edge().catalog.fetch_site("s")
    monkeypatch.setattr(pages, "find", away)
    query = "site=s&url=https://example.com/a"
    response = client.get(path + query, headers={"Origin": "https://example.com"})
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert recorded() == []
    monkeypatch.undo()
    assert client.get(path + query).status_code in {200, 303}


# Events


def test_a_press_of_a_link_that_the_edge_does_not_know_is_recorded(client):
    code = codes.encode(make_link().pk, SHARE)
    response = client.post(
        "/events", json.dumps([{"kind": "press", "code": code}]), content_type="text/plain"
    )
    assert response.status_code == 204
    assert [fact["share"] for fact in recorded()] == [SHARE]


def test_a_press_of_no_link_says_why(client):
    code = codes.encode(999, SHARE)
    response = client.post(
        "/events", [{"kind": "press", "code": code}], content_type="application/json"
    )
    assert response.status_code == 400
    assert "is not the code of a link" in response.json()["error"]


def test_a_preflight_is_answered(client):
    response = client.options("/events", headers={"Origin": "https://example.com"})
    assert response.status_code == 204
    assert response["Access-Control-Allow-Headers"] == "Content-Type"


# The share route


@pytest.mark.parametrize("channel", [b for b in BUTTONS if b.compose], ids=lambda c: c.name)
def test_a_press_leads_to_the_app_with_a_code_of_its_own(client, channel):
    link = make_link(title="A title & more")
    response = client.get(f"/share/{channel.name}", {"link": link.code, "placement": "top"})
    assert response.status_code == 303
    (fact,) = recorded()
    assert (fact["kind"], fact["link"], fact["placement"]) == ("press", link.pk, "top")
    assert codes.channel_number(fact["share"]) == channel.number
    code = codes.encode(link.pk, fact["share"])
    url = f"http://localhost:8000/{code}"
    assert response["Location"] == channel.compose_url(text="A title & more", url=url)
    assert response["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("channel", [b for b in BUTTONS if not b.compose], ids=lambda c: c.name)
def test_an_app_that_no_address_opens_gets_a_page_with_the_link(client, channel):
    link = make_link()
    response = client.get(f"/share/{channel.name}", {"link": link.code})
    (fact,) = recorded()
    assert response.status_code == 200
    assert codes.encode(link.pk, fact["share"]) in response.content.decode()


def test_a_press_carries_its_parent(client):
    link = make_link()
    for parent, expected in ((codes.encode(link.pk, SHARE), SHARE), (link.code, 0), ("x", 0)):
        client.get("/share/whatsapp", {"link": link.code, "parent": parent})
        (fact,) = recorded()
        assert fact["parent"] == expected


@pytest.mark.parametrize(("headers", "has_visitor"), [({}, True), ({"Sec-GPC": "1"}, False)])
def test_a_press_tells_its_visitor_unless_they_want_privacy(client, headers, has_visitor):
    edge().salts.refresh(datetime.now(UTC))
    client.get("/share/whatsapp", {"link": make_link().code}, headers=headers)
    (fact,) = recorded()
    assert isinstance(fact["visitor"], int) is has_visitor


def test_each_press_gets_a_code_of_its_own(client):
    link = make_link()
    first = client.get("/share/whatsapp", {"link": link.code})["Location"]
    assert client.get("/share/whatsapp", {"link": link.code})["Location"] != first


def test_a_press_makes_the_page_a_link(client):
    site = make_site(key="s")
    query = {"site": "s", "url": "https://example.com/a#b", "title": "A", "text": "Look"}
    response = client.get("/share/whatsapp", query)
    link = site.links.get()
    (fact,) = recorded()
    assert (fact["kind"], fact["link"]) == ("press", link.pk)
    assert (link.title, link.destination) == ("A", "https://example.com/a")
    assert "Look" in response["Location"]


def test_a_hostile_title_is_shown_as_text(client):
    make_site(key="s")
    query = {"site": "s", "url": "https://example.com/a", "title": "<script>alert(1)</script>"}
    html = client.get("/share/signal", query).content.decode()
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in html
    assert "<script>" not in html


def test_a_press_may_name_the_page(client):
    site = make_site()
    make_link(site=site, destination="https://example.com/a")
    query = {"site": site.key, "url": "https://example.com/a"}
    assert client.get("/share/whatsapp", query).status_code == 303


def test_a_text_of_its_own_is_sent(client):
    query = {"link": make_link().code, "text": "Look\x00 here"}
    assert "Look%20here" in client.get("/share/whatsapp", query)["Location"]


@pytest.mark.parametrize(
    ("path", "query", "status", "error"),
    [
        ("/share/carrier-pigeon", {}, 404, "There is no channel 'carrier-pigeon'. Known are: wh"),
        ("/share/slack", {}, 404, "There is no channel 'slack'"),
        ("/share/link", {}, 404, "There is no channel 'link'"),
        ("/share/whatsapp", {}, 404, "no site with the key ''"),
        ("/share/whatsapp", {"link": "Ab3dE9"}, 404, "There is no link 'Ab3dE9'."),
        ("/share/whatsapp", {"site": "s", "url": "https://evil.test"}, 403, "is not a host"),
    ],
)
def test_a_refused_press_says_why(client, path, query, status, error):
    make_site(key="s")
    response = client.get(path, query)
    assert response.status_code == status
    assert error in response.json()["error"]
    assert recorded() == []


def test_people_read_why_their_press_was_refused(client):
    make_site(key="s")
    query = {"site": "s", "url": "https://<b>.test"}
    response = client.get("/share/whatsapp", query, headers={"Accept": "text/html,*/*;q=0.8"})
    html = response.content.decode()
    assert response.status_code == 403
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "&#x27;&lt;b&gt;.test&#x27; is not a host of the site s." in html
    assert "copy its address" in html


@pytest.mark.usefixtures("few")
def test_people_read_when_to_press_again(client):
    path = press_path(make_link())
    answers = [client.get(path, headers={"Accept": "text/html"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert answers[-1]["Retry-After"] == "40"
    assert "Try again in 40 seconds." in answers[-1].content.decode()


@pytest.mark.parametrize("query", [{}, {"site": "nobody"}])
def test_a_press_may_come_from_a_sandbox(client, query):
    query = query or {"link": make_link().code}
    response = client.get("/share/whatsapp", query, headers={"Accept": "text/html"})
    assert response["Cross-Origin-Opener-Policy"] == "unsafe-none"


def test_a_link_that_is_switched_off_cannot_be_shared(client):
    query = {"link": make_link(active=False).code}
    assert client.get("/share/whatsapp", query).status_code == 410


# QR codes


def test_a_qr_code_is_an_image_of_the_short_link_of_that_very_code(client):
    link = make_link(site=make_site(domain="go.example"))
    drawn = set()
    for code in (link.code, codes.encode(link.pk, SHARE)):
        response = client.get(f"/qr/{code}.svg")
        assert response.status_code == 200
        assert response["Content-Type"] == "image/svg+xml"
        svg = ElementTree.fromstring(response.content)
        assert svg.tag == "{http://www.w3.org/2000/svg}svg"
        ground, dark = svg.iter("{http://www.w3.org/2000/svg}path")
        expected = segno.make(f"http://go.example/{code}", error="m")
        assert dark.attrib["d"] in expected.svg_inline(border=2)
        assert ground.attrib["fill"] == "#fff"
        assert svg.attrib["viewBox"]
        drawn.add(dark.attrib["d"])
    assert len(drawn) == 2


def test_a_qr_code_can_be_shown_by_any_page_and_kept(client):
    response = client.get(f"/qr/{make_link().code}.svg")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("code", ["Ab3dE9", "nonsense", "%22%3E%3Cscript%3E", "a%00b"])
def test_there_is_no_qr_code_of_no_link(client, code):
    response = client.get(f"/qr/{code}.svg")
    assert response.status_code == 404
    assert "There is no link" in response.json()["error"]


def test_a_qr_code_holds_no_more_than_a_drawing(client):
    svg = client.get(f"/qr/{make_link(slug='summer').slug}.svg").content.decode()
    assert {element.tag.partition("}")[2] for element in ElementTree.fromstring(svg).iter()} == {
        "svg",
        "path",
    }
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


# How much one may ask


@pytest.fixture
def few(settings):
    """Three requests a minute for each visitor, five for each site."""
    settings.VISITOR_RATE_LIMIT, settings.SITE_RATE_LIMIT = 3, 5
    with time_machine.travel("2026-03-05 12:00:20Z", tick=False) as clock:
        yield clock


def offer_path(link):
    return f"/offer?link={link.code}"


def press_path(link):
    return f"/share/whatsapp?link={link.code}"


def qr_path(link):
    return f"/qr/{link.code}.svg"


@pytest.mark.parametrize("path_of", [offer_path, press_path, qr_path])
def test_a_visitor_may_not_ask_too_often(client, few, path_of):
    path = path_of(make_link())
    origin = {"Origin": "https://example.com"}
    for _ in range(3):
        assert client.get(path, headers=origin).status_code < 400
    response = client.get(path, headers=origin)
    assert response.status_code == 429
    assert response.json() == {"error": "Too many requests. Try again in 40 seconds."}
    assert response["Retry-After"] == "40"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Expose-Headers"] == "Retry-After"
    assert client.get(path, headers=origin, REMOTE_ADDR="198.51.100.7").status_code < 400
    few.shift(40)
    assert client.get(path, headers=origin).status_code < 400


def test_a_visitor_who_asks_too_often_reads_when_to_come_back(client, few):
    for _ in range(4):
        response = client.get(press_path(make_link()), headers={"Accept": "text/html"})

    assert response.status_code == 429
    assert "Too many requests. Try again in 40 seconds." in response.content.decode()


@pytest.mark.usefixtures("few")
def test_a_request_that_is_refused_records_nothing_and_makes_no_link(client):
    make_site(key="s")
    for number in range(5):
        client.get(f"/offer?site=s&url=https://example.com/{number}")
    assert Link.objects.count() == 3
    assert len(recorded()) == 3


@pytest.mark.usefixtures("few")
def test_what_leads_nowhere_counts_for_the_visitor_too(client, django_assert_num_queries):
    for number in range(3):
        assert client.get(f"/offer?link={codes.encode(number + 900)}").status_code == 404
    with django_assert_num_queries(0):
        assert client.get(f"/offer?link={codes.encode(999)}").status_code == 429


@pytest.mark.usefixtures("few")
def test_a_first_offer_counts_as_much_as_those_that_follow(client):
    link = make_link()
    client.get(offer_path(link))
    query = offer_path(link).partition("?")[2]
    client_address = {"REMOTE_ADDR": "127.0.0.1"}
    answers = [ask("/offer", query=query, **client_address)[0] for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.usefixtures("few")
def test_all_visitors_of_a_site_together_may_not_ask_too_often(client):
    path = offer_path(make_link())
    statuses = [client.get(path, REMOTE_ADDR=f"198.51.100.{n}").status_code for n in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert client.get(offer_path(make_link()), REMOTE_ADDR="198.51.100.9").status_code == 200


@pytest.mark.usefixtures("few")
def test_one_visitor_alone_cannot_use_up_what_a_site_may_ask(client):
    path = offer_path(make_link())
    for _ in range(50):
        client.get(path)
    assert client.get(path, REMOTE_ADDR="198.51.100.7").status_code == 200


@pytest.mark.usefixtures("few")
def test_events_are_counted_by_the_request_and_refused_as_a_whole(client):
    link = make_link()
    event = json.dumps([{"kind": "press", "code": codes.encode(link.pk, SHARE)}] * 3)
    sent = {"content_type": "text/plain", "headers": {"Origin": "https://example.com"}}
    client.post("/events", event, **sent)
    statuses = [post(event.encode())[0] for _ in range(4)]
    assert statuses == [204, 204, 204, 429]
    assert len(recorded()) == 12


def test_previews_are_never_limited(settings):
    settings.VISITOR_RATE_LIMIT = settings.SITE_RATE_LIMIT = 1
    code = known(make_link())
    fetcher = {"HTTP_USER_AGENT": "WhatsApp/2.24.7.75 A"}
    assert {ask(f"/{code}", **fetcher)[0] for _ in range(500)} == {302}
