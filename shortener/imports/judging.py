"""What becomes of a line: a link, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from django.utils.translation import gettext as _

from shortener.imports.drafts import Draft, Maker
from shortener.imports.models import Fate, Import, ImportLine
from shortener.models import Link


class Verdict(NamedTuple):
    fate: Fate
    note: str = ""


@dataclass
class Known:
    """The links that are there already, of those that lines could be compared with."""

    slugs: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Site and destination, by slug."""
    destinations: set[str] = field(default_factory=set)
    """Digests of where the site's links lead, without those that pages made by themselves."""

    def add(self, link: Link) -> None:
        self.destinations.add(digest(link.destination))
        if link.slug:
            self.slugs[link.slug] = (link.site_id, link.destination)


def digest(destination: str) -> str:
    return blake2b(destination.encode(), digest_size=8).hexdigest()


def judge(drafts: Sequence[Draft], maker: Maker, known: Known) -> list[Verdict]:
    """Return what becomes of each line; later ones know of the earlier."""
    return [_judge(draft, maker, known) for draft in drafts]


def _judge(draft: Draft, maker: Maker, known: Known) -> Verdict:
    link, note = draft.link, draft.note
    if link is None:
        return Verdict(Fate.ERROR, note)
    if link.slug and (there := known.slugs.get(link.slug)):
        if there == (link.site_id, link.destination):
            sentence = _("A link with this slug and this destination is there already.")
            return Verdict(Fate.DUPLICATE, sentence)
        taken = _("“%(slug)s” is the slug of another link.") % {"slug": link.slug}
        if not maker.source.tool:
            return Verdict(Fate.ERROR, maker.sentence(draft.number, "slug", taken))
        note, link.slug = maker.without_slug(taken), None
    if not link.slug and digest(link.destination) in known.destinations:
        return Verdict(Fate.DUPLICATE, _("A link to this destination is there already."))
    known.add(link)
    return Verdict(Fate.READY, note)


def known_links(source: Import, drafts: Iterable[Draft]) -> Known:
    """Return which links are there that the drafts could be the same as."""
    links = [draft.link for draft in drafts if draft.link]
    known = Known()
    for link in Link.objects.filter(slug__in={link.slug for link in links if link.slug}):
        known.slugs[link.slug] = (link.site_id, link.destination)
    made = Link.objects.filter(
        site=source.site_id,
        page__in={link.page for link in links},
        active=True,
        registered=False,
    )
    known.destinations = {digest(url) for url in made.values_list("destination", flat=True)}
    return known


def known_lines(source: Import, drafts: Iterable[Draft], known: Known) -> None:
    """Add the earlier lines of the same file, which are not links yet."""
    links = [draft.link for draft in drafts if draft.link]
    earlier = ImportLine.objects.filter(source=source, fate=Fate.READY)
    slugs = {link.slug for link in links if link.slug}
    for slug, values in earlier.filter(slug__in=slugs).values_list("slug", "values"):
        known.slugs.setdefault(slug, (source.site_id, values["destination"]))
    digests = {digest(link.destination) for link in links}
    known.destinations.update(earlier.filter(digest__in=digests).values_list("digest", flat=True))
