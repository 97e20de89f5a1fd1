"""These tests need settings that are made when the process starts: see test_entrance.py."""

from config.accounts.settings import HAS_ENTRANCE

collect_ignore_glob = [] if HAS_ENTRANCE else ["test_*.py"]
