import pytest
from django.db import DatabaseError

from shortener import catalog as catalogs
from shortener.catalog import Catalog
from shortener.edge import edge
from shortener.follower import Follower
from shortener.models import CatalogVersion, Link
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
    catalog.remember_unknown("summer")
    make_link(slug="summer")
    catalog.follow()
    assert "summer" not in catalog.unknown


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


def test_a_page_finds_its_link_by_any_address_of_it(catalog):
    site = make_site()
    link = make_link(site=site, destination="https://example.com/a?id=1")
    make_link(site=site, destination="https://example.com/a?id=1")
    found = catalog.fetch_page(site.key, "https://EXAMPLE.com/a?utm_source=x&id=1#top")
    assert found.id == link.pk
    assert catalog.fetch_page("other", "https://example.com/a?id=1") is None


def test_versions_only_grow():
    first, second = CatalogVersion.take(), CatalogVersion.take()
    assert second == first + 1


def test_the_follower_survives_a_database_that_is_away(monkeypatch, caplog):
    def away():
        raise DatabaseError("gone")

    monkeypatch.setattr(edge().catalog, "follow", away)
    Follower(edge()).tick()
    assert "known links go on: gone" in caplog.text
