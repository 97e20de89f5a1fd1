"""The databases that a stack can run on, as somebody beside it sees them."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import psycopg
import pytest

HITS = "clicks + previews + prefetches + scanners + bots"

needs_services = pytest.mark.skipif(
    not (os.environ.get("DATABASE_URL", "").startswith("postgres") and "REDIS_URL" in os.environ),
    reason="needs DATABASE_URL of a PostgreSQL server, and REDIS_URL",
)


class Database(Protocol):
    """A database of one stack, which is gone with the test."""

    environment: dict[str, str]
    """What tells a stack to use it."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the query finds at this moment."""

    def held(self) -> AbstractContextManager[None]:
        """Let nobody else store a segment."""


class SQLite:
    def __init__(self, directory: Path) -> None:
        self.environment: dict[str, str] = {}
        self._file = directory / "grapevine.sqlite3"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._connected() as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._connected() as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")

    def _connected(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(self._file, timeout=20, isolation_level=None))


class PostgreSQL:
    def __init__(self, server: SplitResult, name: str) -> None:
        self._server = server.geturl()
        self._name = name
        self._url = server._replace(path=f"/{name}").geturl()
        self.environment = {"DATABASE_URL": self._url}

    @contextmanager
    def created(self) -> Iterator[PostgreSQL]:
        self._on_server(f"CREATE DATABASE {self._name}")
        try:
            yield self
        finally:
            self._on_server(f"DROP DATABASE {self._name} WITH (FORCE)")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(query.encode()).fetchall()

    @contextmanager
    def held(self) -> Iterator[None]:
        with psycopg.connect(self._url) as connection:
            connection.execute("LOCK TABLE analytics_batch IN SHARE ROW EXCLUSIVE MODE")
            yield
            connection.rollback()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Throw everybody out, and let nobody in."""
        self._on_server(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        try:
            self._on_server(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                f"WHERE datname = '{self._name}'"
            )
            yield
        finally:
            self._on_server(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")

    def _on_server(self, command: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(command.encode())


def sqlite(directory: Path) -> SQLite:
    """Return the database that a stack in the directory makes by itself."""
    return SQLite(directory)


def postgresql() -> AbstractContextManager[PostgreSQL]:
    """Return a new database on the server that DATABASE_URL names."""
    server = urlsplit(os.environ["DATABASE_URL"])
    return PostgreSQL(server, f"grapevine_end_to_end_{os.getpid()}").created()


def stored(database: Database) -> Counter[str]:
    """Return how often each request was counted, by the language it asked for."""
    return Counter(dict(database.rows("SELECT language, count(*) FROM analytics_hit GROUP BY 1")))


def reported(database: Database) -> Counter[int]:
    """Return how many hits the reports show, by link."""
    return Counter(
        {
            link: int(hits)
            for link, hits in database.rows(
                f"SELECT link_id, sum({HITS}) FROM analytics_dailycontent GROUP BY 1"
            )
        }
    )
