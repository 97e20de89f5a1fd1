"""Links from a list: what becomes of each line, and that they are made exactly once."""

import csv
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from shortener.models import CatalogVersion, Link, Site, TagTemplate
from shortener.new_links import Fate, Line, Wish, judge, read_lines, title_of
from tests.factories import make_campaign, make_link, make_site

PAGE = "https://example.com"


@pytest.mark.parametrize(
    ("text", "address", "title"),
    [
        (f"{PAGE}/figs", f"{PAGE}/figs", "Figs"),
        (f"  {PAGE}/figs \r\n", f"{PAGE}/figs", "Figs"),
        (f"{PAGE}/figs\tOf figs, and plums", f"{PAGE}/figs", "Of figs, and plums"),
        (f"{PAGE}/figs\t", f"{PAGE}/figs", "Figs"),
        (f"{PAGE}/figs, Early figs", f"{PAGE}/figs", "Early figs"),
        (f"{PAGE}/figs,Early figs", f"{PAGE}/figs", "Early figs"),
        (f"{PAGE}/figs,Early", f"{PAGE}/figs", "Early"),
        (f"{PAGE}/figs,12.html", f"{PAGE}/figs,12.html", "Figs,12"),
        (f"{PAGE}/map?at=52.5,13.4", f"{PAGE}/map?at=52.5,13.4", "Map"),
        ("no address at all", "no address at all", "No address at all"),
    ],
)
def test_a_line_is_an_address_and_perhaps_a_title(text, address, title):
    assert read_lines(text) == [Line(1, address, title)]


def test_empty_lines_count_but_are_not_read():
    assert [line.number for line in read_lines(f"\n{PAGE}/a\n \t\n{PAGE}/b\n")] == [2, 4]


