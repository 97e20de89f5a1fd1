"""Many links changed at once: what changes is told first, then done whole or not at all."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from shortener.catalog import Catalog
from shortener.models import Campaign, CatalogVersion, Link
from tests.factories import make_campaign, make_link, make_site
from tests.shortener.test_admin import AdminTestCase


class BulkEditTests(AdminTestCase):
    campaign: Campaign
    one: Link
    two: Link

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.campaign = make_campaign(site=cls.site, name="Summer")
        cls.one = make_link(site=cls.site, title="Figs", tags={"a": "1", "b": "2"})
        cls.two = make_link(site=cls.site, title="Plums", tags={"a": "3"})

    def url(self, links=None, name="edit"):
        ids = ",".join(str(link.pk) for link in links or (self.one, self.two))
        return f"{reverse(f'admin:shortener_link_{name}')}?links={ids}"

    def draft(self, links=None, **data):
        return self.client.post(self.url(links), data | {"draft": "1"})

    def apply(self, links=None, **data):
        drafted = self.draft(links, **data).context["drafted"]
        return self.client.post(self.url(links), data | {"apply": "1", "drafted": drafted})

    def test_the_action_leads_to_the_page(self):
        data = {"action": "edit", "_selected_action": [self.one.pk, self.two.pk]}
        response = self.client.post(reverse("admin:shortener_link_changelist"), data)

        assert response["Location"].startswith(reverse("admin:shortener_link_edit"))
        self.assertContains(self.client.get(response["Location"]), "Change 2 links")

    def test_each_change_is_done_to_every_link_and_nothing_else(self):
        cases: list[tuple[dict[str, Any], str, list[Any]]] = [
            ({"campaign": self.campaign.pk}, "campaign_id", [self.campaign.pk] * 2),
            ({"campaign": "none"}, "campaign_id", [None] * 2),
            ({"set_tags": "a=9\nc={channel}"}, "tags", [
                {"a": "9", "b": "2", "c": "{channel}"},
                {"a": "9", "c": "{channel}"},
            ]),
            ({"drop_tags": "a c x"}, "tags", [{"b": "2"}, {}]),
            ({"active": "off"}, "active", [False] * 2),
            ({"active": "on"}, "active", [True] * 2),
            ({"expires": "2030-01-02T03:04"}, "expires", [
                datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
            ] * 2),
            ({"never_expires": "on"}, "expires", [None] * 2),
            ({"fallback_url": "https://example.com/"}, "fallback_url", [
                "https://example.com/"
            ] * 2),
            ({"no_fallback": "on"}, "fallback_url", [""] * 2),
        ]  # fmt: skip
        for data, field, expected in cases:
            with self.subTest(str(data)):
                self.apply(**data)
                links = Link.objects.order_by("pk").values_list(field, flat=True)
                assert list(links) == expected
        assert set(Link.objects.values_list("title", flat=True)) == {"Figs", "Plums"}

    def test_the_draft_tells_what_changes_and_changes_nothing(self):
        page = self.draft(set_tags="a=3", active="on")

        [changing] = page.context["changing"]
        assert changing.link == self.one
        assert [tuple(map(str, one)) for one in changing.differences] == [
            ("Tags", "a=1\nb=2", "a=3\nb=2")
        ]
        self.assertContains(page, "1 stays as it is")
        self.one.refresh_from_db()
        assert self.one.tags["a"] == "1"

    def test_the_history_of_each_link_tells_what_changed(self):
        self.apply(campaign=self.campaign.pk, drop_tags="b")

        told = {entry.object_id: entry.get_change_message() for entry in LogEntry.objects.all()}
        assert told == {
            str(self.one.pk): ("Changed with others.\nCampaign: – → Summer\nTags: a=1, b=2 → a=1"),
            str(self.two.pk): "Changed with others.\nCampaign: – → Summer",
        }
        assert {entry.user for entry in LogEntry.objects.all()} == {self.ada}

    def test_catalogs_follow(self):
        catalog = Catalog()

        def is_active():
            entry = catalog.fetch(self.one.pk)
            return entry and entry.active

        catalog.follow()
        assert is_active()
        before = CatalogVersion.objects.get().number
        self.apply(active="off")

        assert all(link.version > before for link in Link.objects.all())
        catalog.follow()
        assert not is_active()

    def test_one_link_that_cannot_be_changed_stops_all(self):
        self.client.force_login(self.ben)
        other = make_site(hosts=["plums.example"])
        for site in (self.site, other):
            site.members.add(self.ben)
        links = [self.one, make_link(site=other)]
        data: dict[str, str] = {"fallback_url": "https://plums.example/ended", "active": "off"}
        page = self.draft(links, **data)

        self.assertContains(page, "plums.example is not a host of this site.")
        self.assertNotContains(page, 'name="apply"')
        self.apply(links, **data)
        assert all(Link.objects.values_list("active", flat=True))

    def test_what_changed_since_the_draft_is_shown_again(self):
        drafted = self.draft(set_tags="a=9").context["drafted"]
        Link.objects.filter(pk=self.one.pk).update(tags={"a": "7"})
        data = {"set_tags": "a=9", "apply": "1", "drafted": drafted}

        self.assertContains(self.client.post(self.url(), data), "Nothing was changed")
        self.one.refresh_from_db()
        assert self.one.tags == {"a": "7"}

    def test_what_is_wrong_is_named(self):
        cases: list[tuple[dict[str, Any], str, str]] = [
            ({"set_tags": "utm_source=Big Sale"}, "set_tags", "holds a blank"),
            ({"expires": "soon"}, "expires", "Enter a valid date/time."),
            ({"expires": "2030-01-02T03:04", "never_expires": "on"}, "expires", "Choose one"),
            ({"campaign": make_campaign().pk}, "campaign", "Select a valid choice"),
        ]
        for data, field, error in cases:
            with self.subTest(field):
                assert error in str(self.draft(**data).context["form"].errors[field])
                part = self.client.post(self.url(name="edit_draft"), data)
                assert error in part.content.decode()

    def test_links_of_several_sites_get_no_campaign_together(self):
        page = self.client.get(self.url([self.one, make_link()]))
        self.assertContains(page, "Only links of one site")

    def test_members_change_links_of_their_sites_alone(self):
        self.client.force_login(self.as_member(self.ben))
        assert self.client.get(self.url()).status_code == 302
        self.site.members.add(self.ben)
        foreign = make_link()
        assert self.client.get(self.url([self.one, foreign])).context["links"] == [self.one]
        self.client.force_login(self.cleo)
        assert self.client.get(self.url()).status_code == 403

    def test_queries_do_not_grow_with_the_links(self):
        def queries(links):
            Link.objects.update(active=True)
            with CaptureQueriesContext(connection) as asked:
                self.apply(links, active="off", set_tags=f"at={timezone.now().timestamp()}")
            return len(asked)

        few = queries([self.one])
        assert queries([make_link(site=self.site) for _ in range(20)]) == few
