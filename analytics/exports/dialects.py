"""The dialects of CSV: what the spreadsheet of a country expects, as data."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shortener.spreadsheets import BOM


class Dialect(NamedTuple):
    name: str
    label: str | Promise
    delimiter: str
    decimal: str
    start: str
    """What stands before the first line."""


PLAIN = Dialect("plain", _("CSV"), ",", ".", "")
EXCEL = Dialect("excel", _("CSV for Excel"), ",", ".", BOM)
# Where numbers have a decimal comma, Excel splits lines at semicolons, and takes 3.14 for a date.
EXCEL_SEMICOLON = Dialect(
    "excel-semicolon", _("CSV for Excel where numbers have a decimal comma"), ";", ",", BOM
)

DIALECTS = {dialect.name: dialect for dialect in (PLAIN, EXCEL, EXCEL_SEMICOLON)}
