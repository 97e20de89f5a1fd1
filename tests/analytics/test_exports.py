"""What spreadsheets get: the same values, and nothing that they would run."""

import csv
import gzip
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from analytics.exports import tables
from analytics.exports.cells import lines
from analytics.exports.dialects import DIALECTS, EXCEL, PLAIN
from analytics.exports.raw import TABLES
from analytics.exports.recipe import Recipe
from analytics.models import Hit
from analytics.reports.question import Question
from analytics.settle import settle
from shortener import codes
from shortener.channels import BY_NAME
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 5)
NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def site():
    return make_site(key="demo", time_zone="Asia/Kolkata")


@pytest.fixture
def link(site):
    return make_link(site=site)


@pytest.fixture
def question(site):
    return Question(site, DAY, DAY)


def body(response):
    return b"".join(response.streaming_content).decode()


def read(name, question, dialect=PLAIN):
    text = b"".join(Recipe(name, question, dialect).stream()).decode()
    file = io.StringIO(text.removeprefix("\ufeff"), newline="")
    return list(csv.DictReader(file, delimiter=dialect.delimiter))


def test_the_report_has_a_row_for_each_link_and_channel(link, question):
    share = share_of("email")
    store(
        press(link, share=share, time=NOON),
        hit(link, share=share, time=NOON),
        visit(link, share=share, time=NOON),
        conversion(link, share=share, time=NOON),
        conversion(link, share=share, time=NOON, name="signup"),
    )
    assert read("content", question) == [
        {
            "link": link.code,
            "title": link.title,
            "destination": link.destination,
            "channel": "email",
            "reach": "private",
            "presses": "1",
            "previews": "not observable",
            "clicks": "1",
            "daily visitors": "1",
            "visits": "1",
            "conversions": "2",
        }
    ]


@pytest.mark.parametrize(
    "title",
    [
        "plain",
        'She said "buy, now"; really',
        "two\nlines",
        "🍇 and 👩‍👩‍👧",
        "عنوان المقال",
        "a=b+c",
        "semi;colon,comma\ttab",
        "'quoted'",
        "trailing space ",
    ],
)
def test_a_text_is_read_back_as_it_was(site, question, title):
    store(hit(make_link(site=site, title=title), time=NOON))
    assert read("content", question)[0]["title"] == title


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_formula_becomes_a_text(site, question, start):
    title = f'{start}HYPERLINK("https://evil.example")'
    store(hit(make_link(site=site, title=title), time=NOON))
    assert read("content", question)[0]["title"] == f"'{title}"


def test_what_visitors_send_is_no_formula_either(link, question):
    store(hit(link, time=NOON, agent="=cmd|' /C calc'!A0", referrer="=evil", language="@a"))
    row = read("hits", question)[0]
    assert row["user agent"] == "'=cmd|' /C calc'!A0"
    assert (row["referrer"], row["language"]) == ("'=evil", "'@a")


def test_a_hit_has_all_that_is_known_but_no_visitor(link, question):
    share = share_of("whatsapp")
    store(
        hit(link, share=share, time=NOON + 7, visitor=123456789, referrer="t.me"),
        hit(link, share=share, time=NOON + 8, agent=WHATSAPP, visitor=None),
    )
    click, preview = read("hits", question)
    assert click.pop("user agent").startswith("Mozilla/5.0 (iPhone")
    assert click == {
        "time": "2026-03-05T12:00:00.007Z",
        "day": "2026-03-05",
        "link": link.code,
        "title": link.title,
        "share": codes.encode(link.pk, share),
        "declared channel": "whatsapp",
        "observed channel": "telegram",
        "kind": "click",
        "rule": "referrer:telegram",
        "referrer": "t.me",
        "language": "en",
        "country": "DE",
    }
    assert (preview["kind"], preview["observed channel"]) == ("preview", "whatsapp")


def test_a_hit_of_the_link_itself_has_no_share(link, question):
    store(hit(link, time=NOON))
    row = read("hits", question)[0]
    assert (row["share"], row["declared channel"], row["observed channel"]) == ("", "link", "")


def test_hits_of_other_days_and_sites_stay_out(link, question):
    hour = 3_600_000
    store(
        # 5 March begins at 18:30 UTC of the day before.
        hit(link, time=NOON - 18 * hour),
        hit(link, time=NOON - 17 * hour, language="first"),
        hit(link, time=NOON + 6 * hour, language="last"),
        hit(link, time=NOON + 7 * hour),
        hit(make_link(), time=NOON),
    )
    assert [row["language"] for row in read("hits", question)] == ["first", "last"]


def test_every_hit_is_exported_once_whatever_the_pages(link, question, monkeypatch):
    monkeypatch.setattr(tables, "PART", 3)
    times = [NOON] * 8 + [NOON + 1] * 4 + [NOON + 1000] * 5 + [NOON + 5]
    store(*(hit(link, time=time, language=f"n{n}") for n, time in enumerate(times)))
    rows = read("hits", question)
    assert sorted(row["language"] for row in rows) == sorted(f"n{n}" for n in range(18))
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)


