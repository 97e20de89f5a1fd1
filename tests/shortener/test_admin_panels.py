"""What the pages of a site and a link give away to be put into other pages."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from shortener import embed, script
from shortener.models import Script
from tests.factories import make_link, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_anew():
    # Else what a test has kept, and rolled back, counts as kept in the next one.
    script.keep.cache_clear()
    yield
    script.keep.cache_clear()


def open_site(client, site):
    return client.get(reverse("admin:shortener_site_change", args=[site.pk]))


def open_link(client, link):
    return client.get(reverse("admin:shortener_link_change", args=[link.pk]))


def snippet(response, name):
    """Return the text that the button "Copy" of a snippet copies."""
    html = response.content.decode()
    assert f'data-copy="{name}" ' in html
    [text] = re.findall(rf'<pre id="{name}"[^>]*>(.*?)</pre>', html, re.S)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')


@pytest.fixture
def site():
    return make_site(key="notes", domain="go.example.com", tag_parameter="from")


def test_a_site_gives_the_script_of_its_own_short_domain(admin_client, site):
    assert snippet(open_site(admin_client, site), "script") == (
        '<script type="module" src="http://go.example.com/share.js"'
        ' data-site="notes" data-tag="from"></script>'
    )


def test_a_site_gives_this_version_of_the_script_under_its_hash(admin_client, site):
    text = snippet(open_site(admin_client, site), "pinned-script")

    assert f'src="http://go.example.com/{script.pinned_name()}"' in text
    assert f'integrity="{script.integrity()}" crossorigin="anonymous"' in text


def test_a_pinned_script_is_there_after_an_upgrade_though_no_page_has_loaded_it(
    admin_client, client, site, monkeypatch
):
    open_site(admin_client, site)
    old, path = script.served(), f"/{script.pinned_name()}"
    monkeypatch.setattr(script, "served", lambda: "// new\n")
    monkeypatch.setattr(script, "digest", lambda: "0" * 64)

    assert Script.objects.get().content == old
    assert client.get(path).content.decode() == old


def test_a_site_gives_the_element_and_says_what_it_can_be_told(admin_client, site):
    page = open_site(admin_client, site)

    assert snippet(page, "element") == (
        '<grapevine-share placement="article-end"></grapevine-share>'
    )
    for attribute, meaning in embed.ATTRIBUTES:
        assert attribute in page.content.decode().replace("&quot;", '"')
        assert meaning.replace("'", "&#x27;") in page.content.decode()


def test_the_element_knows_every_attribute_that_is_told():
    [known] = re.findall(r"observedAttributes=([^.\]]*)", script.served())
    observed = {*re.findall(r"[a-z]+", known), "addressbar"}

    assert {attribute.partition("=")[0] for attribute, _ in embed.ATTRIBUTES} == observed


def test_a_site_gives_what_a_content_security_policy_has_to_allow(admin_client, site):
    assert snippet(open_site(admin_client, site), "policy").split("\n") == [
        "script-src http://go.example.com;",
        "connect-src http://go.example.com;",
        "img-src http://go.example.com;",
    ]


def test_a_site_leads_to_the_check_of_its_installation(admin_client, client, site):
    check = reverse("installation", args=[site.pk])
    assert check in open_site(admin_client, site).content.decode()

    user = User.objects.create_user("cleo", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_site", "every_site"]))
    client.force_login(user)
    page = open_site(client, site).content.decode()
    assert check not in page
    assert "Put it on your site" in page


def test_a_new_site_has_nothing_to_put_anywhere(admin_client):
    page = admin_client.get(reverse("admin:shortener_site_add"))

    assert "Put it on your site" not in page.content.decode()


def test_an_error_leaves_the_panel_with_what_is_stored(admin_client, site):
    url = reverse("admin:shortener_site_change", args=[site.pk])
    page = admin_client.post(url, {"domain": "nowhere.example"})

    assert page.status_code == 200
    assert "http://go.example.com/share.js" in snippet(page, "script")


def test_a_link_gives_an_element_that_shares_it_anywhere(admin_client, site):
    link = make_link(site=site)

    assert snippet(open_link(admin_client, link), "element") == (
        f'<grapevine-share link="{link.code}" placement="article-end"></grapevine-share>'
    )


def test_a_link_gives_the_call_that_reports_a_conversion(admin_client):
    text = snippet(open_link(admin_client, make_link()), "conversion")

    assert text == 'grapevine.convert("signup", { value: 10, currency: "EUR" })'


def test_attributes_are_escaped():
    element = embed.share_element(text='"><script>')

    assert element == ('<grapevine-share text="&quot;&gt;&lt;script&gt;"></grapevine-share>')


def test_nothing_in_the_page_of_a_site_is_inline(admin_client, site):
    html = open_site(admin_client, site).content.decode()

    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", html)


def test_both_parts_of_the_expiry_have_a_name_to_be_read_out(admin_client):
    html = admin_client.get(reverse("admin:shortener_link_add")).content.decode()

    assert 'aria-label="Expires: date"' in html
    assert 'aria-label="Expires: time"' in html
