"""What spreadsheets get: the same values, and nothing that they would run."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from analytics import exports
from analytics.models import Hit
from analytics.reports.content import content
from analytics.reports.question import Question
from shortener import codes
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


def read(response):
    return list(csv.DictReader(io.StringIO(body(response), newline="")))


def test_the_report_has_a_row_for_each_link_and_channel(link, question):
    share = share_of("email")
    store(
        press(link, share=share, time=NOON),
        hit(link, share=share, time=NOON),
        visit(link, share=share, time=NOON),
        conversion(link, share=share, time=NOON),
        conversion(link, share=share, time=NOON, name="signup"),
    )
    assert read(exports.report_csv("content", question, content(question))) == [
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
    assert read(exports.report_csv("content", question, content(question)))[0]["title"] == title


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_formula_becomes_a_text(site, question, start):
    title = f'{start}HYPERLINK("https://evil.example")'
    store(hit(make_link(site=site, title=title), time=NOON))
    assert (
        read(exports.report_csv("content", question, content(question)))[0]["title"] == f"'{title}"
    )


def test_what_visitors_send_is_no_formula_either(link, question):
    store(hit(link, time=NOON, agent="=cmd|' /C calc'!A0", referrer="=evil", language="@a"))
    row = read(exports.hits_csv(question))[0]
    assert row["user agent"] == "'=cmd|' /C calc'!A0"
    assert (row["referrer"], row["language"]) == ("'=evil", "'@a")


def test_a_hit_has_all_that_is_known_but_no_visitor(link, question):
    share = share_of("whatsapp")
    store(
        hit(link, share=share, time=NOON + 7, visitor=123456789, referrer="t.me"),
        hit(link, share=share, time=NOON + 8, agent=WHATSAPP, visitor=None),
    )
    response = exports.hits_csv(question)
    click, preview = read(response)
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
    row = read(exports.hits_csv(question))[0]
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
    assert [row["language"] for row in read(exports.hits_csv(question))] == ["first", "last"]


def test_every_hit_is_exported_once_whatever_the_pages(link, question, monkeypatch):
    monkeypatch.setattr(exports, "PAGE", 3)
    times = [NOON] * 8 + [NOON + 1] * 4 + [NOON + 1000] * 5 + [NOON + 5]
    store(*(hit(link, time=time, language=f"n{n}") for n, time in enumerate(times)))
    rows = read(exports.hits_csv(question))
    assert sorted(row["language"] for row in rows) == sorted(f"n{n}" for n in range(18))
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)


def test_a_page_may_end_between_microseconds(link, question, monkeypatch):
    monkeypatch.setattr(exports, "PAGE", 1)
    store(*(hit(link, time=NOON, language=f"n{n}") for n in range(3)))
    moment = datetime(2026, 3, 5, 12, tzinfo=UTC)
    for n, row in enumerate(Hit.objects.order_by("-pk")):
        row.at = moment + timedelta(microseconds=n)
        row.save()
    assert len(read(exports.hits_csv(question))) == 3


def test_hits_are_read_page_by_page(link, question, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(exports, "PAGE", 10)
    store(*(hit(link, time=NOON + n) for n in range(25)))
    lines = exports.hit_lines(question)
    with django_assert_num_queries(0):
        next(lines)
    with django_assert_num_queries(1):
        next(lines)
    with django_assert_num_queries(2):
        assert len(list(lines)) == 2


@pytest.mark.parametrize("bom", [False, True])
def test_the_file_is_utf_8_with_a_mark_for_excel(site, link, question, bom):
    store(hit(link, time=NOON))
    response = exports.report_csv("content", question, content(question), bom=bom)
    text = body(response)
    assert text.startswith("\ufeff") is bom
    assert text.lstrip("\ufeff").startswith('"link","title"')
    assert text.count("\r\n") == 2
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_the_file_says_what_is_in_it(question):
    response = exports.hits_csv(Question(question.site, DAY, DAY + timedelta(27)))
    assert (
        response["Content-Disposition"]
        == 'attachment; filename="grapevine-hits-demo-2026-03-05-2026-04-01.csv"'
    )
    response.close()
