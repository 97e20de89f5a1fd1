"""The page about privacy names every table, and the times that the code keeps to."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from analytics import ingest, pace, retention
from analytics.schedules import runs
from shortener import answered, visitors
from shortener.imports.models import KEPT_DAYS

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "privacy.md").read_text()
TABLES = {
    model.__name__
    for app in ("analytics", "shortener")
    for model in apps.get_app_config(app).get_models()
    if model._meta.managed and not model._meta.proxy
}


def row(name: str) -> str:
    """Return the row of the table of what is kept that names a database table."""
    [found] = re.findall(rf"^\|.*\| `{name}`[ ,].*$", PAGE, re.M)
    return str(found)


def test_every_table_is_named():
    sums = {name for name in TABLES if name.startswith("Daily") and name != "DailyVisitor"}

    assert "the `Daily…` tables" in PAGE
    assert TABLES - sums <= set(re.findall(r"`(\w+)`", PAGE))


@pytest.mark.parametrize(
    ("table", "time"),
    [
        ("DailyVisitor", f"{ingest.VISITORS_LIFETIME_DAYS} days"),
        ("Pace", f"{pace.KEPT.days} days"),
        ("DaySalt", f"{visitors.SALT_LIFETIME_DAYS * 24} hours"),
        ("Agent", f"at least {retention.AGENT_LIFETIME_DAYS} days"),
        ("IdempotentAnswer", f"{answered.LIFETIME.days * 24} hours"),
        ("Import", f"{KEPT_DAYS} days"),
        ("Schedule", f"{runs.KEPT.days} days"),
        ("Hit", "`HITS_RETENTION_DAYS`: 400"),
    ],
)
def test_times_are_those_of_the_code(table, time):
    assert time in row(table)


def test_numbers_are_those_of_the_code():
    assert f"the last {visitors.locate.cache_info().maxsize:,} that were looked up" in PAGE
    assert f"{retention.PART:,} rows at a time" in PAGE
