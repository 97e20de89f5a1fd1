"""The table of links in a dump of YOURLS, by mysqldump or phpMyAdmin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

INSERT = re.compile(
    r"INSERT\s+INTO\s+[`\"]?(\w*url)[`\"]?\s*(?:\(([^)]*)\))?\s*VALUES", re.IGNORECASE
)
CREATE = r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[`\"]?{table}[`\"]?\s*\((.*?)\n\s*\)"
COLUMN = re.compile(r"^\s*[`\"](\w+)[`\"]", re.MULTILINE)
TOKEN = re.compile(
    r"\s*(?:'((?:[^'\\]|\\.|'')*+)'|0x([0-9A-Fa-f]*)|(NULL|-?[\d.]+)|([(),;]))",
    re.DOTALL | re.IGNORECASE,
)
ESCAPED = re.compile(r"\\(.)|''", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "", "Z": ""}
COLUMNS = ("keyword", "url", "title", "timestamp", "ip", "clicks")


def is_dump(text: str) -> bool:
    return INSERT.search(text) is not None


def rows(text: str) -> Iterator[dict[str, str]]:
    """Yield the rows of the table, as texts by the name of the column."""
    for insert in INSERT.finditer(text):
        columns = _columns(text, insert)
        if "keyword" in columns and "url" in columns:
            for values in _values(text, insert.end()):
                yield dict(zip(columns, values, strict=False))


def _columns(text: str, insert: re.Match[str]) -> Sequence[str]:
    if insert[2]:
        return [name.strip(' `"') for name in insert[2].split(",")]
    # Without names, the values are in the order of the columns of the table.
    create = re.search(CREATE.format(table=insert[1]), text, re.IGNORECASE | re.DOTALL)
    return COLUMN.findall(create[1]) if create else COLUMNS


def _values(text: str, start: int) -> Iterator[list[str]]:
    values: list[str] = []
    while (token := TOKEN.match(text, start)) and token[4] != ";":
        start = token.end()
        string, code, plain, sign = token.groups()
        if sign == "(":
            values = []
        elif sign == ")":
            yield values
        elif string is not None:
            values.append(ESCAPED.sub(_escaped, string))
        elif code is not None:
            values.append(bytes.fromhex(code[: len(code) // 2 * 2]).decode("utf-8", "replace"))
        elif plain:
            values.append("" if plain.upper() == "NULL" else plain)


def _escaped(match: re.Match[str]) -> str:
    return ESCAPES.get(match[1], match[1]) if match[1] else "'"
