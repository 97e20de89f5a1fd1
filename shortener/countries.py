"""The country of an address.

It comes from the registries that assign addresses, whose lists ``iptocc`` brings along, or
from the operator's own database where the settings name one.
"""

from __future__ import annotations

from functools import cache

import maxminddb
from django.conf import settings
from iptocc import country_code


def country_of(address: str) -> str:
    """Return the two letters of the country of a valid IP address; empty where unknown."""
    reader = database()
    if reader is None:
        return country_code(address) or ""
    try:
        return country_in(reader.get(address))
    except (ValueError, maxminddb.InvalidDatabaseError):
        # An IPv6 address where there are only others, or a damaged file: no reason to fail
        # a redirect.
        return ""


@cache
def database() -> maxminddb.Reader | None:
    """Return the operator's database, opened once a process."""
    path = settings.COUNTRY_DATABASE
    return maxminddb.open_database(path) if path else None


def country_in(record: object) -> str:
    """Return the country that a record names.

    MaxMind and DB-IP write ``{"country": {"iso_code": "DE"}}``, others ``{"country": "DE"}``
    or ``{"country_code": "DE"}``.
    """
    if not isinstance(record, dict):
        return ""
    country = record.get("country_code") or record.get("country")
    if isinstance(country, dict):
        country = country.get("iso_code")
    if not isinstance(country, str) or len(country) != 2 or not country.isascii():
        return ""
    return country.upper() if country.isalpha() else ""
