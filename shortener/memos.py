"""What was asked for before, and what it turned out to be: so that asking again is cheap.

Memos are true until the next edit, when the catalog takes new ones. Whoever looks something
up takes them first and remembers afterwards: what an edit has overtaken is then kept in
memos that nobody reads any more.
"""

from __future__ import annotations

from typing import TypeVar

from shortener.channels import Channel

Key = TypeVar("Key")
Value = TypeVar("Value")

MAX_MEMOS = 50_000
"""Of each kind."""
MAX_LENGTH = 1_000
"""Characters. Longer queries and addresses are rare enough to be looked up each time."""

Offered = tuple[int, tuple[Channel, ...]]
"""A link, and the channels to offer codes for; none: those of its site."""


class Memos:
    """The queries, pages and names that were looked up since the last edit."""

    def __init__(
        self,
        offers: dict[str, Offered] | None = None,
        pages: dict[tuple[int, str], int] | None = None,
    ) -> None:
        self.offers = offers or {}
        """What an offer asks for, as it came, to what it gets."""
        self.pages = pages or {}
        """A site's id and the key of a page to the page's link; 0 where it has none yet."""
        self.unknown: dict[str, None] = {}
        """Names that no link or site has."""

    def remember_offer(self, asked: str, offered: Offered) -> None:
        if len(asked) <= MAX_LENGTH:
            self.offers[asked] = offered
            shrink(self.offers, MAX_MEMOS)

    def remember_page(self, site_id: int, page: str, link_id: int) -> None:
        if len(page) <= MAX_LENGTH:
            self.pages[site_id, page] = link_id
            shrink(self.pages, MAX_MEMOS)

    def remember_unknown(self, name: str) -> None:
        if len(name) <= MAX_LENGTH:
            self.unknown[name] = None
            shrink(self.unknown, MAX_MEMOS)

    def after_new_links(self) -> Memos:
        """Return what is still true: new links change nothing for pages that have one."""
        pages = self.pages.copy().items()
        return Memos(self.offers, {page: link_id for page, link_id in pages if link_id})


def shrink(entries: dict[Key, Value], size: int) -> list[Value]:
    """Drop the oldest entries until at most ``size`` are left; return what was dropped."""
    dropped = []
    while len(entries) > size:
        dropped.append(entries.pop(next(iter(entries))))
    return dropped