def test_a_page_may_end_between_microseconds(link, question, monkeypatch):
    monkeypatch.setattr(tables, "PART", 1)
    store(*(hit(link, time=NOON, language=f"n{n}") for n in range(3)))
    moment = datetime(2026, 3, 5, 12, tzinfo=UTC)
    for n, row in enumerate(Hit.objects.order_by("-pk")):
        row.at = moment + timedelta(microseconds=n)
        row.save()
    assert len(read("hits", question)) == 3


def test_hits_are_read_part_by_part(link, question, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(tables, "PART", 10)
    store(*(hit(link, time=NOON + n) for n in range(25)))
    file = Recipe("hits", question).stream()
    with django_assert_num_queries(0):
        next(file)
    if connection.vendor == "sqlite":  # COPY is no query that Django counts.
        with django_assert_num_queries(1):
            next(file)
        with django_assert_num_queries(2):
            assert len(list(file)) == 2


def test_a_filter_of_the_page_holds_for_its_hits(site, link, question):
    store(
        hit(link, share=share_of("whatsapp"), time=NOON),
        hit(link, share=share_of("email"), time=NOON),
        hit(make_link(site=site), share=share_of("email"), time=NOON),
    )
    mails = replace(question, channels=(BY_NAME["email"],))
    assert [row["declared channel"] for row in read("hits", mails)] == ["email", "email"]
    [row] = read("hits", replace(mails, links=(link.pk,)))
    assert row["link"] == link.code


def test_a_share_comes_with_what_it_came_to(link, question):
    first, second = share_of("whatsapp"), share_of("email")
    store(
        press(link, share=first, time=NOON, placement="top"),
        hit(link, share=first, time=NOON + 1000, agent=WHATSAPP),
        hit(link, share=first, time=NOON + 2000),
        press(link, share=second, parent=first, time=NOON + 3000),
    )
    settle()
    whatsapp, email = read("shares", question)
    assert whatsapp["share"] == email["parent"] == codes.encode(link.pk, first)
    assert (whatsapp["generation"], email["generation"]) == ("0", "1")
    assert (whatsapp["passed on"], email["passed on"]) == ("1", "0")
    assert (whatsapp["previews"], email["previews"]) == ("1", "not observable")
    assert whatsapp["observed channel"] == "whatsapp"
    assert whatsapp["first click"] == "2026-03-05T12:00:02.000Z"
    assert whatsapp["placement"] == "top"


def test_links_are_as_they_are_set_now(site, question):
    link = make_link(site=site, slug="summer", tags={"utm_source": "grapes"}, active=False)
    make_link()
    [row] = read("links", question)
    assert (row["link"], row["slug"], row["active"]) == (link.code, "summer", "no")
    assert row["short link"] == link.short_url
    assert row["tags"] == "utm_source=grapes"


def test_visits_and_conversions_have_the_share_they_came_by(link, question):
    share = share_of("telegram")
    store(
        visit(link, share=share, time=NOON),
        conversion(link, share=share, time=NOON, name="signup"),
    )
    [seen], [converted] = read("visits", question), read("conversions", question)
    assert seen["share"] == converted["share"] == codes.encode(link.pk, share)
    assert (seen["channel"], converted["name"]) == ("telegram", "signup")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_fills_its_columns(name, question):
    assert len(TABLES[name].columns) == len(set(TABLES[name].columns))
    assert read(name, question) == []


def test_the_size_of_the_hits_is_known_without_counting_them(link, question):
    store(hit(link, time=NOON), hit(link, time=NOON, agent=WHATSAPP))
    assert Recipe("hits", question).size == 2


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_the_same_values_in_every_dialect(link, question, dialect):
    share = share_of("whatsapp")
    store(hit(link, share=share, time=NOON, agent='a;b,"c"', referrer="=x"))
    assert read("hits", question, dialect) == read("hits", question)


def test_a_decimal_comma_where_spreadsheets_want_one():
    rows = [("text.1", 0.25, 3)]
    assert lines(rows, DIALECTS["excel-semicolon"]) == '"text.1";"0,25";3\r\n'
    assert lines(rows) == '"text.1",0.25,3\r\n'


def test_a_compressed_file_holds_the_same(link, question):
    store(hit(link, time=NOON))
    recipe = Recipe("hits", question)
    packed = b"".join(replace(recipe, is_gzip=True).stream())
    assert gzip.decompress(packed) == b"".join(recipe.stream())


@pytest.mark.parametrize("dialect", [PLAIN, EXCEL])
def test_the_file_is_utf_8_with_a_mark_for_excel(link, question, dialect):
    store(hit(link, time=NOON))
    response = Recipe("content", question, dialect).response()
    text = body(response)
    assert text.startswith("\ufeff") is (dialect == EXCEL)
    assert text.lstrip("\ufeff").startswith('"link","title"')
    assert text.count("\r\n") == 2
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_the_file_says_what_is_in_it(question):
    response = Recipe("hits", Question(question.site, DAY, DAY + timedelta(27))).response()
    assert (
        response["Content-Disposition"]
        == 'attachment; filename="grapevine-hits-demo-2026-03-05-2026-04-01.csv"'
    )
    response.close()
