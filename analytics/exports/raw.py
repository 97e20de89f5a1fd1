"""Every table of raw rows, by its name."""

from __future__ import annotations

from analytics.exports.hits import HITS
from analytics.exports.links import LINKS
from analytics.exports.shares import SHARES
from analytics.exports.visits import CONVERSIONS, VISITS

TABLES = {
    "hits": HITS,
    "shares": SHARES,
    "links": LINKS,
    "visits": VISITS,
    "conversions": CONVERSIONS,
}
