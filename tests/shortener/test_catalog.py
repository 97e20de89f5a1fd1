import pytest
from django.db import DatabaseError

from shortener import catalog as catalogs
from shortener import memos, pages
from shortener.catalog import Catalog
from shortener.memos import Memos
from shortener.models import CatalogVersion, Link, Site
from tests.factories import make_campaign, make_link, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog():
    catalog = Catalog()
    catalog.follow()
    return catalog


def test_a_link_is_loaded_when_it_is_asked_for(catalog, django_assert_num_queries):
    link = make_link()
    assert catalog.links == {}
    assert catalog.fetch(link.pk).destination == link.destination
    with django_assert_num_queries(0):
        assert catalog.fetch(link.pk) is catalog.links[link.pk]


def test_an_unknown_link_is_none(catalog):
    assert catalog.fetch(99) is None
    assert catalog.fetch_slug("nothing") is None
    assert catalog.fetch_site("nobody") is None


def test_following_without_an_edit_takes_one_query(catalog, django_assert_num_queries):
    catalog.fetch(make_link().pk)
    catalog.follow()
    with django_assert_num_queries(1):
        catalog.follow()


def test_an_edit_is_seen(catalog):
    link = make_link()
    catalog.fetch(link.pk)
    link.destination = "https://example.com/new"
    link.save()
    catalog.follow()
    assert catalog.links[link.pk].destination == "https://example.com/new"


def test_a_link_that_is_switched_off_in_bulk_is_seen(catalog):
    link = make_link()
    catalog.fetch(link.pk)
    Link.objects.filter(pk=link.pk).update(active=False)
    catalog.follow()
    assert not catalog.links[link.pk].active


def test_an_edit_of_the_site_or_campaign_is_seen(catalog):
    campaign = make_campaign(tags={"a": "1"})
    link = make_link(site=campaign.site, campaign=campaign)
    catalog.fetch(link.pk)
    campaign.tags = {"a": "2"}
    campaign.save()
    catalog.follow()
    assert catalog.links[link.pk].tags == {"a": "2"}
    campaign.site.tags = {"b": "3"}
    campaign.site.save()
    catalog.follow()
    assert catalog.links[link.pk].tags == {"a": "2", "b": "3"}


def test_an_edit_loads_no_link_that_was_not_known(catalog):
    link = make_link()
    link.save()
    catalog.follow()
    assert catalog.links == {}


def test_a_changed_slug_no_longer_leads_anywhere(catalog):
    link = make_link(slug="old")
    catalog.fetch_slug("old")
    link.slug = "new"
    link.save()
    catalog.follow()
    assert "old" not in catalog.slugs
    assert catalog.fetch_slug("new").id == link.pk


def test_a_name_that_was_unknown_is_asked_for_again_after_an_edit(catalog):
    catalog.memos.remember_unknown("summer")
    make_link(slug="summer")
    catalog.follow()
    assert "summer" not in catalog.memos.unknown


def test_an_edit_between_reading_and_remembering_is_not_missed(catalog, monkeypatch):
    link = make_link()
    store = catalog._store

    def edit_first(stale):
        monkeypatch.setattr(catalog, "_store", store)
        Link.objects.filter(pk=link.pk).update(active=False)
        catalog.follow()
        store(stale)

    monkeypatch.setattr(catalog, "_store", edit_first)
    assert not catalog.fetch(link.pk).active


def test_it_is_bounded(catalog, monkeypatch):
    monkeypatch.setattr(catalogs, "MAX_LINKS", 2)
    links = [make_link(slug=f"slug-{number}") for number in range(3)]
    for link in links:
        catalog.fetch(link.pk)
    assert list(catalog.links) == [links[1].pk, links[2].pk]
    assert list(catalog.slugs) == ["slug-1", "slug-2"]


def test_a_page_finds_its_link_by_any_address_of_it(catalog, django_assert_num_queries):
    link = make_link(site=make_site(), destination="https://example.com/a?id=1")
    make_link(site=link.site, destination="https://example.com/a?id=1")
    site = catalog.fetch_site(link.site.key)
    url = "https://EXAMPLE.com/a?utm_source=x&id=1#top"
    assert catalog.page(site, url) is None
    assert catalog.fetch_page(site, url).id == link.pk
    with django_assert_num_queries(0):
        assert catalog.fetch_page(site, "https://example.com/a?id=1&gv=Ab3dE9").id == link.pk
    assert catalog.page(site, url) == link.pk


