"""What clients send that mean ill, are broken, or merely odd: an answer, and never a 500."""

from __future__ import annotations

import http.client
import json
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.cookiejar import CookieJar
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from django.contrib.auth import get_user_model
from rest_framework.authtoken.models import Token

from shortener import codes
from shortener.backlog import backlog
from shortener.events import MAX_BYTES, MAX_EVENTS
from tests.end_to_end.databases import Database, needs_services, postgresql, sqlite
from tests.end_to_end.processes import Response, Stack, wait_until
from tests.end_to_end.visitors import CHANNELS, make_links
from tests.facts import PERSON, WHATSAPP

LINKS = 64
SITE = "site-1"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW")
COUNTS = ("presses", "clicks", "previews", "prefetches", "scanners", "bots")
BREAK = "%0d%0aX-Injected:%20yes"
"""A line break and a header behind it, as it stands in an address."""
HOSTILE_TEXTS = (
    "",
    "a\0b\x1b\r\nX-Injected: yes",
    "\u202egnp.exe \u2028 \ufeff \xa0",
    "\U0001f4a9" * 150,
    "<script>alert(1)</script>'\"&;--",
    '=cmd|"/c calc"!A1',
    "javascript:alert(1)",
)
SENT_BY_PERSON = b"User-Agent: " + PERSON.encode()
SENT_BY_WHATSAPP = b"User-Agent: " + WHATSAPP.encode()
ADMIN, SECRET = "editor", "plums-from-the-orchard"


class Subject(NamedTuple):
    """A link that one test has for itself."""

    number: int
    code: str
    slug: str
    destination: str
    shares: dict[str, str]
    """The code of a share, by channel."""


class World(NamedTuple):
    """A running product, and the database behind it."""

    stack: Stack
    database: Database
    subjects: Iterator[Subject]
    marker: Subject
    """A link whose clicks tell how far counting has come."""

    def counted(self, link: Subject) -> Counter[str]:
        """Return what the reports show of a link, without what is zero."""
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTS)
        query = f"SELECT {sums} FROM analytics_dailycontent WHERE link_id = {link.number}"
        [row] = self.database.rows(query)
        return +Counter(dict(zip(COUNTS, map(int, row), strict=True)))

    def settle(self) -> None:
        """Wait until a click that comes now is counted, and so is all that came before it."""
        clicks = self.counted(self.marker)["clicks"]
        self.stack.get(f"/{self.marker.code}", User_Agent=PERSON)
        wait_until(
            lambda: (
                self.counted(self.marker)["clicks"] > clicks
                and not backlog(self.stack.journals).segments
            ),
            what="the count of all that was answered",
        )


@pytest.fixture(
    scope="module", params=["SQLite", pytest.param("PostgreSQL", marks=needs_services)]
)
def world(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("bad-input") / "data"
    with ExitStack() as ending:
        database: Database = sqlite(directory)
        if request.param == "PostgreSQL":
            database = ending.enter_context(postgresql())
        stack = ending.enter_context(Stack(directory, DEMO="false", **database.environment))
        marker, *subjects = make_subjects(stack)
        yield World(stack, database, iter(subjects), marker)


@pytest.fixture
def stack(world):
    return world.stack


@pytest.fixture
def link(world):
    return next(world.subjects)


def make_subjects(stack: Stack) -> list[Subject]:
    names = make_links(stack, LINKS)
    size = 2 + len(CHANNELS)
    subjects = []
    for number in range(LINKS):
        code, slug, *shares = names[size * number : size * (number + 1)]
        shared = dict(zip(CHANNELS, [share.name for share in shares], strict=True))
        page = f"https://example.com/{number}"
        subjects.append(Subject(code.link, code.name, slug.name, page, shared))
    return subjects


def send(stack: Stack, line: str, *headers: bytes, body: bytes = b"") -> Response:
    """Send a request to the letter, which clients that mean well would not do.

    The headers come back as they stood there: a name that comes twice stays twice, in lines.
    """
    host = f"Host: localhost:{stack.port}"
    head = [f"{line} HTTP/1.1".encode(), host.encode(), b"Connection: close"]
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as connection:
        connection.sendall(b"\r\n".join([*head, *headers, b"", body]))
        with connection.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            lines = iter(lambda: answer.readline().decode("latin-1").strip(), "")
            found: dict[str, str] = {}
            for name, _, value in (line.partition(":") for line in lines):
                known = found.get(name.lower())
                found[name.lower()] = value.strip() if known is None else f"{known}\n{value}"
            return Response(status, found, answer.read())


def said(answer: Response) -> str:
    """Return the reason that an answer in JSON gives."""
    assert answer.headers["content-type"] == "application/json"
    return str(json.loads(answer.body)["error"])


def post_events(stack: Stack, body: bytes) -> Response:
    return send(stack, "POST /events", f"Content-Length: {len(body)}".encode(), body=body)


def is_redirect_of(answer: Response, link: Subject) -> bool:
    page = answer.headers.get("location", "").partition("?")[0]
    return answer.status == 302 and page == link.destination


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 100_000])
def test_a_body_that_is_too_large_is_refused(stack, size):
    answer = post_events(stack, b"[" + b" " * (size - 2) + b"]")

    assert answer.status == 413
    assert said(answer) == f"At most {MAX_BYTES} bytes are taken at once."


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(stack):
    assert send(stack, "POST /events", b"Content-Length: 999999999").status == 413


