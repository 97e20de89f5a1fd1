"""The link that a line describes, checked by the rules of links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from shortener import destinations
from shortener.imports.models import Import
from shortener.imports.reading import Line
from shortener.models import Campaign, Link
from shortener.pages import MAX_URL, one_line
from shortener.slugs import validate_slug

CHECKED = frozenset({"destination", "title", "slug", "tags"})
UNCHECKED = {f.name for f in Link._meta.fields} - CHECKED
YES = frozenset({"yes", "true", "1", "on", "y", "active", "live"})
NO = frozenset({"no", "false", "0", "off", "n", "inactive"})
DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
TAG = re.compile(r"[&;,\s]+")
MAX_NOTE = 1000


class LineError(Exception):
    """What is wrong with a line, and in which column."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


class Draft(NamedTuple):
    number: int
    link: Link | None
    """None where the line cannot become one."""
    note: str


class Maker:
    """Makes drafts of the lines of an import; what all of them need is fetched once."""

    def __init__(self, source: Import, *, anywhere: bool) -> None:
        self.source = source
        self.anywhere = anywhere
        self.site = source.site
        self.zone = ZoneInfo(self.site.time_zone)
        # Where two have the same name, the first of them is meant; no two have the same slug.
        campaigns = self.site.campaigns.order_by("-pk")
        self.campaigns = {each.name.casefold(): each for each in campaigns}
        self.campaigns |= {each.slug.casefold(): each for each in campaigns}

    def draft(self, line: Line) -> Draft:
        """Return the link that a line describes, or a sentence that says why it is none."""
        slug, note = self._slug(line.values.get("slug", ""))
        try:
            link = self._link(line.values, slug)
            link.clean_fields(exclude=UNCHECKED)
            link.check_destinations(anywhere=self.anywhere)
        except LineError as error:
            return Draft(line.number, None, self.sentence(line.number, error.field, str(error)))
        except ValidationError as error:
            [(field, sentences), *_rest] = error.message_dict.items()
            return Draft(line.number, None, self.sentence(line.number, field, sentences[0]))
        return Draft(line.number, link, note)

    def sentence(self, number: int, field: str, problem: str) -> str:
        column = self.source.columns.get(field) or (
            self._utm_columns() if field == "tags" else field
        )
        sentence = _("Line %(line)s, column “%(column)s”: %(problem)s") % {
            "line": number,
            "column": column[:60],
            "problem": problem,
        }
        return sentence[:MAX_NOTE]

    def _utm_columns(self) -> str:
        headings = self.source.columns.items()
        return ", ".join(heading for field, heading in headings if field.startswith("utm_"))

    def without_slug(self, reason: str) -> str:
        """Say that the name that another tool gave a link is not its slug here."""
        return (_("Gets a new short link. %(reason)s") % {"reason": reason})[:MAX_NOTE]

    def _slug(self, text: str) -> tuple[str | None, str]:
        slug = text.rstrip("/").rpartition("/")[2]
        if slug and self.source.tool:
            try:
                validate_slug(slug)
            except ValidationError as error:
                return None, self.without_slug(" ".join(error.messages))
        return slug or None, ""

    def _link(self, values: Mapping[str, str], slug: str | None) -> Link:
        destination = values.get("destination", "")
        if not destination:
            raise LineError("destination", _("It is empty, so the link would lead nowhere."))
        link = Link(
            site=self.site,
            campaign=self._campaign(values.get("campaign", "")),
            destination=destination,
            title=title(values.get("title", ""), destination),
            slug=slug,
            tags=tags(values),
            active=_truth(values, "active", default=True)
            and not _truth(values, "banned", default=False),
            expires=self._expires(values.get("expires", "")),
            created_by_id=self.source.made_by_id,
        )
        try:
            page = destinations.page_key(destination, without=self.site.tag_parameter)
        except ValueError:
            page = ""  # The destination is about to be refused.
        link.page = page[:MAX_URL]
        return link

    def _campaign(self, name: str) -> Campaign | None:
        if not name:
            return None
        if campaign := self.campaigns.get(name.casefold()):
            return campaign
        sentence = _("The site has no campaign “%(name)s”.")
        raise LineError("campaign", sentence % {"name": name[:60]})

    def _expires(self, text: str) -> datetime | None:
        try:
            moment = self._moment(text)
        except (ValueError, OverflowError):
            moment = None
        if text and moment is None:
            sentence = _("“%(text)s” is not a day such as 2026-12-31, or a moment of one.")
            raise LineError("expires", sentence % {"text": text[:60]})
        return moment

    def _moment(self, text: str) -> datetime | None:
        """Read a moment, or a day, whose end is meant; both in the site's time zone."""
        german = DAY.fullmatch(text)
        text = f"{german[3]}-{german[2]:0>2}-{german[1]:0>2}" if german else text
        if day := parse_date(text):
            return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)
        moment = parse_datetime(text)
        return moment and (moment if moment.tzinfo else moment.replace(tzinfo=self.zone))


def title(text: str, destination: str) -> str:
    """Return the title of a link; without one, it is called after where it leads."""
    try:
        parts = urlsplit(destination)
        place = unquote(parts.path).strip("/") or parts.netloc
    except ValueError:
        place = ""
    return one_line(text) or one_line(place) or one_line(destination)


def tags(values: Mapping[str, str]) -> dict[str, str]:
    """Read attribution tags: name=value one after another, and columns called utm_…"""
    found = {}
    for part in filter(None, TAG.split(values.get("tags", ""))):
        name, equals, text = part.partition("=")
        if not (name and equals and text):
            sentence = _("“%(part)s” is not of the form name=value.")
            raise LineError("tags", sentence % {"part": part[:60]})
        found[name] = text
    return found | {name: text for name, text in values.items() if name.startswith("utm_")}


def truth(text: str) -> bool | None:
    """Read a yes or a no; None where it is neither."""
    word = text.casefold()
    return True if word in YES else False if word in NO else None


def _truth(values: Mapping[str, str], field: str, *, default: bool) -> bool:
    text = values.get(field, "")
    if not text:
        return default
    if (value := truth(text)) is None:
        sentence = _("“%(text)s” is neither yes nor no.")
        raise LineError(field, sentence % {"text": text[:60]})
    return value