def test_a_page_of_another_site_is_another_page(catalog):
    make_link(destination="https://example.com/a")
    site = catalog.fetch_site(make_site().key)
    assert catalog.fetch_page(site, "https://example.com/a") is None
    assert catalog.page(site, "https://example.com/a") == 0


@pytest.fixture
def page(catalog):
    """A link, its site as the catalog knows it, and the address of its page."""
    link = make_link()
    catalog.follow()
    site = catalog.fetch_site(link.site.key)
    catalog.fetch_page(site, link.destination)
    catalog.memos.remember_offer("site=…", (link.pk, ()))
    return link, site, link.destination


def test_a_new_link_leaves_alone_what_is_known_of_other_pages(catalog, page):
    link, site, url = page
    catalog.fetch_page(site, "https://example.com/new")
    make_link(site=link.site, destination="https://example.com/new")
    catalog.follow()
    assert catalog.page(site, url) == link.pk
    assert catalog.memos.offers == {"site=…": (link.pk, ())}
    assert catalog.page(site, "https://example.com/new") is None


@pytest.mark.parametrize("edited", ["link", "another link", "site"])
def test_an_edit_makes_pages_and_offers_be_looked_up_again(catalog, edited):
    other = make_link()
    link = make_link()
    catalog.follow()
    site = catalog.fetch_site(link.site.key)
    catalog.fetch_page(site, link.destination)
    catalog.memos.remember_offer("site=…", (link.pk, ()))
    {"link": link, "another link": other, "site": link.site}[edited].save()
    catalog.follow()
    assert catalog.page(site, link.destination) is None
    assert catalog.memos.offers == {}


def test_an_edit_between_looking_up_and_remembering_a_page_is_not_missed(catalog, monkeypatch):
    link = make_link()
    target = make_link(site=link.site, destination="https://example.com/target")
    catalog.follow()
    site = catalog.fetch_site(link.site.key)
    find = pages.find

    def merge_afterwards(*page):
        found = find(*page)
        Link.objects.filter(pk=link.pk).update(merged_into=target)
        catalog.follow()
        return found

    monkeypatch.setattr(pages, "find", merge_afterwards)
    catalog.fetch_page(site, link.destination)
    monkeypatch.undo()
    assert catalog.fetch_page(site, link.destination).id == target.pk


def test_an_edit_between_reading_and_keeping_a_site_is_not_missed(catalog, monkeypatch):
    site = make_site()
    make_entry = catalogs.site_entry

    def edit_first(stale):
        Site.objects.filter(pk=site.pk).update(hosts=["other.test"])
        catalog.follow()
        return make_entry(stale)

    monkeypatch.setattr(catalogs, "site_entry", edit_first)
    catalog.fetch_site(site.key)
    monkeypatch.undo()
    assert catalog.fetch_site(site.key).hosts == ("other.test",)


def test_an_edit_that_could_not_be_read_is_read_the_next_time(catalog, monkeypatch):
    link = make_link()
    catalog.fetch(link.pk)
    Link.objects.filter(pk=link.pk).update(active=False)

    def away(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(catalog, "_load", away)
    with pytest.raises(DatabaseError):
        catalog.follow()
    monkeypatch.undo()
    catalog.follow()
    assert not catalog.links[link.pk].active


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(memos, "MAX_MEMOS", 2)
    found = Memos()
    for number in range(3):
        found.remember_page(1, f"page-{number}", number)
        found.remember_offer(f"offer-{number}", (number, ()))
        found.remember_unknown(f"name-{number}")
    assert list(found.pages) == [(1, "page-1"), (1, "page-2")]
    assert list(found.offers) == ["offer-1", "offer-2"]
    assert list(found.unknown) == ["name-1", "name-2"]


def test_what_is_too_long_is_not_remembered():
    found, long = Memos(), "x" * 1_001
    found.remember_page(1, long, 1)
    found.remember_offer(long, (1, ()))
    found.remember_unknown(long)
    assert (found.pages, found.offers, found.unknown) == ({}, {}, {})


def test_versions_only_grow():
    first, second = CatalogVersion.take(), CatalogVersion.take()
    assert second == first + 1