def test_a_body_without_a_length_is_not_taken(world, stack, link):
    events = json.dumps([{"kind": "press", "code": link.shares["whatsapp"]}]).encode()
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(events), events)

    answer = send(
        stack, "POST /events", SENT_BY_PERSON, b"Transfer-Encoding: chunked", body=chunks
    )

    assert answer.status == 411
    assert said(answer)
    world.settle()
    assert not world.counted(link)


@pytest.mark.parametrize("length", [b"-1", b"x", b"1, 2", "٣".encode()])
def test_a_length_that_is_none_is_refused(stack, length):
    assert send(stack, "POST /events", b"Content-Length: " + length).status == 400


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "The body is not JSON"),
        (b"{oh", "The body is not JSON"),
        (b"\xff\xfe[\x00]\x00", "The body is not JSON"),
        (b'[{"kind": NaN}]', "The body is not JSON"),
        (b"[" * 8_000, "The body is not JSON"),
        (b'"press"', "should be a JSON array"),
        (b"[1]", "Event 1: it should be an object."),
        (b"[{}]", "its kind is 'None' and should be one of: press, cancel, visit,"),
        (b'[{"kind": "hit", "code": "x"}]', "its kind is 'hit'"),
        (b'[{"kind": "press"}]', "its code is missing."),
        (b'[{"kind": "press", "code": 7}]', "its code should be text."),
        (b'[{"kind": "press", "code": "no"}]', "'no' is not a code."),
        (b'[{"kind": "press", "code": "\\u0000"}]', "its code is missing."),
        (b'[{"kind": "visit", "url": "https://example.com/"}]', "it needs a code, or a site and"),
        (b'[{"kind": "visit", "site": "none", "url": "x"}]', "there is no site with the key"),
        (b'[{"kind": "conversion", "code": "no", "visit": "v"}]', "its name is missing."),
        (b'[{"kind": "visit", "code": "no", "navigation": {}}]', "its navigation should be one"),
        (b'[{"kind": "press", "code": "x", "placement": []}]', "its placement should be text."),
        (b"[%b]" % b",".join([b"{}"] * (MAX_EVENTS + 1)), "At most 20 events"),
    ],
)
def test_events_that_cannot_be_read_are_refused_with_the_reason(stack, body, reason):
    answer = post_events(stack, body)

    assert answer.status == 400
    assert reason in said(answer)
    assert json.loads(answer.body)["recorded"] == 0


