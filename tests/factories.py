"""Rows for tests, three lines each."""

from __future__ import annotations

from itertools import count
from typing import Any

from shortener.models import Campaign, Link, Site

_numbers = count(1)


def make_site(**values: Any) -> Site:
    number = next(_numbers)
    defaults = {"name": f"Site {number}", "key": f"site-{number}"}
    return Site.objects.create(**{**defaults, "hosts": ["example.com", ".example.org"], **values})


def make_campaign(**values: Any) -> Campaign:
    number = next(_numbers)
    values.setdefault("site", None)
    site = values.pop("site") or make_site()
    return Campaign.objects.create(
        **{"site": site, "name": f"Campaign {number}", "slug": f"campaign-{number}", **values}
    )


def make_link(**values: Any) -> Link:
    values.setdefault("site", None)
    site = values.pop("site") or make_site()
    defaults = {"destination": "https://example.com/article", "title": "An article"}
    return Link.objects.create(**{**defaults, "site": site, **values})
