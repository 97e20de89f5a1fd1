"""Short codes: hashids, at a twentieth of the cost.

A link's code is ``encode(link_id)``; a share's is ``encode(link_id, share_id)`` with
``share_id = serial * 64 + channel number``, so a code tells its link and channel without a
look-up. hashids shuffles its alphabet anew for each number, but the shuffles depend only on
the salt and on the code's first character (its lottery): 44 of them, tabulated once.

Codes hide nothing and protect nothing; they are only short and hard to mistype.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from django.conf import settings
from hashids import Hashids, _reorder

from shortener.channels import NUMBERS

MIN_LENGTH = 6
MAX_LENGTH = 26
"""Longer than any code of two 63-bit numbers."""
MAX_NUMBER = 2**63 - 1


class Codec:
    """Encodes and decodes the codes of one salt exactly as ``Hashids(salt, 6)`` does."""

    def __init__(self, salt: str) -> None:
        self._reference = Hashids(salt=salt, min_length=MIN_LENGTH)
        self._lotteries: str = self._reference._alphabet
        self._separators: str = self._reference._separators
        self._alphabets: dict[str, tuple[str, str]] = {}
        self._digits: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
        for lottery in self._lotteries:
            first = self._shuffle(lottery, salt, self._lotteries)
            second = self._shuffle(lottery, salt, first)
            self._alphabets[lottery] = first, second
            self._digits[lottery] = (
                {character: i for i, character in enumerate(first)},
                {character: i for i, character in enumerate(second)},
            )
        self._base = len(self._lotteries)
        digit, separator = re.escape(self._lotteries), re.escape(self._separators)
        self._parts = re.compile(f"([{digit}])([{digit}]+)([{separator}])([{digit}]+)").fullmatch
        self._tables = cache(self._write_tables)
        self._start = lru_cache(maxsize=10_000)(self._write_start)
        # Padded codes (those of links) are few, and cost the reference 40 us each.
        self._decode_padded = lru_cache(maxsize=10_000)(self._decode_by_reference)

    @staticmethod
    def _shuffle(lottery: str, salt: str, alphabet: str) -> str:
        shuffled: str = _reorder(alphabet, (lottery + salt + alphabet)[: len(alphabet)])
        return shuffled

    def encode(self, link_id: int, share_id: int = 0) -> str:
        """Return the code of a link, or of one of its shares."""
        if not share_id:
            return str(self._reference.encode(link_id))
        base = self._base
        lottery = self._lotteries[(link_id % 100 + share_id % 101) % base]
        # Two digits at once, and the link's part once for many shares: half the time.
        first, pairs = self._tables(lottery)
        digits = ""
        rest = share_id
        while rest >= base:
            rest, pair = divmod(rest, base * base)
            digits = pairs[pair] + digits
        if rest:
            digits = first[rest] + digits
        code = self._start(link_id, lottery) + digits
        if len(code) < MIN_LENGTH:
            return str(self._reference.encode(link_id, share_id))
        return code

    def _write_start(self, link_id: int, lottery: str) -> str:
        """Return a share's code up to the separator."""
        alphabet = self._alphabets[lottery][0]
        digits = ""
        rest = link_id
        while True:
            rest, digit = divmod(rest, self._base)
            digits = alphabet[digit] + digits
            if not rest:
                break
        separators = self._separators
        separator = separators[link_id % ord(digits[0]) % len(separators)]
        return lottery + digits + separator

    def _write_tables(self, lottery: str) -> tuple[str, list[str]]:
        """Return what one digit of a share looks like, and what two do."""
        alphabet = self._alphabets[lottery][1]
        return alphabet, [first + second for first in alphabet for second in alphabet]

    def decode(self, code: str) -> tuple[int, int] | None:
        """Return (link id, share id or 0), or None for what ``encode`` cannot have made."""
        if not MIN_LENGTH <= len(code) <= MAX_LENGTH:
            return None
        # One pattern finds the parts in a fifth of the time that a loop over them takes.
        parts = self._parts(code)
        if parts is None:
            return self._decode_padded(code)
        lottery, link_digits, separator, share_digits = parts.groups()
        first, second = self._digits[lottery]
        base = self._base
        link_id = share_id = 0
        for digit in link_digits:
            link_id = link_id * base + first[digit]
        for digit in share_digits:
            share_id = share_id * base + second[digit]
        if (
            self._lotteries[(link_id % 100 + share_id % 101) % base] == lottery
            and self._separators[link_id % ord(link_digits[0]) % len(self._separators)]
            == separator
            # hashids writes no leading zeros.
            and second[share_digits[0]]
            and (first[link_digits[0]] or len(link_digits) == 1)
            and link_id <= MAX_NUMBER
            and share_id <= MAX_NUMBER
        ):
            return link_id, share_id
        return self._decode_padded(code)

    def _decode_by_reference(self, code: str) -> tuple[int, int] | None:
        numbers: tuple[int, ...] = self._reference.decode(code)
        if not 1 <= len(numbers) <= 2 or max(numbers) > MAX_NUMBER:
            return None
        if len(numbers) == 1:
            return numbers[0], 0
        return (numbers[0], numbers[1]) if numbers[1] else None


@cache
def codec() -> Codec:
    """Return the codec of this installation's salt."""
    return Codec(settings.HASHIDS_SALT)


def encode(link_id: int, share_id: int = 0) -> str:
    """Return the code of a link, or of one of its shares."""
    return codec().encode(link_id, share_id)


def decode(code: str) -> tuple[int, int] | None:
    """Return (link id, share id or 0), or None where ``code`` is not a code of ours."""
    return codec().decode(code)


def share_id(serial: int, channel_number: int) -> int:
    """Return the id of the share with this serial through this channel."""
    return serial * NUMBERS + channel_number


def channel_number(share_id: int) -> int:
    """Return the number of the channel a share went through; 0 for the link itself."""
    return share_id % NUMBERS
