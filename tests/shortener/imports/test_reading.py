"""Files of any encoding and separator become lines; what is no such file is told why."""

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortener.imports import reading
from shortener.imports.reading import MAX_CELL, FileError, decode, lines, read

TEXT = "destination,title\nhttps://example.com/ä,Müller “50 €”\n"


def read_lines(content):
    return list(lines(content, read(content).kind))


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
    ],
)
def test_the_encoding_is_found_out(content):
    [line] = read_lines(content)
    assert line.values == {"destination": "https://example.com/ä", "title": "Müller “50 €”"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_so_is_the_separator(separator):
    text = f'title{separator}destination\n"a, b; c"{separator}https://example.com\n'
    [line] = read_lines(text.encode())
    assert line.values == {"title": "a, b; c", "destination": "https://example.com"}


def test_excel_may_name_it():
    [line] = read_lines(b"sep=|\ndestination|title\nhttps://example.com|A\n")
    assert line.number == 3
    assert line.values == {"destination": "https://example.com", "title": "A"}


def test_lines_are_numbered_as_a_spreadsheet_does():
    text = 'destination,title\n\nhttps://example.com/1,"two\nlines"\n , \nhttps://example.com/2\n'
    contents = read(text.encode())
    assert contents.last == 5
    assert [line.number for line in lines(text.encode(), contents.kind)] == [3, 5]
    assert [line.number for line in lines(text.encode(), contents.kind, after=3)] == [5]


def test_unknown_columns_are_named_and_ignored():
    contents = read(b"Destination,Colour,UTM Medium,,slug\nhttps://example.com,red,mail,x,s\n")
    assert contents.columns == {
        "destination": "Destination",
        "utm_medium": "UTM Medium",
        "slug": "slug",
    }
    assert contents.ignored == ["Colour"]


def test_cells_are_cut_and_rid_of_what_no_database_takes():
    text = f"destination,title\nhttps://example.com, a\0b{'x' * 5000} \n"
    [line] = read_lines(text.encode("utf-16"))
    assert line.values["title"].startswith("abx")
    assert len(line.values["title"]) < MAX_CELL


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no line with a link"),
        (b"destination,title\n", "no line with a link"),
        (b"title,slug\nA,a\n", "No column is called “destination”.*The columns are: title, slug"),
        (b"{oops", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"a": 1}', "no line with a link"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no line with a link|No column"),
        (b'destination\n"' + b"x" * 200_000, "not a table: field larger"),
    ],
)
def test_what_is_no_file_of_links_is_told_why(content, sentence):
    with pytest.raises(FileError, match=sentence):
        read(content)


def test_too_many_lines_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_LINES", 2)
    with pytest.raises(FileError, match="more than 2 lines"):
        read(b"destination\n" + b"https://example.com\n" * 3)


@given(st.binary(max_size=300))
def test_no_bytes_do_any_other_harm(content):
    with contextlib.suppress(FileError):
        read_lines(content)


@given(st.binary(max_size=300))
def test_all_bytes_are_some_text(content):
    assert isinstance(decode(content), str)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=20)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_what_was_written_is_read(rows, separator):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("destination", "title"), *rows])
    expected = [
        {name: cell.strip() for name, cell in zip(("destination", "title"), row, strict=True)}
        for row in rows
        if any(cell.strip() for cell in row)
    ]
    try:
        found = [line.values for line in read_lines(file.getvalue().encode())]
    except FileError:
        found = []
    assert found == [{n: c for n, c in row.items() if c} for row in expected]


def test_headings_are_cut_and_rid_of_what_no_database_takes():
    keys = ", ".join(f'"k{number}": 1' for number in range(500))
    content = f'[{{"url": "https://example.com", "a\\u0000b{"x" * 300}": 1, {keys}}}]'.encode()
    ignored = read(content).ignored
    assert ignored[0] == f"ab{'x' * 98}"
    assert len(ignored) == reading.MAX_IGNORED
