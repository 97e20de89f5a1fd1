"""Django's PostgreSQL, with times read in C.

Django reads each ``timestamptz`` in Python, to put it into whatever time zone the connection
has. Here that is always UTC, which is what psycopg's own loader gives.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        return cursor
