"""A simulated world, played over HTTP against the whole product, is counted to the last click."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.end_to_end.databases import Database
from tests.end_to_end.processes import Stack

LOSE_PREVIEWS = """
    CREATE TRIGGER lose_previews AFTER INSERT ON analytics_hit WHEN NEW.kind = 2
    BEGIN DELETE FROM analytics_hit WHERE id = NEW.id; END
"""


def simulate(stack: Stack, *arguments: str, people: int = 150) -> tuple[int, str]:
    """Run the command beside the stack; return its status and what it said."""
    base = f"http://127.0.0.1:{stack.port}"
    done = stack.manage("simulate", "--people", str(people), "--base", base, *arguments)
    return done.returncode, done.stdout + done.stderr


def test_every_figure_of_a_small_world_is_right(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "truth.json"
    settings = {"TRUSTED_PROXIES": "1", "WEB_WORKERS": "2", "DEMO": "false"}
    with Stack(tmp_path / "data", **settings, **database.environment) as stack:
        for _ in range(2):  # Nor does one disturb the other.
            status, said = simulate(stack, "--seed", "3", "--truth", str(file))
            assert status == 0, said
            assert "Every figure is right." in said
    assert sum(json.loads(file.read_text())["clicks"].values()) > 50


def test_a_product_that_loses_something_is_found_out(tmp_path: Path) -> None:
    with Stack(tmp_path / "data", TRUSTED_PROXIES="1", DEMO="false") as stack:
        with closing(sqlite3.connect(tmp_path / "data" / "grapevine.sqlite3")) as connection:
            connection.execute(LOSE_PREVIEWS)
        status, said = simulate(stack)
    assert status == 1
    assert "The product is wrong:\nmachines by agent: " in said


def test_a_product_that_trusts_no_proxy_is_refused(tmp_path: Path) -> None:
    with Stack(tmp_path / "data", DEMO="false") as stack:
        status, said = simulate(stack, people=1)
    assert status == 1
    assert "Start it with TRUSTED_PROXIES=1." in said
