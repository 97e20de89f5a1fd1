"""What the tests of the journal, and of those who read it, start from."""

import pytest

from shortener.journal import Journal


@pytest.fixture
def root(tmp_path):
    return tmp_path / "journals"


@pytest.fixture
def journal(root):
    journal = Journal(root)
    yield journal
    journal.close()