def test_a_bad_event_does_not_take_the_good_ones_with_it(world, stack, link):
    code = link.shares["whatsapp"]
    events = [{"kind": "wave"}, {"kind": "press", "code": code, "placement": "a\0\n\u2028b"}]

    answer = send(
        stack,
        "POST /events",
        SENT_BY_PERSON,
        f"Content-Length: {len(json.dumps(events))}".encode(),
        body=json.dumps(events).encode(),
    )

    assert answer.status == 400
    assert json.loads(answer.body)["recorded"] == 1
    world.settle()
    assert world.counted(link) == {"presses": 1}


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("site=elsewhere&url=https://example.com/", 404, "no site with the key 'elsewhere'"),
        ("site=%00&url=https://example.com/", 404, "no site with the key"),
        ("site=" + "s" * 2_000 + "&url=https://example.com/", 404, "no site with the key 'sss"),
        ("", 404, "no site with the key ''"),
        (f"site={SITE}&url=https://example.net/0", 403, "'example.net' is not a host of the site"),
        (f"site={SITE}&url=https://[/", 403, "'https://[/' is not a host of the site"),
        (f"site={SITE}&url=javascript:alert(1)", 403, "'javascript:alert(1)' is not a host"),
        (f"site={SITE}&url=https://example.com:99999/", 403, "is not a host of the site"),
        (f"site={SITE}&url=https://example.com/nowhere%00", 400, "none of them a control char"),
        (f"site={SITE}&url=http://localhost/Ab3dE9", 403, "our own short domain"),
        ("link=unknown", 404, "There is no link 'unknown'."),
        ("link=unknown%00", 404, "There is no link 'unknown"),
    ],
)
@pytest.mark.parametrize("path", ["/offer", "/share/whatsapp"])
def test_what_cannot_be_shared_is_refused_by_its_name(stack, path, query, status, reason):
    answer = send(stack, f"GET {path}?{query}")

    assert answer.status == status
    assert reason in said(answer)


@pytest.mark.parametrize("channel", ["pigeon", "imessage", "link", "%00", "WhatsApp", "p" * 2_000])
def test_an_unknown_channel_is_named(stack, link, channel):
    answer = send(stack, f"GET /share/{channel}?link={link.code}")

    assert answer.status == 404
    assert f"There is no channel {channel.replace('%00', chr(0))[:40]!r}." in said(answer)
    assert "Known are: whatsapp, telegram" in said(answer)


@pytest.mark.parametrize("origin", ["https://example.net", "null", "https://", "\x80"])
def test_a_page_of_a_foreign_host_gets_no_codes_and_reports_nothing(world, stack, link, origin):
    code = link.shares["copy"]
    events = b'[{"kind": "press", "code": "%b"}]' % code.encode()
    header = b"Origin: " + origin.encode("latin-1")
    length = f"Content-Length: {len(events)}".encode()

    offered = send(stack, f"GET /offer?link={link.code}", header)
    reported = send(stack, "POST /events", SENT_BY_PERSON, header, length, body=events)

    assert (offered.status, reported.status) == (403, 403)
    # Any page may read why it was refused; what it reads holds no code.
    assert offered.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in offered.headers
    assert said(offered).endswith(f"is not a host of the site {SITE}.")
    world.settle()
    assert not world.counted(link)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'tab\tquote"backslash\\brace}',
        b"next line \x85 no-break space \xa0",
        "paragraph \u2028 group \u200e pile of poo \U0001f4a9".encode(),
        b"not utf-8 \xff\xfe \xed\xa0\x80",
        b'=cmd|"/c calc"!A1',
        b"a" * 10_240,
    ],
    ids=["empty", "ascii", "latin-1", "unicode", "broken", "formula", "10KB"],
)
def test_a_redirect_minds_no_header_and_counts(world, stack, link, text):
    names = (b"User-Agent", b"Accept-Language", b"Purpose", b"Sec-GPC", b"X-Forwarded-For")
    headers = [name + b": " + text for name in names]

    answer = send(stack, f"GET /{link.code}", *headers, b"Referer: https://" + text)

    assert is_redirect_of(answer, link)
    world.settle()
    assert world.counted(link).total() == 1


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_what_pages_report_is_understood_whatever_stands_in_it(world, stack, link, text):
    code = link.shares["whatsapp"]
    told = {"placement": text, "referrer": text, "url": text, "parent": text, "automated": False}
    counts = {"visit": text + "v", "name": text + "n", "value": 1e12, "currency": ""}
    kinds = ("press", "cancel", "visit", "conversion")
    events = [{"kind": kind, "code": code, **told, **counts} for kind in kinds]
    body = json.dumps(events, ensure_ascii=False).encode()
    query = "SELECT count(*) FROM analytics_quarantine"
    before = world.database.rows(query)

    answer = stack.post("/events", body, User_Agent=PERSON)

    assert (answer.status, answer.body) == (204, b"")
    world.settle()
    assert world.database.rows(query) == before
    sums = "sum(presses), sum(cancels), sum(visits), sum(conversions)"
    where = f"FROM analytics_dailycontent WHERE link_id = {link.number}"
    assert [*map(int, world.database.rows(f"SELECT {sums} {where}")[0])] == [1, 1, 1, 1]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_page_becomes_a_link_whatever_it_says_of_itself(stack, text):
    page = {"site": SITE, "url": f"https://example.com/new?{text}", "title": text, "image": text}
    query = urlencode(page, errors="ignore")
    for path in ("/offer", "/share/whatsapp", "/share/qr"):
        answer = stack.get(f"{path}?{query}", User_Agent=PERSON)
        # Pages with a control character in their address are none.
        assert answer.status in ({200, 303} if page["url"].isprintable() else {400})


