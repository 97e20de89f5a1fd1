"""Links to one and the same page: warned of when they are made, found and merged later."""

from unittest.mock import patch

from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shortener import duplicates
from shortener.models import Link
from tests.factories import make_link, make_site
from tests.shortener.test_admin import AdminTestCase

PAGE = "https://example.com"


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


class DuplicatesTests(AdminTestCase):
    figs: list[Link]

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.figs = [
            make_link(site=cls.site, title=f"Figs {n}", destination=f"{PAGE}/figs?utm_source={n}")
            for n in range(3)
        ]
        make_link(site=cls.site, destination=f"{PAGE}/plums")
        make_link(site=make_site(), destination=f"{PAGE}/plums")

    def groups(self, **query):
        context = self.client.get(reverse("duplicates"), {"site": self.site.pk} | query).context
        return [(group.page, group.size, group.links) for group, _ in context["groups"]]

    def merge(self, into, links, **values):
        data = {"into": into.pk, "links": [link.pk for link in links], **values}
        return self.client.post(reverse("duplicates"), data, follow=True)

    def test_links_to_the_same_page_stand_together(self):
        assert self.groups() == [(f"{PAGE}/figs", 3, self.figs)]

    def test_what_is_off_or_merged_is_no_duplicate(self):
        Link.objects.filter(pk=self.figs[0].pk).update(active=False)
        assert self.groups() == [(f"{PAGE}/figs", 2, self.figs[1:])]
        Link.objects.filter(pk=self.figs[2].pk).update(merged_into=self.figs[1])
        assert self.groups() == []

    def test_a_group_is_merged_and_can_be_taken_apart_again(self):
        page = self.merge(self.figs[1], self.figs)

        self.assertContains(page, "Merged: 2 pages into “Figs 1”.")
        self.assertContains(page, "No two links of")
        assert list(self.figs[1].merged.order_by("pk")) == [self.figs[0], self.figs[2]]
        assert LogEntry.objects.filter(object_id=str(self.figs[0].pk)).exists()

        data = {"action": "unmerge", "_selected_action": [self.figs[0].pk]}
        page = self.client.post(reverse("admin:shortener_link_changelist"), data, follow=True)
        self.assertContains(page, "Unmerged: 1 link.")
        assert list(self.figs[1].merged.all()) == [self.figs[2]]

    def test_only_links_to_the_chosen_ones_page_are_merged(self):
        other = Link.objects.filter(site=self.site).exclude(page__endswith="figs").get()
        self.merge(self.figs[0], [*self.figs[:2], other])

        assert list(self.figs[0].merged.all()) == [self.figs[1]]

    def test_what_cannot_be_merged_is_said(self):
        Link.objects.filter(pk=self.figs[0].pk).update(active=False)
        self.assertContains(self.merge(self.figs[0], self.figs), "is not live")
        page = self.client.post(reverse("duplicates"), {"into": "x"}, follow=True)
        self.assertContains(page, "Choose the link that the others become part of.")

    def test_pages_of_the_list_follow_each_other(self):
        with patch.object(duplicates, "GROUPS", 2):
            for n in range(4):
                for _ in range(2):
                    make_link(site=self.site, destination=f"{PAGE}/{n}")
            page = self.client.get(reverse("duplicates"), {"site": self.site.pk})
            seen = []
            while (last := page.context["last"]) is not None:
                seen += [group.page for group, _ in page.context["groups"]]
                page = self.client.get(
                    reverse("duplicates"), {"site": self.site.pk, "after": last}
                )
            seen += [group.page for group, _ in page.context["groups"]]

        assert seen == [f"{PAGE}/{n}" for n in range(4)] + [f"{PAGE}/figs"]

    def test_a_large_group_shows_its_oldest(self):
        with patch.object(duplicates, "SHOWN", 2):
            assert self.groups() == [(f"{PAGE}/figs", 3, self.figs[:2])]

    def test_queries_do_not_grow_with_the_groups(self):
        def queries():
            with CaptureQueriesContext(connection) as asked:
                self.groups()
            return len(asked)

        few = queries()
        for n in range(20):
            make_link(site=self.site, destination=f"{PAGE}/{n // 2}")
        assert queries() == few

    def test_members_see_and_merge_those_of_their_sites(self):
        self.client.force_login(self.as_member(self.ben))
        self.assertContains(self.client.get(reverse("duplicates")), "You do not work for any site")
        self.merge(self.figs[0], self.figs)
        assert not Link.objects.exclude(merged_into=None).exists()
        self.site.members.add(self.ben)
        assert len(self.groups()) == 1
        self.client.force_login(self.cleo)
        assert self.client.get(reverse("duplicates")).status_code == 403
