"""Links to one and the same page: warned of when they are made, found and merged later."""

from django.urls import reverse

from shortener.models import Link
from tests.factories import make_link, make_site
from tests.shortener.test_admin import AdminTestCase


class WarningTests(AdminTestCase):
    def add(self, **values):
        return self.client.post(reverse("admin:shortener_link_add"), self.link_data(**values))

    def test_a_second_link_to_a_page_is_warned_of_once(self):
        known = make_link(site=self.site, destination="https://example.com/lamplighter")
        address = "HTTPS://example.com:443/lamplighter?utm_source=x#top"
        page = self.add(destination=address)

        self.assertContains(page, "A link to this page exists already")
        self.assertContains(page, reverse("admin:shortener_link_change", args=[known.pk]))
        assert Link.objects.count() == 1
        assert self.add(destination=address, again="1").status_code == 302
        assert Link.objects.count() == 2

    def test_links_of_other_sites_and_to_other_pages_do_not_matter(self):
        make_link(site=make_site(), destination="https://example.com/lamplighter")
        make_link(site=self.site, destination="https://example.com/lamplighter?id=2")

        assert self.add().status_code == 302

    def test_a_link_that_is_changed_is_no_duplicate_of_itself(self):
        link = make_link(site=self.site, destination="https://example.com/lamplighter")

        assert self.save(Link, self.link_data(title="Other"), link) == {}
