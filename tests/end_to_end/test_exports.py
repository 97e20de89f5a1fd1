"""A file that a killed worker has begun is finished after its restart, once."""

from __future__ import annotations

import csv

from tests.end_to_end.processes import Stack, wait_until
from tests.end_to_end.test_kill import kill_and_wait
from tests.end_to_end.visitors import make_links, visit

ROWS = 300_000
FIRST, LAST = "2026-03-01", "2026-03-28"

# Enough to be killed in the middle of; by the languages they can be told apart.
MANY = {
    "sqlite": f"""
        WITH RECURSIVE numbers(n) AS (
            SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS}
        )
        INSERT INTO analytics_hit (batch_id, at, day, hour, link_id, channel, observed, kind, rule,
            agent_id, referrer, language, country)
        SELECT batch_id, datetime('2026-03-01', '+' || (n * 5) || ' seconds'),
            date('2026-03-01', '+' || (n * 5) || ' seconds'), 0, link_id, channel, observed, kind,
            rule, agent_id, referrer, 'n' || n, country FROM analytics_hit, numbers
        """,
    "postgresql": f"""
        INSERT INTO analytics_hit (batch_id, at, day, hour, link_id, channel, observed, kind, rule,
            agent_id, referrer, language, country)
        SELECT batch_id, timestamptz '2026-03-01 00:00Z' + n * interval '5 seconds',
            date(timestamp '2026-03-01 00:00' + n * interval '5 seconds'), 0, link_id, channel,
            observed, kind, rule, agent_id, referrer, 'n' || n, country
        FROM analytics_hit, generate_series(1, {ROWS}) AS n
        """,
}
ORDER = f"""
from django.contrib.auth import get_user_model
from django.db import connection
from analytics.exports.making import order
from analytics.exports.recipe import Recipe
from shortener.models import Site

connection.cursor().execute({MANY!r}[connection.vendor])
user = get_user_model().objects.create_superuser("exporter", password="grapes")
params = {{"site": Site.objects.get().key, "from": "{FIRST}", "to": "{LAST}"}}
order(user, Recipe.read("hits", params, user), params)
"""


def test_a_killed_worker_finishes_the_file(tmp_path, database):
    with Stack(tmp_path / "data", DEMO="false", **database.environment) as stack:
        [link, *_] = make_links(stack)
        assert visit(stack, link.name).status == 302
        wait_until(lambda: database.rows("SELECT 1 FROM analytics_hit"), what="the first hit")
        stack.python(ORDER)

        def export():
            [row] = database.rows("SELECT state, rows, size FROM analytics_export")
            return row

        wait_until(lambda: export()[1], what="the first rows")
        kill_and_wait(stack, "worker")
        state, rows, _ = export()
        assert (state, rows < ROWS) == ("waiting", True), "it was too fast to be killed"

        wait_until(lambda: export()[0] == "done", timeout=120, what="the whole file")
        assert export()[1] == ROWS
        [file] = (tmp_path / "data" / "media" / "exports").iterdir()
        with file.open(newline="") as lines:
            languages = [row["language"] for row in csv.DictReader(lines)]
        assert len(languages) == ROWS
        assert languages == [f"n{n}" for n in range(1, ROWS + 1)]
        assert file.stat().st_size == export()[2]
        assert not list((tmp_path / "data" / "exports").iterdir())
