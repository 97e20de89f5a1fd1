import re
from datetime import timedelta
from unittest import skipUnless
from unittest.mock import patch

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from shortener import codes
from shortener.admin import paging
from shortener.forms import HostsField, TagsField
from shortener.models import Campaign, CatalogVersion, Link, Site
from tests.factories import make_campaign, make_link, make_site


class AdminTestCase(TestCase):
    """Ada may do everything, Ben may edit links, Cleo may look at them."""

    site: Site
    ada: User
    ben: User
    cleo: User

    @classmethod
    def setUpTestData(cls):
        cls.site = make_site(name="The Bench")
        cls.ada = User.objects.create_superuser("ada")
        cls.ben = cls.make_editor("ben", ["add_link", "change_link", "view_link"])
        cls.cleo = cls.make_editor("cleo", ["view_link", "view_site", "view_campaign"])

    @staticmethod
    def make_editor(name, permissions):
        user = User.objects.create_user(name, is_staff=True)
        allowed = [*permissions, "every_site"]
        user.user_permissions.set(Permission.objects.filter(codename__in=allowed))
        return user

    @staticmethod
    def as_member(user):
        """Let an editor work for the sites alone whose member they are."""
        user.user_permissions.remove(Permission.objects.get(codename="every_site"))
        return user

    def setUp(self):
        self.client.force_login(self.ada)

    def save(self, model, data, obj=None):
        """Post the admin's form; return its errors, or nothing where it was saved."""
        name = f"admin:shortener_{model._meta.model_name}"
        url = reverse(f"{name}_change", args=[obj.pk]) if obj else reverse(f"{name}_add")
        response = self.client.post(url, data)
        return {} if response.status_code == 302 else response.context["adminform"].errors

    def link_data(self, **values):
        return {
            "site": self.site.pk,
            "title": "Lamplighter",
            "destination": "https://example.com/lamplighter",
            "active": "on",
        } | values

    def site_data(self, **values):
        return {
            "name": "Field Notes",
            "key": "notes",
            "hosts": "notes.example",
            "time_zone": "Europe/Berlin",
            "channels": ["whatsapp", "copy"],
        } | values


class LinesTests(TestCase):
    def test_hosts_are_one_a_line_in_small_letters_and_once_each(self):
        field = HostsField(required=False)

        assert field.clean("WWW.example.com\r\n\r\n .example.org\nwww.example.com") == [
            "www.example.com",
            ".example.org",
        ]
        assert field.prepare_value(["a.example", "b.example"]) == "a.example\nb.example"
        assert field.clean("") == []

    def test_tags_are_one_a_line(self):
        field = TagsField(required=False)

        tags = field.clean("utm_source={channel}\r\n\r\n ref = a=b \r\nempty=")
        assert tags == {"utm_source": "{channel}", "ref": "a=b", "empty": ""}
        assert field.clean(field.prepare_value(tags)) == tags
        assert field.clean("") == {}

    def test_a_broken_line_is_named(self):
        with self.assertRaisesMessage(
            Exception, "Line 3, “utm_medium”, is not of the form name=value."
        ):
            TagsField().clean("\nutm_source=x\nutm_medium")
        with self.assertRaisesMessage(Exception, "Line 2 sets “a” a second time."):
            TagsField().clean("a=1\na=2")