@pytest.mark.parametrize("control", [b"\0", b"\x01", b"\x1b", b"\x7f", b"\r"])
def test_a_header_that_http_forbids_is_refused_and_not_counted(world, stack, link, control):
    answer = send(stack, f"GET /{link.code}", b"User-Agent: a" + control + b"b")

    assert answer.status == 400
    world.settle()
    assert not world.counted(link)


@pytest.mark.parametrize(
    "address",
    [
        "/{code}" + BREAK,
        "/{code}%00" + BREAK,
        "/{code}?a=" + BREAK,
        "/{code}?" + BREAK + "=a",
        "/{code}?a=%00&b=%0a%0d&placement=" + BREAK,
        "/{slug}?a=%e5%98%8a%e5%98%8dX-Injected:%20yes",
        "/share/whatsapp?link={code}&text=" + BREAK,
        "/share/signal?link={code}&placement=" + BREAK,
        "/share/" + BREAK + "?link={code}",
        "/offer?link={code}&url=" + BREAK,
        "/admin/login/?next=/" + BREAK,
        "/admin/" + BREAK,
        "/static/" + BREAK,
    ],
)
def test_nobody_puts_headers_into_an_answer(stack, link, address):
    answer = send(stack, "GET " + address.format(**link._asdict()))

    assert answer.status < 500
    assert "x-injected" not in answer.headers
    assert not any("\n" in answer.headers.get(name, "") for name in ("location", "set-cookie"))


def test_control_characters_of_a_query_arrive_encoded(stack, link):
    answer = send(stack, f"GET /{link.shares['sms']}?a=%00&b=1{BREAK}")

    assert is_redirect_of(answer, link)
    assert answer.headers["location"].endswith("&a=%00&b=1%0D%0AX-Injected%3A%20yes")


def write_editor() -> None:
    """Make somebody who may do everything, and write their token; runs beside the stack."""
    editor = get_user_model().objects.create_superuser(ADMIN, password=SECRET)
    sys.stdout.write(Token.objects.create(user=editor).key)


@pytest.fixture(scope="module")
def token(world):
    return world.stack.python(
        "from tests.end_to_end.test_bad_input import write_editor; write_editor()"
    )


BAD_DESTINATIONS = [
    "https://example.com/\r\nX-Injected:yes",
    "https://example.com/\nX-Injected:yes",
    "https://example.com/\x85X-Injected:yes",
    "https://example.com/ X-Injected: yes",
    "https://example.com/\0",
    "javascript:alert(document.domain)",
    "//example.com/",
    "https://",
    "https://[",
    "https://user@example.com/",
    "https://example.com\\@evil.example/",
    "https://example.com/" + "a" * 2_000,
]


@pytest.mark.parametrize("destination", BAD_DESTINATIONS)
def test_the_api_takes_no_bad_destination(stack, token, destination):
    link = {"site": SITE, "title": "Bad", "destination": destination}

    answer = send_json(stack, "/api/v1/links/", token, link)

    assert answer.status == 400
    assert [*json.loads(answer.body)] == ["destination"]


def send_json(stack: Stack, path: str, token: str, value: Any) -> Response:
    body = json.dumps(value).encode()
    headers = (
        f"Authorization: Token {token}".encode(),
        b"Content-Type: application/json",
        f"Content-Length: {len(body)}".encode(),
    )
    return send(stack, f"POST {path}", *headers, body=body)


@pytest.fixture(scope="module")
def admin(world, token):
    """A client that is logged in to the admin and sends what no form would."""
    cookies = CookieJar()
    client = build_opener(HTTPCookieProcessor(cookies))
    post(client, f"{world.stack.base}/admin/login/", username=ADMIN, password=SECRET)
    return client


