"""Exports of other tools, as their sources write them: recognised, and read without addresses."""

from pathlib import Path

import pytest

from shortener.imports.formats import field_of, plain, recognise
from shortener.imports.reading import lines, read

FILES = Path(__file__).parent / "files"
SPRING = "https://example.com/spring"

EXPORTS = [
    (
        "bitly.csv",
        "Bitly",
        {
            "destination": f"{SPRING}?utm_source=mail",
            "slug": "https://go.example.com/spring",
            "title": "Spring sale",
            "clicks": "1,204",
        },
        ["Created", "Tags"],
    ),
    (
        "bitly-api.json",
        "Bitly",
        {"destination": SPRING, "slug": "https://go.example.com/spring", "title": "Spring sale"},
        ["created_at", "id", "archived", "tags"],
    ),
    (
        "yourls.csv",
        "YOURLS",
        {
            "destination": SPRING,
            "slug": "spring",
            "title": "Spring sale, all of it",
            "clicks": "88",
        },
        ["timestamp", "ip"],
    ),
    (
        "yourls-phpmyadmin.sql",
        "YOURLS",
        {
            "destination": SPRING,
            "slug": "spring",
            "title": "It's (nearly) spring; buy, now",
            "clicks": "88",
        },
        ["timestamp", "ip"],
    ),
    (
        "yourls-mysqldump.sql",
        "YOURLS",
        {"destination": SPRING, "slug": "spring", "title": "Früh'ling", "clicks": "88"},
        ["timestamp"],
    ),
    (
        "yourls-api.json",
        "YOURLS",
        {
            "destination": SPRING,
            "slug": "https://go.example.com/spring",
            "title": "Spring sale",
            "clicks": "88",
        },
        ["timestamp", "ip"],
    ),
    (
        "shlink-web-client.csv",
        "Shlink",
        {"destination": SPRING, "slug": "spring", "title": "Spring sale", "clicks": "88"},
        ["createdAt", "shortUrl", "domain", "tags"],
    ),
    (
        "shlink-cli.csv",
        "Shlink",
        {"destination": SPRING, "slug": "spring", "title": "Spring sale", "clicks": "88"},
        ["Short URL", "Date created"],
    ),
    (
        "shlink-api.json",
        "Shlink",
        {
            "destination": SPRING,
            "slug": "spring",
            "title": "Spring sale",
            "clicks": "88",
            "expires": "2030-01-01T00:00:00+00:00",
        },
        None,
    ),
    (
        "kutt-api.json",
        "Kutt",
        {
            "destination": SPRING,
            "slug": "spring",
            "title": "Spring sale",
            "clicks": "88",
            "banned": "false",
        },
        None,
    ),
    (
        "kutt.csv",
        "Kutt",
        {
            "destination": SPRING,
            "slug": "spring",
            "title": "Spring sale",
            "clicks": "88",
            "banned": "false",
        },
        ["created_at"],
    ),
]


def every_line(name):
    content = (FILES / name).read_bytes()
    return list(lines(content, read(content).kind))


@pytest.mark.parametrize(("name", "tool", "values", "ignored"), EXPORTS)
def test_an_export_is_recognised_and_read(name, tool, values, ignored):
    content = (FILES / name).read_bytes()
    contents = read(content)
    assert contents.kind.tool == tool
    assert next(lines(content, contents.kind)).values == values
    if ignored is not None:
        assert contents.ignored == ignored


@pytest.mark.parametrize("name", [path.name for path in sorted(FILES.iterdir())])
def test_addresses_of_people_are_never_read(name):
    assert "203.0.113" not in str(every_line(name))


def test_every_export_here_is_in_the_table():
    assert {path.name for path in FILES.iterdir()} == {name for name, *_ in EXPORTS}


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("yourls-phpmyadmin.sql", "https://example.com/news"),
        ("yourls-mysqldump.sql", "https://example.com/news"),
        ("kutt-api.json", "https://example.com/old"),
        ("bitly.csv", "https://example.com/news"),
    ],
)
def test_all_rows_are_read_and_no_more(name, second):
    _, line = every_line(name)
    assert line.values["destination"] == second


@pytest.mark.parametrize(
    ("headings", "tool"),
    [
        ("destination title", ""),
        ("URL", ""),
        ("long_url title", ""),
        ("keyword url", "YOURLS"),
        ("short_code long_url", "Shlink"),
        ("long_url link", "Bitly"),
        ("title slug", None),
        ("link title", None),
    ],
)
def test_headings_tell_the_kind_of_file(headings, tool):
    kind = recognise(headings.split())
    assert (kind.tool if kind else None) == tool


@pytest.mark.parametrize("heading", ["utm_source", "UTM Source", "utm-source", "utmSource"])
def test_utm_columns_are_tags_however_they_are_written(heading):
    kind = recognise(["destination"])
    assert kind
    assert field_of(heading, kind) == "utm_source"


@pytest.mark.parametrize("heading", ["Long URL", "long_url", "longUrl", " LONG-URL "])
def test_headings_are_the_same_however_they_are_written(heading):
    assert plain(heading) == "longurl"