class SiteAdminTests(AdminTestCase):
    def test_it_keeps_lines_and_boxes_as_the_model_wants_them(self):
        data = self.site_data(
            hosts="notes.example\n.notes.example",
            tags="utm_source={channel}\nutm_medium=share",
            channels=["copy", "whatsapp"],
        )
        assert self.save(Site, data) == {}

        site = Site.objects.get(key="notes")
        assert site.hosts == ["notes.example", ".notes.example"]
        assert site.tags == {"utm_source": "{channel}", "utm_medium": "share"}
        assert site.channels == ["copy", "whatsapp"]

    def test_it_offers_the_chosen_channels_first_in_their_order(self):
        site = make_site(channels=["sms", "email"])
        page = self.client.get(reverse("admin:shortener_site_change", args=[site.pk]))

        choices = page.context["adminform"].form.fields["channels"].choices
        assert [name for name, _ in choices][:4] == ["sms", "email", "whatsapp", "telegram"]

    def test_it_says_which_host_is_wrong(self):
        errors = self.save(Site, self.site_data(hosts="notes.example\nhttps://x.example/"))

        assert "“https://x.example/” is not a host name." in errors["hosts"][0]

    def test_it_says_which_tag_splits_reports(self):
        errors = self.save(Site, self.site_data(tags="utm_campaign=Summer Sale"))

        assert errors["tags"] == [
            "“Summer Sale” in “utm_campaign” holds a blank: write “Summer-Sale”."
        ]

    def test_it_keeps_the_key_that_pages_name(self):
        assert self.save(Site, self.site_data(key="other"), self.site) == {}

        self.site.refresh_from_db()
        assert self.site.name == "Field Notes"
        assert self.site.key != "other"

    def test_a_site_goes_only_while_it_has_no_links(self):
        url = reverse("admin:shortener_site_delete", args=[self.site.pk])
        link = make_link(site=self.site)
        assert self.client.post(url, {"post": "yes"}).status_code == 403

        link.delete()
        assert self.client.post(url, {"post": "yes"}).status_code == 302
        assert not Site.objects.exists()

    def test_it_shows_no_json_to_those_who_only_look(self):
        self.client.force_login(self.cleo)
        site = make_site(hosts=["a.example", "b.example"], tags={"a": "1", "b": "2"})
        page = self.client.get(reverse("admin:shortener_site_change", args=[site.pk]))

        self.assertContains(page, "a.example<br>b.example")
        self.assertContains(page, "a=1<br>b=2")
        self.assertContains(page, "WhatsApp, Telegram, Signal")


class CampaignAdminTests(AdminTestCase):
    def test_it_keeps_tags_as_the_model_wants_them(self):
        data = {"site": self.site.pk, "name": "Harvest", "slug": "harvest", "tags": "a=1"}
        assert self.save(Campaign, data) == {}

        assert Campaign.objects.get().tags == {"a": "1"}

    def test_a_campaign_with_links_stays(self):
        campaign = make_campaign(site=self.site)
        make_link(site=self.site, campaign=campaign)
        url = reverse("admin:shortener_campaign_delete", args=[campaign.pk])

        assert self.client.post(url, {"post": "yes"}).status_code == 403

    def test_the_list_counts_links(self):
        make_link(site=self.site, campaign=make_campaign(site=self.site))
        page = self.client.get(reverse("admin:shortener_campaign_changelist"))

        assert page.context["cl"].result_list[0].link_count == 1


class LinkFormTests(AdminTestCase):
    def test_it_remembers_who_made_a_link(self):
        assert self.save(Link, self.link_data(tags="ref={placement}")) == {}
        link = Link.objects.get()
        assert (link.created_by, link.tags) == (self.ada, {"ref": "{placement}"})

        self.client.force_login(self.ben)
        assert self.save(Link, self.link_data(title="Changed"), link) == {}
        link.refresh_from_db()
        assert (link.created_by, link.title) == (self.ada, "Changed")

    def test_a_new_link_is_shown_to_be_copied(self):
        response = self.client.post(reverse("admin:shortener_link_add"), self.link_data())
        link = Link.objects.get()

        assert response["Location"] == reverse("admin:shortener_link_change", args=[link.pk])

    def test_a_link_has_a_history_once_it_is_there(self):
        add = self.client.get(reverse("admin:shortener_link_add"))
        change = self.client.get(reverse("admin:shortener_link_change", args=[make_link().pk]))

        self.assertNotContains(add, "Created by")
        self.assertContains(change, "Created by")

    def test_editors_link_to_hosts_of_the_site_only(self):
        self.client.force_login(self.ben)
        errors = self.save(Link, self.link_data(destination="https://elsewhere.example/"))

        assert errors == {
            "destination": [
                "elsewhere.example is not a host of this site. "
                "Its hosts are: .example.org, example.com."
            ]
        }

    def test_the_permission_lets_them_link_anywhere(self):
        self.client.force_login(self.make_editor("dora", ["add_link", "link_anywhere"]))

        # Without the right to see links the admin leads to its index, saved all the same.
        self.save(Link, self.link_data(destination="https://elsewhere.example/"))
        assert Link.objects.get().destination == "https://elsewhere.example/"

    @override_settings(PUBLIC_HOST="go.example")
    def test_nobody_links_back_to_the_short_domain(self):
        errors = self.save(Link, self.link_data(destination="https://go.example/abc"))

        assert "would lead back to itself" in errors["destination"][0]

    def test_a_campaign_of_another_site_is_refused(self):
        campaign = make_campaign(name="Elsewhere")
        errors = self.save(Link, self.link_data(campaign=campaign.pk))

        assert errors == {"campaign": ["“Elsewhere” is a campaign of another site."]}

    def test_an_error_leaves_the_panel_with_what_is_stored(self):
        link = make_link(site=self.site)
        url = reverse("admin:shortener_link_change", args=[link.pk])
        page = self.client.post(url, self.link_data(destination="http://["))

        assert page.status_code == 200
        assert page.context["link"].destination == "https://example.com/article"


