"""What becomes of a line: a link by the rules of links, one that is there, or a sentence."""

from datetime import UTC, datetime

import pytest

from shortener.imports.drafts import Maker
from shortener.imports.judging import judge, known_links
from shortener.imports.models import Fate, Import
from shortener.imports.reading import Line
from tests.factories import make_campaign, make_link, make_site

pytestmark = pytest.mark.django_db

A = "https://example.com/a"
HEADINGS = ("destination", "title", "slug", "campaign", "tags", "expires", "active", "utm_source")


@pytest.fixture
def site():
    return make_site(time_zone="Europe/Berlin")


def maker(site, *, tool="", anywhere=False):
    columns = {name: name.title() for name in HEADINGS}
    return Maker(Import(site=site, tool=tool, columns=columns, last=9), anywhere=anywhere)


def drafted(site, tool="", **values):
    return maker(site, tool=tool).draft(Line(7, {"destination": A, **values}))


def judged(site, *lines, tool=""):
    who = maker(site, tool=tool)
    drafts = [who.draft(Line(n, {"destination": A, **line})) for n, line in enumerate(lines, 2)]
    return judge(drafts, who, known_links(who.source, drafts)), drafts


@pytest.mark.parametrize(
    ("values", "field", "expected"),
    [
        ({"title": "  An\t article \x07 "}, "title", "An article"),
        ({"title": "x" * 300}, "title", "x" * 200),
        ({}, "title", "a"),
        ({"destination": "https://example.com"}, "title", "example.com"),
        ({"destination": "https://example.com/a%20b"}, "title", "a b"),
        ({"slug": "summer"}, "slug", "summer"),
        ({"slug": "/summer/"}, "slug", "summer"),
        ({"slug": "https://go.example.com/summer"}, "slug", "summer"),
        ({}, "slug", None),
        ({"tags": "a=1"}, "tags", {"a": "1"}),
        ({"tags": "a=1; b=2&c=3"}, "tags", {"a": "1", "b": "2", "c": "3"}),
        ({"tags": "utm_source=x", "utm_source": "mail"}, "tags", {"utm_source": "mail"}),
        ({"utm_source": "{channel}"}, "tags", {"utm_source": "{channel}"}),
        ({"active": "No"}, "active", False),
        ({"active": "1"}, "active", True),
        ({}, "active", True),
        # The end of the day, where the site is.
        ({"expires": "2026-06-30"}, "expires", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ({"expires": "30.6.2026"}, "expires", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ({"expires": "2026-06-30T12:00"}, "expires", datetime(2026, 6, 30, 10, tzinfo=UTC)),
        ({"expires": "2026-06-30 12:00Z"}, "expires", datetime(2026, 6, 30, 12, tzinfo=UTC)),
        ({}, "expires", None),
        ({"destination": f"{A}?utm_source=x#y"}, "page", A),
    ],
)
def test_a_line_becomes_a_link(site, values, field, expected):
    draft = drafted(site, **values)
    assert draft.note == ""
    assert getattr(draft.link, field) == expected


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"destination": ""}, "column “Destination”: It is empty"),
        ({"destination": "example.com"}, "column “Destination”: The address must start with"),
        ({"destination": "javascript:alert(1)"}, "column “Destination”: The address must start"),
        ({"destination": "https://elsewhere.test"}, "elsewhere.test is not a host of this site"),
        ({"destination": "https://[::1"}, "column “Destination”: This is not a valid address"),
        ({"destination": f"{A}{'x' * 2000}"}, "column “Destination”: Ensure this value has at"),
        ({"slug": "a b"}, "column “Slug”: A slug may hold letters"),
        ({"slug": "admin"}, "column “Slug”: “admin” is an address of Grapevine itself."),
        ({"slug": "x" * 61}, "column “Slug”"),
        ({"campaign": "winter"}, "column “Campaign”: The site has no campaign “winter”."),
        ({"tags": "summer"}, "column “Tags”: “summer” is not of the form name=value."),
        ({"tags": "utm_x=Big"}, "column “Tags”: “Big” in “utm_x” has capitals"),
        ({"utm_source": "{who}"}, "{who} in “utm_source” is not one of"),
        ({"expires": "soon"}, "column “Expires”: “soon” is not a day"),
        ({"expires": "2026-02-30"}, "column “Expires”: “2026-02-30” is not a day"),
        ({"expires": "9999-12-31"}, "column “Expires”: “9999-12-31” is not a day"),
        ({"active": "perhaps"}, "column “Active”: “perhaps” is neither yes nor no."),
    ],
)
def test_or_a_sentence_names_line_and_column(site, values, sentence):
    draft = drafted(site, **values)
    assert draft.link is None
    assert draft.note.startswith("Line 7, ")
    assert sentence in draft.note


