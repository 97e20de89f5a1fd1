"""Links made from a list: what is to become of each line is told before anything is made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID

import orjson
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shortener import destinations
from shortener.access import User, links_of
from shortener.answered import IdempotentAnswer
from shortener.catalog import link_entry, site_entry
from shortener.channels import DIRECT
from shortener.known_pages import known_links, page_of
from shortener.models import Campaign, Link, Site
from shortener.pages import MAX_URL, one_line
from shortener.versions import CatalogVersion

MAX_LINES = 1_000
WITH_TITLE = re.compile(r"([^,\s]+),(\s.*|\S*\s.*|[^\W\d_][\w-]*)")
"""An address, a comma and a title. Addresses may hold commas, but no blanks: ``/news,12.html``."""
EXTENSION = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
WORD_GAPS = re.compile(r"[\s_+-]+")


class Fate(models.TextChoices):
    """What becomes of a line."""

    MADE = "made", gettext_lazy("Will be made")
    DUPLICATE = "duplicate", gettext_lazy("Exists already")
    REPEATED = "repeated", gettext_lazy("Twice in the list")
    NO_ADDRESS = "no-address", gettext_lazy("Not an address")
    FOREIGN = "foreign", gettext_lazy("Host not allowed")


class Line(NamedTuple):
    """A line of the list, with its number in it."""

    number: int
    address: str
    title: str


class Wish(NamedTuple):
    """What is asked for: lines, and what the links made of them have in common."""

    lines: list[Line]
    site: Site
    campaign: Campaign | None
    tags: dict[str, str]
    anywhere: bool
    """Whether hosts outside the site are allowed."""

    @property
    def digest(self) -> str:
        campaign = self.campaign.pk if self.campaign else 0
        return _digest([self.lines, self.site.pk, campaign, sorted(self.tags.items())])


class Verdict(NamedTuple):
    """The fate of a line, and its reason in a sentence."""

    line: Line
    fate: Fate
    why: str = ""
    link: Link | None = None
    """The link as it will be made, or the one that exists already."""
    leads_to: str = ""
    """Where visitors of the short link will arrive, tags and all."""


def read_lines(text: str) -> list[Line]:
    """Return the lines that hold anything: an address, and behind a tab or comma a title."""
    lines = enumerate(text.splitlines(), 1)
    return [_read(number, line.strip()) for number, line in lines if line.strip()]


def _read(number: int, line: str) -> Line:
    address, tab, title = line.partition("\t")
    if not tab and (parts := WITH_TITLE.fullmatch(line)):
        address, title = parts.groups()
    address = address.strip()
    return Line(number, address, one_line(title) or title_of(address))


def title_of(address: str) -> str:
    """Return a title made of the last part of an address that has words in it.

    >>> title_of("https://example.com/news/figs-are-early.html?id=7")
    'Figs are early'
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return one_line(address)
    for part in reversed(parts.path.split("/")):
        words = WORD_GAPS.sub(" ", EXTENSION.sub("", unquote(part)))
        title = one_line(words)
        if any(letter.isalpha() for letter in title):
            return title[:1].upper() + title[1:]
    return one_line(host.removeprefix("www.") or address)


def judge(wish: Wish) -> list[Verdict]:
    """Return the fate of each line, in their order."""
    pages = {line.number: page_of(wish.site, line.address) for line in wish.lines}
    known = known_links(wish.site, set(pages.values()))
    first: dict[str, int] = {}
    verdicts = []
    for line in wish.lines:
        page = pages[line.number]
        verdict = _judge(wish, line, page, known.get(page), first.get(page))
        if verdict.fate is Fate.MADE:
            first[page] = line.number
        verdicts.append(verdict)
    return verdicts


def _judge(wish: Wish, line: Line, page: str, known: Link | None, first: int | None) -> Verdict:
    own = wish.site.own_hosts
    if len(line.address) > MAX_URL:
        sentence = _("The address has more than %(number)s characters.") % {"number": MAX_URL}
        return Verdict(line, Fate.NO_ADDRESS, sentence)
    if why := destinations.problem(line.address, own_hosts=own, allowed_hosts=None):
        return Verdict(line, Fate.NO_ADDRESS, why)
    allowed = None if wish.anywhere else wish.site.hosts
    if why := destinations.problem(line.address, own_hosts=own, allowed_hosts=allowed):
        return Verdict(line, Fate.FOREIGN, why)
    if first is not None:
        sentence = _("The same page as in line %(number)s.") % {"number": first}
        return Verdict(line, Fate.REPEATED, sentence)
    if known is not None:
        sentence = _("A link of this site leads to the same page.")
        return Verdict(line, Fate.DUPLICATE, sentence, known)
    link = Link(
        site=wish.site,
        campaign=wish.campaign,
        destination=line.address,
        page=page,
        title=line.title,
        tags=wish.tags,
    )
    return Verdict(line, Fate.MADE, link=link, leads_to=leads_to(link))


def leads_to(link: Link) -> str:
    """Return where the short link itself leads, with the tags of site, campaign and link."""
    return link_entry(link, site_entry(link.site)).location(DIRECT.number, "") or ""


def draft_digest(wish: Wish, verdicts: Iterable[Verdict]) -> str:
    """Return what tells drafts apart: what was asked for, and what is to become of it."""
    return _digest([wish.digest, [verdict.fate.value for verdict in verdicts]])


def _digest(content: Any) -> str:
    return hashlib.sha256(orjson.dumps(content, default=list)).hexdigest()


@transaction.atomic
def make_once(wish: Wish, *, by: int, token: UUID, drafted: str, note: str) -> bool:
    """Make the links of a draft, unless that was done under this token; say whether all is well.

    False: the draft is no longer what would be made now, and nothing was. A draft that is sent
    a second time, at the same moment even, makes nothing more.
    """
    # Two drafts that cross must not make two links to a page.
    CatalogVersion.hold()
    answer = IdempotentAnswer.objects.filter(user=by, key=answer_key(token)).first()
    if answer is not None:
        return answer.digest == wish.digest
    verdicts = judge(wish)
    links = [verdict.link for verdict in verdicts if verdict.link and verdict.fate is Fate.MADE]
    if draft_digest(wish, verdicts) != drafted or not links:
        return False
    for link in links:
        link.created_by_id = by
    made = Link.objects.bulk_create(links)
    LogEntry.objects.log_actions(by, made, ADDITION, note)
    body = orjson.dumps([link.pk for link in made]).decode()
    IdempotentAnswer.objects.create(
        user_id=by, key=answer_key(token), digest=wish.digest, status=201, body=body
    )
    return True


def made_under(token: UUID, user: User) -> list[Link]:
    """Return the links that a user made under a token within the last day, in their order."""
    answer = IdempotentAnswer.objects.filter(user=user.pk, key=answer_key(token)).first()
    ids = orjson.loads(answer.body) if answer else []
    return list(links_of(user).filter(pk__in=ids).select_related("site").order_by("pk"))


def answer_key(token: UUID) -> str:
    """Return the key under which an answer is kept. None of the API's holds such a sign."""
    return f"links→{token}"