class LinkListTests(AdminTestCase):
    def list(self, **query):
        page = self.client.get(reverse("admin:shortener_link_changelist"), query)
        return page.context["cl"].result_list

    def act(self, action, links):
        url = reverse("admin:shortener_link_changelist")
        data = {"action": action, "_selected_action": [link.pk for link in links]}
        return self.client.post(url, data, follow=True)

    def test_it_finds_links_by_what_they_say(self):
        link = make_link(title="Lamplighter", destination="https://example.com/gas")
        make_link()

        assert list(self.list(q="lamp")) == [link]
        assert list(self.list(q="com/gas")) == [link]

    def test_it_finds_links_by_code_slug_and_short_url(self):
        link = make_link(slug="summer")
        make_link()
        share = codes.encode(link.pk, codes.share_id(1000, 1))

        for term in (
            link.code,
            share,
            "summer",
            f"http://localhost:8000/{link.code}",
            f"localhost:8000/{share}",
            "https://go.example/summer?utm_source=x",
        ):
            assert list(self.list(q=term)) == [link], term
        assert list(self.list(q="http://[")) == []

    def test_it_tells_live_expired_and_off_apart(self):
        make_link(title="Live")
        make_link(title="Expired", expires=timezone.now() - timedelta(minutes=1))
        make_link(title="Off", active=False)
        page = self.client.get(reverse("admin:shortener_link_changelist"))

        for state in ("live", "expired", "off"):
            self.assertContains(page, f'<span class="state state-{state}">{state}</span>', 1)

    def test_it_filters_by_expiry(self):
        never = make_link()
        past = make_link(expires=timezone.now() - timedelta(days=1))
        later = make_link(expires=timezone.now() + timedelta(days=1))

        assert list(self.list(expiry="never")) == [never]
        assert list(self.list(expiry="past")) == [past]
        assert list(self.list(expiry="later")) == [later]

    def test_queries_do_not_grow_with_the_list(self):
        campaign = make_campaign(site=self.site)
        make_link(site=self.site, campaign=campaign)
        url = reverse("admin:shortener_link_changelist")
        with self.assertNumQueries(6):
            self.client.get(url)

        for _ in range(5):
            make_link(site=self.site, campaign=campaign)
        with self.assertNumQueries(6):
            self.client.get(url)

    @skipUnless(connection.vendor == "postgresql", "SQLite reads the table")
    def test_a_part_of_a_title_slug_or_address_is_found_by_index(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for column in ("title", "slug", "destination"):
            plan = Link.objects.order_by().filter(**{f"{column}__icontains": "lamp"}).explain()
            assert f"link_by_part_of_{column}" in plan

    def test_a_long_list_is_counted_as_far_as_anybody_leafs(self):
        for _ in range(4):
            make_link(site=self.site)
        url = reverse("admin:shortener_link_changelist")
        self.assertContains(self.client.get(url), "4 links")

        with patch.object(paging, "MOST", 3), CaptureQueriesContext(connection) as asked:
            page = self.client.get(url)
        self.assertContains(page, "The first 3: search or filter to find the others")
        [count] = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
        assert "LIMIT 4" in count

    def test_links_are_switched_off_and_on_and_the_catalogs_hear_of_it(self):
        links = [make_link(), make_link()]
        make_link(active=False)
        before = CatalogVersion.objects.get().number
        page = self.act("switch_off", links)
        self.assertContains(page, "Switched off: 2 links.")

        versions = set(
            Link.objects.filter(pk__in=[link.pk for link in links]).values_list(
                "active", "version"
            )
        )
        assert versions == {(False, before + 1)}
        self.assertContains(self.act("switch_on", links[:1]), "Switched on: 1 link.")
        assert Link.objects.live().get() == links[0]

    def test_the_history_of_a_link_tells_who_switched_it_off(self):
        link = make_link()
        self.act("switch_off", [link])

        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_id) == (self.ada, str(link.pk))
        assert entry.get_change_message() == "Switched off."

    def test_whoever_may_only_look_switches_nothing(self):
        self.client.force_login(self.cleo)
        self.act("switch_off", [make_link()])

        assert Link.objects.get().active

    def test_links_are_never_deleted(self):
        link = make_link()
        url = reverse("admin:shortener_link_delete", args=[link.pk])

        assert self.client.post(url, {"post": "yes"}).status_code == 403
        self.act("delete_selected", [link])
        assert Link.objects.exists()


