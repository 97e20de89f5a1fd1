"""A part of a table, and where the next one begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Key = Sequence[str | int]
"""Where a row stands: its moment, where the table is in the order of time, and its id."""


class Part(NamedTuple):
    text: str
    rows: int
    key: Key | None
    """Of its last row; None where nothing follows."""