def test_columns_are_named_as_the_file_does(site):
    source = Import(site=site, columns={"utm_source": "UTM Source"}, last=9)
    draft = Maker(source, anywhere=True).draft(Line(3, {"destination": A, "utm_source": "A B"}))
    assert draft.note.startswith("Line 3, column “UTM Source”: ")


@pytest.mark.parametrize("name", ["Summer Sale", "summer-sale", "SUMMER SALE"])
def test_campaigns_go_by_name_or_slug(site, name):
    campaign = make_campaign(site=site, name="Summer Sale", slug="summer-sale")
    make_campaign(name="Summer Sale", slug="summer-sale")
    assert drafted(site, campaign=name).link.campaign == campaign


def test_who_may_link_anywhere_may_import_anything(site):
    line = Line(2, {"destination": "https://elsewhere.test/"})
    assert maker(site, anywhere=True).draft(line).link


class TestOtherTools:
    def test_a_short_name_becomes_the_slug(self, site):
        assert drafted(site, tool="Bitly", slug="bit.ly/3xYz").link.slug == "3xYz"

    @pytest.mark.parametrize("name", ["admin", "a.b", "ünï cödé", "x" * 61])
    def test_unless_it_can_be_none_here(self, site, name):
        draft = drafted(site, tool="Kutt", slug=name)
        assert draft.link.slug is None
        assert draft.note.startswith("Gets a new short link. ")

    def test_or_is_taken(self, site):
        make_link(slug="spring")
        [verdict], [draft] = judged(site, {"slug": "spring"}, tool="YOURLS")
        assert verdict.fate == Fate.READY
        assert verdict.note == "Gets a new short link. “spring” is the slug of another link."
        assert draft.link.slug is None

    def test_what_is_banned_there_is_switched_off_here(self, site):
        assert not drafted(site, tool="Kutt", banned="true").link.active


class TestDuplicates:
    def fates(self, site, *lines, tool=""):
        return [verdict.fate for verdict in judged(site, *lines, tool=tool)[0]]

    def test_a_destination_is_linked_once(self, site):
        assert self.fates(site, {}, {}) == [Fate.READY, Fate.DUPLICATE]

    def test_but_each_slug_is_a_link_of_its_own(self, site):
        assert self.fates(site, {"slug": "a"}, {"slug": "b"}) == [Fate.READY, Fate.READY]

    def test_the_same_slug_for_the_same_destination_is_there_already(self, site):
        assert self.fates(site, {"slug": "a"}, {"slug": "a"}) == [Fate.READY, Fate.DUPLICATE]

    def test_for_another_destination_it_is_an_error(self, site):
        make_link(slug="a", destination="https://example.com/b", site=site)
        [verdict], _ = judged(site, {"slug": "a"})
        assert verdict.fate == Fate.ERROR
        assert verdict.note == "Line 2, column “Slug”: “a” is the slug of another link."

    def test_a_link_of_the_site_is_there_already(self, site):
        make_link(site=site, destination=A)
        assert self.fates(site, {}, {"destination": f"{A}?b"}) == [Fate.DUPLICATE, Fate.READY]

    @pytest.mark.parametrize("values", [{"active": False}, {"registered": True}, {"site": None}])
    def test_switched_off_made_by_a_page_or_of_another_site_it_is_not(self, site, values):
        make_link(**{"site": site, "destination": A, **values})
        assert self.fates(site, {}) == [Fate.READY]
