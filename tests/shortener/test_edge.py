"""The edge alone: what it answers by itself, and what it leaves to Django."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from shortener import codes
from shortener.channels import BY_NAME, NUMBERS
from shortener.edge import edge
from shortener.models import Link
from tests.factories import make_campaign, make_link, make_site
from tests.shortener.journaled import recorded
from tests.shortener.requests import IPHONE, ask, known, numbers

pytestmark = pytest.mark.django_db

SHARE = codes.share_id(5_000, BY_NAME["whatsapp"].number)


def location(link, share=0, query=""):
    known(link)
    _, headers, _ = ask("/" + codes.encode(link.pk, share), query=query)
    return headers["Location"]


# Redirects


def test_a_known_link_redirects():
    code = known(make_link(destination="https://example.com/article"))
    status, headers, body = ask(f"/{code}")
    assert status == 302
    assert headers == {
        "Location": "https://example.com/article",
        "Cache-Control": "private, no-store",
        "Content-Length": "0",
    }
    assert body == b""


def test_an_unknown_link_is_left_to_django():
    assert ask("/" + make_link().code) is None


def test_nonsense_is_left_to_django():
    assert ask("/") is None
    assert ask("/admin/") is None
    assert ask("/Ab3dE9xZq") is None


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_only_get_and_head_redirect(method):
    assert ask("/" + known(make_link()), method=method) is None


def test_head_is_answered_like_get():
    code = known(make_link())
    assert ask(f"/{code}", method="HEAD") == ask(f"/{code}")


def test_a_slug_redirects():
    known(make_link(slug="summer"))
    assert ask("/summer")[0] == 302


def test_a_share_redirects_before_its_press_is_known():
    link = make_link(destination="https://example.com/article")
    code = codes.encode(link.pk, SHARE)
    assert location(link, SHARE) == f"https://example.com/article?gv={code}"


def test_a_share_through_a_channel_that_does_not_exist_is_left_to_django():
    link = make_link()
    known(link)
    assert ask("/" + codes.encode(link.pk, codes.share_id(5_000, 61))) is None


def test_a_link_that_is_switched_off_is_left_to_django():
    assert ask("/" + known(make_link(active=False))) is None


def test_an_expired_link_is_left_to_django():
    past = timezone.now() - timedelta(seconds=1)
    assert ask("/" + known(make_link(expires=past))) is None


def test_a_link_expires_in_memory():
    link = make_link(expires=timezone.now() + timedelta(hours=1))
    code = known(link)
    assert ask(f"/{code}")[0] == 302
    edge().catalog.links[link.pk].expires = datetime.now(UTC).timestamp() - 1
    assert ask(f"/{code}") is None


def test_tags_of_site_campaign_and_link_are_added():
    site = make_site(tags={"utm_medium": "share", "a": "site"})
    campaign = make_campaign(site=site, slug="sale", tags={"a": "campaign", "b": "{campaign}"})
    link = make_link(
        site=site,
        campaign=campaign,
        destination="https://example.com/p?x=1#top",
        tags={"utm_source": "{channel}", "b": "link-{campaign}"},
    )
    expected = "https://example.com/p?x=1&a=campaign&b=link-sale&utm_medium=share"
    assert location(link) == f"{expected}&utm_source=link#top"
    code = codes.encode(link.pk, SHARE)
    assert location(link, SHARE) == f"{expected}&utm_source=whatsapp&gv={code}#top"


def test_the_share_can_stand_in_a_tag():
    link = make_link(destination="https://example.com/", tags={"utm_content": "s-{share}"})
    code = codes.encode(link.pk, SHARE)
    assert location(link, SHARE) == f"https://example.com/?utm_content=s-{code}&gv={code}"
    assert location(link) == "https://example.com/"


def test_a_placement_comes_from_the_short_links_query():
    link = make_link(destination="https://example.com/", tags={"utm_content": "{placement}"})
    assert location(link, query="placement=top") == (
        "https://example.com/?utm_content=top&placement=top"
    )


def test_a_parameter_of_the_destination_is_never_overwritten():
    link = make_link(destination="https://example.com/?utm_source=own", tags={"utm_source": "x"})
    assert location(link, query="utm_source=y") == "https://example.com/?utm_source=own"


def test_the_query_of_the_short_link_is_passed_on():
    link = make_link(destination="https://example.com/")
    assert location(link, query="a=1&b=%C3%BC+%26") == "https://example.com/?a=1&b=%C3%BC%20%26"


def test_forwarding_can_be_switched_off():
    link = make_link(destination="https://example.com/", forward_query=False)
    assert location(link, query="a=1") == "https://example.com/"


def test_a_query_cannot_split_the_header():
    link = make_link(destination="https://example.com/")
    found = location(link, query="a=%0d%0aSet-Cookie:%20b=c&%0d%0ax=1")
    assert found.isprintable()


def test_a_site_can_do_without_the_tag_parameter():
    link = make_link(site=make_site(tag_parameter=""), destination="https://example.com/")
    assert location(link, SHARE) == "https://example.com/"


def test_an_international_destination_becomes_ascii():
    link = make_link(destination="https://example.com/é?q=ü")
    assert location(link) == "https://example.com/%C3%A9?q=%C3%BC"


# What is recorded


def test_a_hit_is_recorded():
    link = make_link()
    known(link)
    edge().salts.refresh(datetime.now(UTC))
    ask(
        "/" + codes.encode(link.pk, SHARE),
        HTTP_REFERER="https://T.me/some/page?private=1",
        HTTP_ACCEPT_LANGUAGE="de-DE,de;q=0.9",
        HTTP_SEC_FETCH_MODE="navigate",
    )
    (fact,) = recorded()
    visitor = fact.pop("visitor")
    moment = fact.pop("time") / 1000
    assert abs(datetime.now(UTC).timestamp() - moment) < 60
    assert isinstance(visitor, int)
    assert fact == {
        "version": 1,
        "kind": "hit",
        "link": link.pk,
        "share": SHARE,
        "agent": IPHONE,
        "signals": "GET https\nsec-fetch-mode: navigate",
        "referrer": "t.me",
        "language": "de-DE",
        "country": "",
    }


def test_an_address_is_never_recorded():
    code = known(make_link())
    ask(f"/{code}", HTTP_X_FORWARDED_FOR="198.51.100.77")
    assert "203.0.113.5" not in str(facts := recorded())
    assert "198.51.100.77" not in str(facts)


def test_with_global_privacy_control_there_is_no_visitor():
    code = known(make_link())
    edge().salts.refresh(datetime.now(UTC))
    ask(f"/{code}", HTTP_SEC_GPC="1")
    (fact,) = recorded()
    assert fact["visitor"] is None


def test_a_control_character_in_a_header_loses_no_hit():
    code = known(make_link())
    ask(f"/{code}", HTTP_ACCEPT_LANGUAGE="e\tn", HTTP_REFERER="https://a\tb/")
    (fact,) = recorded()
    assert (fact["language"], fact["referrer"]) == ("", "")


def test_ten_kilobytes_of_user_agent_are_cut():
    code = known(make_link())
    ask(f"/{code}", HTTP_USER_AGENT="x" * 10_240, HTTP_SEC_PURPOSE="y" * 10_240)
    (fact,) = recorded()
    assert len(fact["agent"]) == 512
    assert len(fact["signals"]) < 128


def test_behind_a_proxy_its_word_on_the_scheme_counts(settings):
    settings.TRUSTED_PROXIES = 1
    edge.cache_clear()
    code = known(make_link())
    ask(f"/{code}", HTTP_X_FORWARDED_PROTO="http")
    (fact,) = recorded()
    assert fact["signals"] == "GET http"


# Offers


def offered(query, **headers):
    return ask("/offer", query=query, **headers)


def known_page(site=None, channels=()):
    link = make_link(site=site or make_site(channels=["whatsapp", "copy"]))
    known(link)
    query = f"link={link.code}"
    edge().catalog.memos.remember_offer(query, (link.pk, tuple(BY_NAME[c] for c in channels)))
    return link, query


def codes_in(answer):
    return {name: numbers(code) for name, code in json.loads(answer[2])["codes"].items()}


def test_an_offer_holds_a_code_for_each_channel_of_the_site():
    link, query = known_page()
    status, _, body = offered(query)
    offer = json.loads(body)
    assert status == 200
    assert offer["base"] == "http://localhost:8000/"
    assert offer["tag"] == "gv"
    assert list(offer["codes"]) == ["whatsapp", "copy"]
    for name, (link_id, share_id) in codes_in((status, {}, body)).items():
        assert link_id == link.pk
        assert codes.channel_number(share_id) == BY_NAME[name].number


def test_an_offer_holds_the_channels_that_were_asked_for_all_of_one_serial():
    _, query = known_page(channels=("telegram", "addressbar"))
    found = codes_in(offered(query))
    assert list(found) == ["telegram", "addressbar"]
    assert len({share_id // NUMBERS for _, share_id in found.values()}) == 1


def test_each_offer_has_codes_of_its_own():
    _, query = known_page()
    assert offered(query)[2] != offered(query)[2]


def test_what_a_page_says_of_itself_makes_no_other_offer():
    _, query = known_page()
    assert offered(f"{query}&title=A+title&image=https%3A%2F%2Fexample.com%2Fa.png")[0] == 200
    assert offered(f"{query}&title=") is not None
    assert offered(f"{query}&title=A&channels=copy") is None


def test_an_offer_is_recorded_without_a_trace_of_the_visitor():
    link, query = known_page()
    offered(query)
    (fact,) = recorded()
    assert set(fact) == {"version", "kind", "time", "link"}
    assert fact["link"] == link.pk


def test_a_page_of_the_site_may_read_the_offer():
    _, query = known_page()
    _, headers, _ = offered(query, HTTP_ORIGIN="https://example.com")
    assert headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert headers["Vary"] == "Origin"


def test_a_page_of_a_foreign_host_is_refused_and_may_read_why():
    _, query = known_page()
    status, headers, body = offered(query, HTTP_ORIGIN="https://evil.test")
    assert status == 403
    assert "evil.test is not a host of the site" in json.loads(body)["error"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert recorded() == []


def test_an_unknown_page_is_left_to_django():
    assert offered("link=Ab3dE9") is None


@pytest.mark.parametrize("values", [{"active": False}, {"expires": timezone.now()}])
def test_a_link_that_has_ended_is_left_to_django(values):
    link, query = known_page()
    assert offered(query)[0] == 200
    Link.objects.filter(pk=link.pk).update(**values)
    edge().catalog.links.clear()
    known(link)
    assert offered(query) is None
