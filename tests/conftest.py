"""What every test starts from: no memory of another test, and a journal of its own."""

import pytest
from django.utils import translation

from analytics import agents
from analytics.days import days
from analytics.pace import limits
from shortener import edge


@pytest.fixture(autouse=True)
def _fresh_process(tmp_path, settings):
    """Let each test be a process of its own, as far as caches go."""
    settings.JOURNAL_DIR = tmp_path / "journal"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EXPORTS_DIR = tmp_path / "exports"
    edge.edge.cache_clear()
    agents.forget()
    days.forget()
    limits.forget()
    # What a request has been answered in lasts to the next one, of this test or another's.
    translation.deactivate()
    yield
    if edge.edge.cache_info().currsize:
        edge.edge().journal.close()
