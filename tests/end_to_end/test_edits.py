"""An editor who switches a link off is obeyed at once, by every process."""

from __future__ import annotations

import time

import pytest

from tests.end_to_end.processes import Stack, wait_until
from tests.end_to_end.visitors import make_links, visit

DESTINATION = "https://example.com/"


def edit(stack: Stack, values: str) -> float:
    """Change the first link beside the stack; return the time of the commit."""
    return float(
        stack.python(
            "import time; from shortener.models import Link; "
            f"Link.objects.filter(slug='story-0').update({values}); print(time.time())"
        )
    )


def everywhere(stack, name, answer, *, since):
    """Expect 30 fresh connections in a row to get the answer within 2 s, and for good."""

    def is_given():
        found = visit(stack, name)
        return answer in (found.status, found.headers.get("location"))

    wait_until(
        lambda: all(is_given() for _ in range(30)),
        timeout=2.0 - (time.time() - since),
        what=f"{answer} from every process",
    )
    assert all(is_given() for _ in range(100))


@pytest.fixture
def two_processes(tmp_path, database):
    with Stack(tmp_path / "data", DEMO="false", WEB_WORKERS="2", **database.environment) as stack:
        yield stack


def test_an_edit_reaches_all_processes_within_2_seconds(two_processes, database):
    stack = two_processes
    code = make_links(stack)[0].name

    def both_have_answered():
        assert visit(stack, code).headers["location"] == f"{DESTINATION}0"
        return len(database.rows("SELECT DISTINCT writer FROM analytics_batch")) == 2

    wait_until(both_have_answered, timeout=30, what="a hit in the journal of each process")

    changed = edit(stack, f"destination='{DESTINATION}new'")
    everywhere(stack, code, f"{DESTINATION}new", since=changed)
    everywhere(stack, "story-0", f"{DESTINATION}new", since=changed)
    switched_off = edit(stack, "active=False")
    everywhere(stack, code, 410, since=switched_off)
    assert visit(stack, "story-0").status == 410
