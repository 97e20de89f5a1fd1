"""Who a visitor is, without knowing who it is: daily hashes that cannot be undone.

``HMAC-SHA256(day salt, link | address | user agent)[:8]``, with IPv6 addresses cut to their
/64. One random salt per UTC day, deleted after 48 hours and never derived from another
secret: from then on nobody can tell which address a hash came from. The link is part of
it, so that nobody can be followed from link to link. The address itself is never stored.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from django.db import models

from shortener.countries import country_of

DAY_SECONDS = 86_400
SALT_LIFETIME_DAYS = 2
BLOCK_BYTES = 64  # of SHA-256, RFC 2104


class DaySalt(models.Model):
    """The secret of one UTC day's visitor hashes; deleted after 48 hours."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.day)


class Sha256(Protocol):
    """A running SHA-256."""

    def copy(self) -> Any: ...


def keyed(salt: bytes) -> tuple[Sha256, Sha256]:
    """Return the inner and outer hash of HMAC-SHA256 with the key already read in.

    Copying these two costs less than half of ``hmac.digest``, which sets them up anew.
    """
    key = salt.ljust(BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))
    return inner, outer


class Salts:
    """The salts of today and tomorrow, in memory; ``refresh`` keeps them so."""

    def __init__(self) -> None:
        self._keyed: dict[int, tuple[Sha256, Sha256]] = {}

    def visitor(self, seconds: float, link_id: int, network: str, user_agent: str) -> int | None:
        """Return the visitor's hash as a signed 64-bit number.

        None where there is no salt of that day yet, because the database was away since
        the process started: the click then counts without a visitor.
        """
        pair = self._keyed.get(int(seconds) // DAY_SECONDS)
        if pair is None:
            return None
        inner, outer = pair[0].copy(), pair[1].copy()
        inner.update(f"{link_id}|{network}|{user_agent}".encode())
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big", signed=True)

    def name(self, seconds: float, network: str) -> str | None:
        """Return a name for a network that tells nobody which one it is; None without a salt."""
        number = self.visitor(seconds, 0, network, "")
        return None if number is None else f"visitor-{number}"

    def refresh(self, now: datetime) -> None:
        """Load the salts of today and tomorrow, making those that are missing."""
        today = now.date()
        days = {day: (day - date(1970, 1, 1)).days for day in (today, today + timedelta(days=1))}
        if set(days.values()) == set(self._keyed):
            return
        self._keyed = {number: keyed(day_salt(day)) for day, number in days.items()}

    def recall(self, day: date) -> bool:
        """Load the salt of one day in the place of the others; False where there is none."""
        row = DaySalt.objects.filter(day=day).first()
        if row is None:
            return False
        self._keyed = {(day - date(1970, 1, 1)).days: keyed(bytes(row.salt))}
        return True


def day_salt(day: date) -> bytes:
    """Return the day's salt; the first to ask makes it."""
    row, _ = DaySalt.objects.get_or_create(day=day, defaults={"salt": secrets.token_bytes(32)})
    return bytes(row.salt)


def forget_salts(now: datetime | None = None) -> int:
    """Delete the salts that are older than 48 hours; return how many there were."""
    today = (now or datetime.now(UTC)).date()
    deleted, _ = DaySalt.objects.filter(
        day__lt=today - timedelta(days=SALT_LIFETIME_DAYS - 1)
    ).delete()
    return deleted


@lru_cache(maxsize=4096)
def locate(address: str) -> tuple[str, str]:
    """Return the network that a visitor hash is made of, and the country of an address.

    Both are empty where the address cannot be read. The country is the one that the address
    is assigned to or that the operator's database names, not where the person is.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "", ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return locate(str(ip.ipv4_mapped))
        network = str(ipaddress.IPv6Network((ip, 64), strict=False).network_address)
    else:
        network = str(ip)
    return network, country_of(address)


def client_address(environ: dict[str, Any], trusted_proxies: int) -> str:
    """Return the address a request came from, as far as the trusted proxies tell.

    Each proxy appends the address it was called from to ``X-Forwarded-For``, so with n
    proxies the n-th entry from the right is the first that nobody outside can forge. Where
    the header is shorter than that, the request did not pass through all of them.
    """
    if trusted_proxies:
        entries = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(entries) >= trusted_proxies and (entry := entries[-trusted_proxies].strip()):
            return str(entry)
    return str(environ.get("REMOTE_ADDR", ""))
