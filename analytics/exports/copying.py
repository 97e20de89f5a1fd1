"""Hits as PostgreSQL writes them: it quotes and joins the texts, and sends them by COPY.

Fetching the columns one by one and writing them by ``csv`` takes twice as long.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg import ClientCursor

from analytics.classify import Kind
from analytics.exports.dialects import Dialect
from analytics.exports.parts import Part
from analytics.models import Agent
from shortener import codes
from shortener.channels import BY_NUMBER, DIRECT
from shortener.models import Link
from shortener.spreadsheets import FORMULA_STARTS, safe

READ = ("id", "at", "day", "link_id", "share_id", "channel", "observed", "kind", "rule")
TEXTS = ("agent_id", "referrer", "language", "country")
FORMULA = f"^[{''.join(f'{chr(92)}{sign}' if sign in '-' else sign for sign in FORMULA_STARTS)}]"


def _quoted(text: str) -> str:
    """Return the expression of a text that no spreadsheet takes for a formula, to be quoted."""
    plain = f"replace({text}, '\"', '\"\"')"
    return f"CASE WHEN {text} ~ %(formula)s THEN '''' || {plain} ELSE {plain} END"


# What is the same in many rows is looked up afterwards, once for all of them.
SELECT = f"""
    SELECT hit.link_id, hit.share_id, hit.agent_id, hit.at, hit.id,
        to_char(hit.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        hit.day, concat_ws(' ', hit.channel, hit.observed, hit.kind), hit.rule,
        concat_ws(%(separator)s,
            {_quoted("hit.referrer")}, {_quoted("hit.language")}, hit.country)
    FROM ({{hits}}) AS hit
    ORDER BY hit.at, hit.id
"""  # noqa: S608


def copied_hits(hits: QuerySet[Any], dialect: Dialect) -> Part:
    """Return hits as lines of a file."""
    separator = f'"{dialect.delimiter}"'
    rows = _copied(hits, separator)
    titles = _titles({int(row[0]) for row in rows}, separator)
    agents = _agents({int(row[2]) for row in rows})
    encode = codes.codec().encode
    written = [
        f'"{time}{separator}{day}{separator}{titles[link]}{separator}'
        f"{encode(int(link), int(share)) if share else ''}{separator}"
        f"{_names(sorts, separator)}{separator}{rule}{separator}{agents[agent]}{separator}{texts}"
        '"\r\n'
        for link, share, agent, _, _, time, day, sorts, rule, texts in rows
    ]
    key = (rows[-1][3], int(rows[-1][4])) if rows else None
    return Part("".join(written), len(written), key)


def _copied(hits: QuerySet[Any], separator: str) -> list[tuple[str, ...]]:
    with connection.cursor() as opened, opened.connection.cursor() as cursor:
        # COPY takes no parameters: they are written into the statement.
        client = ClientCursor(opened.connection)
        query, params = hits.values(*READ, *TEXTS).query.sql_with_params()
        statement = client.mogrify(
            SELECT.replace("{hits}", client.mogrify(query, params).replace("%", "%%")),
            {"formula": FORMULA, "separator": separator},
        )
        with cursor.copy(f"COPY ({statement}) TO STDOUT") as copy:
            return list(copy.rows())


def _titles(links: set[int], separator: str) -> dict[str, str]:
    """Return the code and the title of each link, as they stand in a line."""
    # What was deleted since the rows were read has no title any more.
    titles = dict.fromkeys(links, "")
    titles |= Link.objects.filter(pk__in=links).values_list("pk", "title")
    return {
        str(link): f"{_link_code(link)}{separator}{_written(title)}"
        for link, title in titles.items()
    }


def _agents(agents: set[int]) -> dict[str, str]:
    texts = dict.fromkeys(agents, "")
    texts |= Agent.objects.filter(pk__in=agents).values_list("pk", "user_agent")
    return {str(agent): _written(text) for agent, text in texts.items()}


def _written(text: str) -> str:
    return safe(text).replace('"', '""')


@cache
def _link_code(link: int) -> str:
    # A link's code costs forty times what a share's does.
    return codes.encode(link)


@cache
def _names(sorts: str, separator: str) -> str:
    """Return the names of a channel, an observed channel and a kind, from their numbers."""
    channel, observed, kind = map(int, sorts.split(" "))
    seen = "" if observed == DIRECT.number else BY_NUMBER[observed].name
    return separator.join((BY_NUMBER[channel].name, seen, Kind(kind).label))