def post(client: OpenerDirector, address: str, **fields: str) -> tuple[int, str]:
    """Ask for a form, and send it filled in; return the status and the page."""
    with client.open(address, timeout=10) as form:
        token = form.read().decode().partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    data = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
    try:
        with client.open(Request(address, data), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize("destination", BAD_DESTINATIONS)
def test_the_admin_takes_no_bad_destination(stack, admin, destination):
    status, page = post(
        admin,
        f"{stack.base}/admin/shortener/link/add/",
        site="1",
        title="Bad",
        destination=destination,
        tags="",
    )

    assert status == 200
    assert 'id="id_destination_error"' in page


@pytest.mark.parametrize("name", ["code", "slug", "share"])
@pytest.mark.parametrize(
    ("method", "header"), [("HEAD", b"Accept: */*"), ("GET", b"Range: bytes=0-99")]
)
def test_head_and_range_get_the_same_redirect(stack, link, name, method, header):
    path = link.shares["telegram"] if name == "share" else getattr(link, name)
    first = send(stack, f"GET /{path}")

    answer = send(stack, f"{method} /{path}", header)

    assert is_redirect_of(answer, link)
    assert answer.headers["location"] == first.headers["location"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.body == b""
    assert "content-range" not in answer.headers


def test_a_flood_of_previews_is_answered_and_counts_no_click(world, stack, link):
    clients, each = 10, 50

    def fetch(_: int) -> list[Response]:
        connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=10)
        try:
            answers = []
            for _ in range(each):
                connection.request(
                    "GET", f"/{link.shares['whatsapp']}", headers={"User-Agent": WHATSAPP}
                )
                got = connection.getresponse()
                answers.append(Response(got.status, {**dict(got.getheaders())}, got.read()))
            return answers
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        answers = [answer for batch in pool.map(fetch, range(clients)) for answer in batch]

    assert Counter(answer.status for answer in answers) == {302: clients * each}
    world.settle()
    assert world.counted(link) == {"previews": clients * each}


def test_a_link_that_is_fetched_while_it_is_typed_counts_once(world, stack, link):
    code = link.shares["whatsapp"]

    typed = [
        send(stack, f"GET /{code[:length]}", SENT_BY_WHATSAPP) for length in range(1, len(code))
    ]
    whole = send(stack, f"GET /{code}", SENT_BY_WHATSAPP)

    assert {answer.status for answer in typed} == {404}
    assert is_redirect_of(whole, link)
    world.settle()
    assert world.counted(link) == {"previews": 1}


def write_odd_codes() -> None:
    """Write codes that can be read and yet name nothing; runs beside the stack."""
    no_channel = 63
    most = 2**63 - 1
    json.dump(
        {
            "unknown": codes.encode(10_000_000),
            "huge": codes.encode(most, most),
            "astray": codes.encode(1, codes.share_id(5_000, no_channel)),
        },
        sys.stdout,
    )


@pytest.fixture(scope="module")
def odd_codes(world):
    written = "from tests.end_to_end.test_bad_input import write_odd_codes; write_odd_codes()"
    return json.loads(world.stack.python(written))


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%5c..%5cmanage.py",
        "/static//etc/passwd",
        "/static/%00",
        "//example.net/",
        "//example.net/%2e%2e",
        "/%2f%2fexample.net",
        "/.env",
        "/%ff%fe",
        "/%",
        "/%zz",
        "/\u2028",
        "/" + "a" * 8_000,
        "/" + "a/" * 2_000,
        "/;/",
        "*",
        "http://example.net/",
        "/api/v1/links/%00/",
        "/api/v1/nothing",
        "/admin/shortener/link/%00/change/",
        "/admin/shortener/link/99999999999999999999999/change/",
        "/{unknown}/",
        "/{unknown}%20",
        "/{unknown}%00",
        "/{unknown}?" + "a=b&" * 2_000,
        "/{huge}",
        "/{astray}",
        "/share/whatsapp?link={huge}",
        "/share/whatsapp?link={unknown}&" + "a=b&" * 2_000,
    ],
)
def test_odd_addresses_lead_nowhere_and_are_no_error_of_ours(stack, odd_codes, path):
    for method in METHODS:
        answer = send(stack, f"{method} {path.format(**odd_codes)}")

        assert answer.status < 500, method
        assert b"root:" not in answer.body, method
        assert not answer.headers.get("location", "").startswith(("//", "http")), method


def test_the_books_balance_after_all_that(world, stack):
    world.settle()

    done = stack.manage("reconcile")

    assert done.returncode == 0, done.stderr
    assert world.database.rows("SELECT line, reason FROM analytics_quarantine") == []
    assert "Traceback" not in stack.log
    assert "Internal Server Error" not in stack.log