@pytest.mark.parametrize(
    ("address", "title"),
    [
        (f"{PAGE}/news/figs-are-early.html?id=7", "Figs are early"),
        (f"{PAGE}/news/figs_are+early/", "Figs are early"),
        (f"{PAGE}/figs-are-early/12345", "Figs are early"),
        (f"{PAGE}/%C3%A9t%C3%A9", "Été"),
        ("https://www.example.com/", "example.com"),
        ("https://example.com/12/34", "example.com"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_a_title_is_made_of_the_words_in_an_address(address, title):
    assert title_of(address) == title


@given(st.text(min_size=1, max_size=300))
def test_a_title_is_one_line_that_fits(text):
    title = title_of(f"{PAGE}/{text}")

    assert title == title.strip()
    assert 0 < len(title) <= 200
    assert "\n" not in title


class FateTests(TestCase):
    site: Site
    known: Link

    @classmethod
    def setUpTestData(cls):
        cls.site = make_site(tags={"utm_medium": "social"})
        cls.known = make_link(site=cls.site, destination=f"{PAGE}/known")
        make_link(destination=f"{PAGE}/elsewhere")

    def fates(self, text, *, anywhere=False, **values):
        wish = Wish(read_lines(text), self.site, values.get("campaign"), {}, anywhere)
        return [(verdict.fate, verdict.why) for verdict in judge(wish)]

    def test_each_line_has_a_fate_and_a_reason(self):
        foreign = "other.example is not a host of this site. Its hosts are: .example.org"
        for text, fate, why in [
            (f"{PAGE}/new", Fate.MADE, ""),
            (f"{PAGE}/elsewhere", Fate.MADE, ""),  # Another site's link is none of ours.
            (f"{PAGE}/known", Fate.DUPLICATE, "A link of this site leads to the same page."),
            (f"{PAGE}/known?utm_source=x#a", Fate.DUPLICATE, "A link of this site"),
            ("example.com/new", Fate.NO_ADDRESS, "The address must start with https://"),
            ("https://", Fate.NO_ADDRESS, "The address names no host."),
            ("http://[x", Fate.NO_ADDRESS, "This is not a valid address"),
            (f"{PAGE}/{'a' * 2000}", Fate.NO_ADDRESS, "The address has more than 2000"),
            ("https://other.example/", Fate.FOREIGN, foreign),
            ("a\0b", Fate.NO_ADDRESS, "The address holds blanks or control characters"),
        ]:
            with self.subTest(text[:60]):
                [(found, reason)] = self.fates(text)
                assert found is fate
                assert reason.startswith(why)

    def test_the_second_of_two_lines_for_a_page_names_the_first(self):
        assert self.fates(f"{PAGE}/a\n\nHTTPS://example.com/a#top") == [
            (Fate.MADE, ""),
            (Fate.REPEATED, "The same page as in line 1."),
        ]

    def test_whoever_may_link_anywhere_may_do_so_here(self):
        assert self.fates("https://other.example/", anywhere=True) == [(Fate.MADE, "")]

    def test_the_draft_shows_where_visitors_will_arrive(self):
        campaign = make_campaign(site=self.site, slug="summer")
        tags = {"utm_campaign": "{campaign}", "utm_source": "{channel}"}
        [verdict] = judge(Wish(read_lines(f"{PAGE}/a#end"), self.site, campaign, tags, False))

        assert verdict.leads_to == (
            f"{PAGE}/a?utm_campaign=summer&utm_medium=social&utm_source=link#end"
        )

    def test_a_thousand_lines_take_one_query(self):
        lines = read_lines("\n".join(f"{PAGE}/{number}" for number in range(1000)))
        with self.assertNumQueries(1):
            judge(Wish(lines, self.site, None, {}, False))


class PageTests(TestCase):
    site: Site
    foreign: Site
    user: User

    @classmethod
    def setUpTestData(cls):
        cls.site = make_site(name="The Figs")
        cls.foreign = make_site(name="The Plums")
        cls.user = User.objects.create_user("marketer", is_staff=True)
        wanted = ["add_link", "view_link", "change_link"]
        cls.user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
        cls.site.members.add(cls.user)

    def setUp(self):
        self.client.force_login(self.user)
        self.url = reverse("new-links")

    def data(self, lines, **values):
        return {"lines": lines, "site": self.site.pk, **values}

    def draft(self, data):
        return self.client.post(self.url, {**data, "draft": "1"}).context

    def make(self, data, **values):
        draft = self.draft(data)
        sent = {"make": "1", "token": draft["token"], "drafted": draft["drafted"]}
        return self.client.post(self.url, {**data, **sent, **values})

    def test_ten_lines_become_ten_links(self):
        lines = "\n".join(f"{PAGE}/story-{n}" for n in range(10))
        before = CatalogVersion.hold().number
        response = self.make(self.data(lines))

        links = list(Link.objects.order_by("pk"))
        assert [link.title for link in links] == [f"Story {n}" for n in range(10)]
        assert all(link.version > before and link.page == link.destination for link in links)
        assert {link.created_by for link in links} == {self.user}
        assert LogEntry.objects.filter(user=self.user).count() == 10
        page = self.client.get(response["Location"])
        self.assertContains(page, "\n".join(f"{li.title}\t{li.short_url}" for li in links))

    def test_nothing_is_made_by_looking(self):
        self.draft(self.data(f"{PAGE}/a"))
        assert not Link.objects.exists()

    def test_a_draft_that_is_sent_twice_makes_its_links_once(self):
        data = self.data(f"{PAGE}/a\n{PAGE}/b")
        draft = self.draft(data)
        sent = {**data, "make": "1", "token": draft["token"], "drafted": draft["drafted"]}
        first, second = (self.client.post(self.url, sent) for _ in range(2))

        assert first["Location"] == second["Location"]
        assert Link.objects.count() == 2

    def test_a_list_that_was_changed_since_its_draft_is_shown_again(self):
        data = self.data(f"{PAGE}/a")
        response = self.make(data, lines=f"{PAGE}/b")

        self.assertContains(response, "Nothing was made")
        assert not Link.objects.exists()

    def test_a_token_does_not_answer_for_another_list(self):
        data = self.data(f"{PAGE}/a")
        draft = self.draft(data)
        sent = {"make": "1", "token": draft["token"], "drafted": draft["drafted"]}
        self.client.post(self.url, {**data, **sent})
        response = self.client.post(self.url, {**data, **sent, "lines": f"{PAGE}/b"})

        self.assertContains(response, "Nothing was made")
        assert Link.objects.count() == 1

    def test_what_became_a_duplicate_since_the_draft_is_not_made(self):
        data = self.data(f"{PAGE}/a")
        draft = self.draft(data)
        make_link(site=self.site, destination=f"{PAGE}/a")
        sent = {"make": "1", "token": draft["token"], "drafted": draft["drafted"]}
        response = self.client.post(self.url, {**data, **sent})

        self.assertContains(response, "Exists already")
        assert Link.objects.count() == 1

    def test_a_templates_tags_are_copied_and_own_ones_win(self):
        tags = {"utm_source": "{channel}", "utm_medium": "social"}
        template = TagTemplate.objects.create(site=self.site, name="Social", tags=tags)
        self.make(self.data(f"{PAGE}/a", template=template.pk, tags="utm_medium=letter"))
        template.tags = {}
        template.save()

        assert Link.objects.get().tags == {"utm_source": "{channel}", "utm_medium": "letter"}

    def test_choices_are_those_of_the_users_sites(self):
        make_campaign(site=self.foreign, name="Windfall")
        page = self.client.get(self.url)

        self.assertContains(page, "The Figs")
        self.assertNotContains(page, "The Plums")
        self.assertNotContains(page, "Windfall")
        form = self.client.post(self.url, {"lines": PAGE, "site": self.foreign.pk}).context["form"]
        assert "site" in form.errors

    def test_what_is_wrong_with_the_whole_is_said(self):
        for values, field, error in [
            ({"lines": " \n"}, "lines", "Paste at least one address."),
            ({"lines": "x\n" * 1001}, "lines", "These are 1001 lines; at most 1000"),
            ({"lines": PAGE, "tags": "utm_source=Big Sale"}, "tags", "holds a blank"),
            ({"lines": PAGE, "site": "x"}, "site", "Select a valid choice"),
            ({"lines": PAGE, "site": "9" * 30}, "site", "Select a valid choice"),
        ]:
            with self.subTest(error):
                form = self.draft(self.data("") | values)["form"]
                assert error in str(form.errors[field])

    def test_the_draft_is_told_apart_for_the_page_that_is_typed_in(self):
        draft = self.client.post(reverse("new-links-draft"), self.data(f"{PAGE}/a"))

        self.assertContains(draft, "Make 1 link<")
        self.assertNotContains(draft, "<html")
        bad = self.client.post(reverse("new-links-draft"), self.data(PAGE, tags="x"))
        self.assertContains(bad, "is not of the form name=value")

    def test_the_file_holds_no_formula(self):
        response = self.make(self.data(f"{PAGE}/a\t=HYPERLINK(1)"))
        file = self.client.get(f"{response['Location']}links.csv").content.decode()

        [_, [title, short, address]] = csv.reader(file.splitlines())
        assert title == "'=HYPERLINK(1)"
        assert (short, address) == (Link.objects.get().short_url, f"{PAGE}/a")

    def test_what_was_made_is_shown_to_its_maker_alone(self):
        location = self.make(self.data(f"{PAGE}/a"))["Location"]
        self.client.force_login(User.objects.create_superuser("ada"))

        assert self.client.get(location).status_code == 302
        assert self.client.get(reverse("new-links-made", args=[uuid4()])).status_code == 302

    def test_it_takes_the_permission_to_add_links(self):
        self.client.force_login(User.objects.create_user("reader", is_staff=True))
        for name in ("new-links", "new-links-draft"):
            assert self.client.post(reverse(name)).status_code == 403

    def test_a_thousand_lines_are_made_with_few_queries(self):
        data = self.data("\n".join(f"{PAGE}/{number}" for number in range(1000)))
        draft = self.draft(data)
        sent = {"make": "1", "token": draft["token"], "drafted": draft["drafted"]}
        with CaptureQueriesContext(connection) as asked:
            self.client.post(self.url, {**data, **sent})

        assert Link.objects.count() == 1000
        # Rows go in batches, of a size that depends on the database.
        assert len([query for query in asked if "INSERT" not in query["sql"]]) < 25
