"""Reading and making: some lines at a time, each time in one transaction.

How far an import has come is stored in the same transaction as what was done. So a worker that
is killed leaves nothing half done, whoever goes on begins where it was, and where two are at it,
the second finds the position changed and does nothing.
"""

from __future__ import annotations

from itertools import islice

from django.db import transaction
from django.utils import translation

from shortener.imports import reading
from shortener.imports.drafts import Draft, Maker
from shortener.imports.formats import BY_TOOL
from shortener.imports.judging import Verdict, digest, judge, known_lines, known_links
from shortener.imports.models import Fate, Import, ImportLine, State
from shortener.imports.reading import Line
from shortener.models import Link
from shortener.versions import CatalogVersion

READ_AT_ONCE = 2_500
"""Each time, the file is parsed from its start."""
MADE_AT_ONCE = 250
"""Until it is done, no other link can be changed."""


def held(seen: Import) -> Import | None:
    """Lock an import in this transaction; None where somebody was there first, or cancelled."""
    found = Import.objects.select_for_update().get(pk=seen.pk)
    is_same = (found.state, found.position) == (seen.state, seen.position)
    return found if is_same else None


def maker_of(source: Import) -> Maker:
    who = source.made_by
    return Maker(source, anywhere=bool(who and who.has_perm("shortener.link_anywhere")))


def read_some(seen: Import) -> None:
    """Read some lines of the file and say what would become of them."""
    # Slow, so it is done before anything is locked.
    with seen.file.open() as file:
        behind = reading.lines(file.read(), BY_TOOL[seen.tool], after=seen.position)
        lines = list(islice(behind, READ_AT_ONCE))
    with translation.override(seen.language), transaction.atomic():
        source = held(seen)
        if source is None:
            return
        maker = maker_of(source)
        drafts = [maker.draft(line) for line in lines]
        known = known_links(source, drafts)
        known_lines(source, drafts, known)
        verdicts = judge(drafts, maker, known)
        ImportLine.objects.bulk_create(
            map(_line, [source] * len(lines), lines, drafts, verdicts), batch_size=1_000
        )
        source.position = lines[-1].number if lines else source.last
        if source.position >= source.last:
            source.state, source.position = State.READ, 0
        source.count()
        source.save()


def make_some(seen: Import) -> list[ImportLine]:
    """Make links of some lines; return those that became one.

    They are judged anew: since they were read, others may have made the same links.
    """
    with translation.override(seen.language), transaction.atomic():
        version = CatalogVersion.take()
        source = held(seen)
        if source is None:
            return []
        ahead = source.lines.filter(fate=Fate.READY, number__gt=source.position)
        lines = list(ahead.order_by("number")[:MADE_AT_ONCE])
        maker = maker_of(source)
        drafts = [maker.draft(Line(line.number, line.values)) for line in lines]
        verdicts = judge(drafts, maker, known_links(source, drafts))
        made = _make(lines, drafts, verdicts, version)
        source.position = lines[-1].number if lines else source.last
        if len(lines) < MADE_AT_ONCE:
            source.state = State.DONE
        source.count()
        source.save()
    return made


def _make(
    lines: list[ImportLine], drafts: list[Draft], verdicts: list[Verdict], version: int
) -> list[ImportLine]:
    made = []
    for line, draft, verdict in zip(lines, drafts, verdicts, strict=True):
        line.fate, line.note = verdict
        if verdict.fate == Fate.READY and draft.link:
            draft.link.version = version
            line.fate = Fate.MADE
            made.append((line, draft.link))
    Link.objects.bulk_create(link for _line, link in made)
    for line, link in made:
        line.link = link
    ImportLine.objects.bulk_update(lines, ["fate", "note", "link"], batch_size=200)
    return [line for line, _link in made]


def _line(source: Import, line: Line, draft: Draft, verdict: Verdict) -> ImportLine:
    link = draft.link
    return ImportLine(
        source=source,
        number=line.number,
        values=line.values,
        slug=(link and link.slug) or "",
        digest=digest(link.destination) if link else "",
        fate=verdict.fate,
        note=verdict.note,
    )
