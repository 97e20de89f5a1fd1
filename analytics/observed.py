"""Declared and observed channels: when do two of them name the same app?"""

from __future__ import annotations

from functools import lru_cache

from shortener.channels import BY_NAME, NUMBERS


def numbers(*names: str) -> frozenset[int]:
    return frozenset(BY_NAME[name].number for name in names)


MEANS = numbers("link", "copy", "native", "addressbar", "qr")
"""Declared channels that leave open where a link goes, so that nothing contradicts them."""

SAME = {
    frozenset(pair)
    for pair in (
        # Meta's fetcher serves all of these alike.
        numbers("meta", "messenger"),
        numbers("meta", "facebook"),
        numbers("meta", "instagram"),
        numbers("meta", "threads"),
        # Messenger's own browser often says no more than that it is Facebook's.
        numbers("messenger", "facebook"),
        # The phone decides which of them a message of the SMS button becomes.
        numbers("sms", "imessage"),
        numbers("sms", "google-messages"),
    )
}
"""Channels that evidence cannot tell apart."""


def agree(channel: int, other: int) -> bool:
    """Tell whether two channels may be one and the same app."""
    return channel == other or frozenset((channel, other)) in SAME


def own_channel(declared: int, observed: int) -> int:
    """Return the channel that a share belongs to as far as is known; 0 for none."""
    return observed if declared in MEANS else declared


@lru_cache(maxsize=4096)
def conflicts(declared: int, observed: int, seen: int) -> tuple[int, tuple[int, ...]]:
    """Return the channel that a share belongs to, and the others in which it was seen.

    ``seen`` has one bit for each channel that evidence has named. Somebody who got the link
    in one app and forwarded it in another is what makes them differ.
    """
    own = own_channel(declared, observed)
    others = (n for n in range(NUMBERS) if seen >> n & 1 and not agree(own, n))
    return own, tuple(others)
