"""What several end-to-end tests start from."""

import pytest

from tests.end_to_end.databases import needs_services, postgresql, sqlite


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=needs_services)])
def database(request, tmp_path):
    """A database that belongs to one test."""
    if request.param == "SQLite":
        yield sqlite(tmp_path / "data")
        return
    with postgresql() as created:
        yield created
