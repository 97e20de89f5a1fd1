"""A spreadsheet reads every file with the values that were written."""

import csv
import shutil
import subprocess
from datetime import UTC, date, datetime

import pytest

from analytics.exports.dialects import DIALECTS
from analytics.exports.recipe import Recipe
from analytics.reports.question import Question
from tests.factories import make_link, make_site
from tests.facts import hit, store

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not OFFICE, reason="needs LibreOffice Calc"),
]

DAY = date(2026, 3, 5)
NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)
TITLES = (
    '=HYPERLINK("https://evil.example")',
    'She said "buy, now"; really',
    "two\nlines",
    "🍇 and 👩‍👩‍👧",
    "عنوان المقال",
    "3,14",
    "+1",
    "1e5",
)


@pytest.mark.parametrize("name", ["content", "hits", "links"])
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_the_values_are_those_that_were_written(tmp_path, name, dialect):
    site = make_site(key="demo")
    store(*(hit(make_link(site=site, title=title), time=NOON) for title in TITLES))
    source = tmp_path / "export.csv"
    source.write_bytes(b"".join(Recipe(name, Question(site, DAY, DAY), dialect).stream()))
    made = tmp_path / "made"
    separator = ord(dialect.delimiter)
    # Tokens: separator, quote, UTF-8, first line, no formats, language, quoted is text, detect.
    language = 1031 if dialect.decimal == "," else 1033
    subprocess.run(
        [
            *(str(OFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            f"--infilter=CSV:{separator},34,76,1,,{language},true,false",
            *("--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false"),
            *("--outdir", str(made), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert cells(made / "export.csv", ",") == cells(source, dialect.delimiter)


def cells(path, delimiter):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [
            [cell.replace("\r\n", "\n") for cell in row]
            for row in csv.reader(file, delimiter=delimiter)
        ]
