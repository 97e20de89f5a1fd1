"""What can be done with an import, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from shortener.imports.models import State


class Verb(NamedTuple):
    states: Collection[State]
    """In which it can be done."""
    leads_to: State
    permission: str = "shortener.add_link"


VERBS: Mapping[str, Verb] = {
    "make": Verb((State.READ,), State.MAKING),
    "cancel": Verb((State.READING, State.READ, State.MAKING), State.CANCELLED),
    "undo": Verb((State.DONE, State.CANCELLED), State.UNDOING, "shortener.change_link"),
}
