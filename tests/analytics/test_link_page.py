"""A link's page and the tree of its shares."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.dashboard import tree
from analytics.dashboard.links import PARTS
from analytics.models import Hit
from analytics.reports.cascades import cascade
from analytics.reports.question import Question
from shortener.models import Link
from tests.analytics.story import DAY, NOON, happen, settle_all
from tests.factories import make_link
from tests.facts import hit, press, share_of, store

pytestmark = pytest.mark.django_db

PERIOD = {"from": str(DAY), "to": str(DAY + timedelta(1))}
VIEWS = [
    ("reports:link", ()),
    ("reports:link-tree", ()),
    ("reports:link-tree-table", ()),
    *(("reports:link-part", (name,)) for name in PARTS),
]


@pytest.fixture
def links():
    return happen()


@pytest.fixture
def plums(links):
    return links[0]


@pytest.fixture
def reader(client, plums):
    """Somebody who works for the site and may read reports, but see no raw hits."""
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_dailycontent", "view_link"])
    )
    plums.site.members.add(user)
    client.force_login(user)
    return user


def page_of(client, link, view="reports:link", *args, **params):
    return client.get(reverse(view, args=[link.pk, *args]), {**PERIOD, **params})


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def pass_on(link, size, serial=20_000):
    """Let one share of the link be passed on to all others, a minute apart."""
    shares = [share_of("telegram", serial + n) for n in range(size)]
    store(
        press(link, share=shares[0], time=NOON),
        *(press(link, share=share, parent=shares[0], time=NOON + 60_000) for share in shares[1:]),
        *(hit(link, share=shares[1], time=NOON + 90_000, visitor=n) for n in range(3)),
    )
    settle_all()


def drawn(response):
    """Return what the picture of a tree is drawn from."""
    [data] = re.findall(
        r'<script id="tree-data" type="application/json">(.*?)</script>', response.content.decode()
    )
    return json.loads(data)


class TestNumbers:
    def test_the_figures_are_those_of_the_link(self, admin_client, links):
        tiles = {
            link.title: {
                tile.label: tile.figure for tile in page_of(admin_client, link).context["tiles"]
            }
            for link in links
        }

        # The page that was merged into Plums is counted with it: five by WhatsApp, one by mail.
        assert tiles["Plums"]["Private clicks"] == "6"
        assert tiles["Grapes"]["Private clicks"] == "1"
        assert tiles["Plums"]["Conversions"] == "1"
        assert tiles["Grapes"]["Shares"] == "3"

    @pytest.mark.parametrize("name", PARTS)
    def test_each_part_has_its_tables_and_files(self, admin_client, plums, name):
        text = text_of(page_of(admin_client, plums, "reports:link-part", name))

        assert "<table" in text
        assert f"links={plums.code}" in text
        assert ".csv?" in text

    def test_there_is_no_other_part(self, admin_client, plums):
        assert page_of(admin_client, plums, "reports:link-part", "nothing").status_code == 404

    def test_the_link_stands_above_its_numbers(self, admin_client, plums):
        text = text_of(page_of(admin_client, plums))

        assert f'value="{plums.short_url}"' in text
        assert 'class="state state-live"' in text
        assert plums.destination in text
        assert "As a message in WhatsApp" in text
        assert f"QR code of {plums.short_url}" in text
        assert reverse("admin:shortener_link_change", args=[plums.pk]) in text

    def test_the_picture_that_a_page_names_is_never_loaded(self, admin_client, plums):
        picture = "https://elsewhere.example/plums.jpg"
        Link.objects.filter(pk=plums.pk).update(image=picture)

        text = text_of(page_of(admin_client, plums))

        assert picture not in text
        assert "It is not loaded here" in text

    def test_there_is_nothing_to_pick_that_the_page_decides(self, admin_client, plums):
        text = text_of(page_of(admin_client, plums))

        for name in ("campaign", "tags", "links", "site"):
            assert f'name="{name}"' not in text
        assert 'name="channels"' in text
        assert "Filters (" not in text

    def test_what_an_address_says_of_links_and_tags_is_not_asked(self, admin_client, links):
        plums, grapes = links
        asked = page_of(admin_client, plums, links=grapes.code, tags="topic=wine").context

        assert asked["question"].links == (plums.pk,)
        assert asked["question"].tags == ()

    def test_a_quiet_period_says_what_to_do(self, admin_client, plums):
        quiet = {"from": "2020-01-01", "to": "2020-01-07"}
        text = text_of(page_of(admin_client, plums, **quiet))

        assert "Nothing happened to this link in these 7 days" in text
        assert "data-part" not in text

    def test_a_merged_link_says_where_its_numbers_are(self, admin_client, plums):
        [part] = plums.merged.all()
        for view in ("reports:link", "reports:link-tree"):
            response = page_of(admin_client, part, view)
            text = text_of(response)

            assert not {"tiles", "tree"} & response.context_data.keys()
            assert "Its numbers are part of another link" in text
            assert f'href="{reverse("reports:link", args=[plums.pk])}?' in text
            assert "data-part" not in text


class TestWays:
    def test_tabs_lead_from_page_to_page(self, admin_client, plums):
        addresses = {
            "Numbers": reverse("reports:link", args=[plums.pk]),
            "Tree of shares": reverse("reports:link-tree", args=[plums.pk]),
            "Settings": reverse("admin:shortener_link_change", args=[plums.pk]),
        }
        for address in addresses.values():
            page = text_of(admin_client.get(address))
            for label, other in addresses.items():
                current = ' aria-current="page"' if other == address else ""
                assert re.search(rf'<a href="{other}[^"]*"{current}>{label}</a>', page), label

    def test_the_list_of_links_leads_to_their_numbers(self, admin_client, plums):
        text = text_of(admin_client.get(reverse("admin:shortener_link_changelist")))

        assert f'href="{reverse("reports:link", args=[plums.pk])}"' in text
        assert "Numbers of Plums" in text

    def test_who_may_not_read_reports_is_not_led_to_them(self, client, plums):
        user = User.objects.create_user("cleo", is_staff=True)
        permissions = Permission.objects.filter(codename__in=["view_link", "every_site"])
        user.user_permissions.set(permissions)
        client.force_login(user)

        for address in (
            reverse("admin:shortener_link_changelist"),
            reverse("admin:shortener_link_change", args=[plums.pk]),
        ):
            response = client.get(address)
            assert response.status_code == 200
            assert reverse("reports:link", args=[plums.pk]) not in text_of(response)


class TestRights:
    @pytest.mark.parametrize(("view", "args"), VIEWS)
    def test_a_link_of_another_site_does_not_exist(self, client, plums, reader, view, args):
        assert page_of(client, plums, view, *args).status_code == 200
        foreign = make_link()
        assert page_of(client, foreign, view, *args).status_code == 404

    @pytest.mark.parametrize(("view", "args"), VIEWS)
    def test_reports_are_for_those_who_may_read_them(self, client, plums, reader, view, args):
        reader.user_permissions.set(Permission.objects.filter(codename="view_link"))
        assert page_of(client, plums, view, *args).status_code == 403


class TestTree:
    def test_it_draws_who_passed_on_to_whom(self, admin_client, plums):
        data = drawn(page_of(admin_client, plums, "reports:link-tree"))

        assert data["parent"] == [-1, 0, 1]
        assert data["generation"] == [0, 1, 2]
        assert data["clicks"] == [4, 1, 0]
        assert data["seconds"] == [0, 3_600, 86_400]
        assert [data["channels"][number]["name"] for number in data["channel"]] == ["whatsapp"] * 3
        assert data["observed"] == [0, -1, -1]

    def test_it_says_what_is_to_be_seen(self, admin_client, links):
        pass_on(links[1], 12)
        response = page_of(admin_client, links[1], "reports:link-tree")

        assert response.context["said"] == (
            "12 shares in one cascade. The largest has 12 shares, a depth of 1 and a breadth of "
            "11."
        )
        assert "Show cascade 1 alone" in text_of(response)

    def test_the_table_says_the_same(self, admin_client, plums):
        table = page_of(admin_client, plums, "reports:link-tree-table").context["table"]

        assert len(table.rows) == 3

    def test_nobody_is_told_of_persons_without_the_right_to_see_hits(self, client, links, reader):
        plums, grapes = links
        pass_on(grapes, 12)

        small = text_of(page_of(client, plums, "reports:link-tree"))
        assert "no chain of shares grew to 10 shares" in small
        large = page_of(client, grapes, "reports:link-tree")
        assert drawn(large)["seconds"] is None
        assert len(drawn(large)["clicks"]) == 12
        assert "nor when a share was made" in text_of(large)
        shares = page_of(client, grapes, "reports:link-tree-table").context["table"].rows
        assert [row[1][1].text for row in shares] == [str(number) for number in range(1, 13)]

    def test_what_is_left_out_is_said(self, admin_client, links, monkeypatch):
        pass_on(links[1], 12)
        monkeypatch.setattr("analytics.reports.cascades.MAX_NODES", 8)

        assert "Drawn are 8 of 12 shares" in text_of(
            page_of(admin_client, links[1], "reports:link-tree")
        )

    def test_a_period_without_chains_says_how_they_come(self, admin_client, links):
        text = text_of(page_of(admin_client, links[1], "reports:link-tree"))

        assert "Nothing was passed on from share to share" in text

    def test_columns_hold_each_share_once(self, links):
        question = Question(links[0].site, DAY, DAY + timedelta(1), in_full=True)
        pass_on(links[1], 5)
        chart = tree.chart(cascade(question))
        assert chart
        data = chart.data

        assert {len(data[name]) for name in ("cascade", "parent", "clicks", "seconds")} == {8}
        assert data["cascade"] == [1] * 5 + [2] * 3
        assert data["parent"] == [-1, 0, 0, 0, 0, -1, 5, 6]


class TestCost:
    def cost(self, client, link):
        with CaptureQueriesContext(connection) as captured:
            for view, args in VIEWS:
                assert page_of(client, link, view, *args).status_code == 200
        assert not any(f'"{Hit._meta.db_table}"' in query["sql"] for query in captured)
        return len(captured)

    def test_it_is_the_same_with_more_shares_and_reads_no_hits(self, admin_client, plums):
        self.cost(admin_client, plums)  # The first request keeps content types.
        before = self.cost(admin_client, plums)
        pass_on(plums, 30)

        assert self.cost(admin_client, plums) == before
        assert before <= len(VIEWS) * 30

    def test_the_list_of_links_costs_the_same_with_numbers(self, admin_client, plums):
        address = reverse("admin:shortener_link_changelist")
        with CaptureQueriesContext(connection) as few:
            admin_client.get(address)
        for _ in range(5):
            make_link(site=plums.site)
        with CaptureQueriesContext(connection) as many:
            admin_client.get(address)

        assert len(many) == len(few)


@pytest.mark.parametrize(("view", "args"), VIEWS)
def test_nothing_is_inline(admin_client, plums, view, args):
    text = page_of(admin_client, plums, view, *args).content.decode()

    assert " style=" not in text
    assert "<style" not in text
    assert "<script>" not in text