class LinkPageTests(AdminTestCase):
    def page_of(self, link):
        return self.client.get(reverse("admin:shortener_link_change", args=[link.pk]))

    def test_it_shows_the_short_link_to_copy(self):
        link = make_link(slug="summer")
        page = self.page_of(link)

        self.assertContains(page, f'value="{link.short_url}" readonly')
        self.assertContains(page, 'data-copy="short-link" ')

    def test_it_shows_where_each_channel_leads(self):
        site = make_site(channels=["whatsapp"], tags={"utm_source": "{channel}"})
        previews = dict(self.page_of(make_link(site=site)).context["previews"])

        assert previews == {
            "Short link itself": "https://example.com/article?utm_source=link",
            "WhatsApp": "https://example.com/article?utm_source=whatsapp&gv={share}",
        }

    def test_it_gives_buttons_for_other_pages(self):
        link = make_link(site=make_site(domain="go.example.com", channels=["signal"]))
        page = self.page_of(link)

        assert page.context["plain_links"] == (
            f'<a href="http://go.example.com/share/signal?link={link.code}"'
            ' rel="nofollow">Signal</a>'
        )
        self.assertContains(page, "{% load share %}\n{% share_buttons link %}")

    def test_it_needs_no_inline_script_or_style(self):
        html = self.page_of(make_link()).content.decode()

        assert " style=" not in html
        assert "<style" not in html
        assert not re.search(r"\son\w+=", html)
        assert not re.search(r"<script(?![^>]*\ssrc=)", html)

    def test_whoever_may_only_look_sees_it_too(self):
        self.client.force_login(self.cleo)
        link = make_link(tags={"a": "1", "b": "2"})
        page = self.page_of(link)

        self.assertContains(page, link.short_url)
        self.assertContains(page, "a=1<br>b=2")

    def test_the_qr_code_comes_as_a_file(self):
        link = make_link(slug="summer")
        for kind, media_type, start in (
            ("svg", "image/svg+xml", b"<?xml"),
            ("png", "image/png", b"\x89PNG"),
        ):
            response = self.client.get(reverse("admin:shortener_link_qr", args=[link.pk, kind]))
            assert response["Content-Type"] == media_type
            assert response["Content-Disposition"] == f'attachment; filename="summer.{kind}"'
            assert response.getvalue().startswith(start)

    def test_there_is_no_other_kind_of_file_and_none_of_other_links(self):
        link = make_link()

        for args in ([link.pk, "pdf"], [link.pk + 1, "png"]):
            url = reverse("admin:shortener_link_qr", args=args)
            assert self.client.get(url).status_code == 404

    def test_the_qr_code_is_for_those_who_may_see_links(self):
        url = reverse("admin:shortener_link_qr", args=[make_link().pk, "png"])
        self.client.force_login(self.make_editor("eve", []))
        assert self.client.get(url).status_code == 403

        self.client.logout()
        assert self.client.get(url).status_code == 302
