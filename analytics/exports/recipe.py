"""What a file is made of: a report or a table, what is asked of it, and how it is written."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.exports.answers import report_lines, whole
from analytics.exports.cells import lines
from analytics.exports.dialects import DIALECTS, PLAIN, Dialect
from analytics.exports.parts import Key, Part
from analytics.exports.raw import TABLES
from analytics.reports.catalog import REPORTS
from analytics.reports.params import Params, text
from analytics.reports.question import Question
from shortener.access import User, sites_of

REPORT_PERMISSION = "analytics.view_dailycontent"
NAMES = (*TABLES, *REPORTS)


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str
    """Of a table or a report."""
    question: Question
    dialect: Dialect = PLAIN
    is_gzip: bool = False

    @classmethod
    def read(cls, name: str, params: Params, user: User) -> Self:
        """Read what somebody asks for.

        ``full=0`` leaves out the rows that few people are behind, also for those who may see
        them: for files that others get. Raises PermissionDenied where they may not have it, and
        ValidationError with a sentence for each parameter that is wrong.
        """
        if not may(user, name):
            raise PermissionDenied
        in_full = may_see_all(user) and text(params, "full") != "0"
        question = Question.from_params(params, sites_of(user), in_full=in_full)
        return cls(name, question, dialect(params), text(params, "gzip") == "1")

    @property
    def title(self) -> str | Promise:
        return title(self.name)

    @property
    def filename(self) -> str:
        asked = self.question
        suffix = ".csv.gz" if self.is_gzip else ".csv"
        return f"grapevine-{self.name}-{asked.site.key}-{asked.start}-{asked.end}{suffix}"

    @property
    def size(self) -> int:
        """About how many rows there are. Reports are never so long that it matters."""
        return TABLES[self.name].size(self.question) if self.name in TABLES else 0

    def start(self) -> bytes:
        """Return what stands before the rows of a table."""
        return self._packed(
            self.dialect.start + lines([TABLES[self.name].columns], self.dialect)
            if self.name in TABLES
            else self.dialect.start
        )

    def part(self, key: Key | None = None) -> tuple[bytes, Part]:
        """Return the rows that follow a key, as bytes of the file; a report's are all one part."""
        if self.name in TABLES:
            part = TABLES[self.name].part(self.question, self.dialect, key)
        else:
            parts = list(self._report())
            part = Part("".join(parts), sum(text.count("\r\n") for text in parts[1:]), None)
        return self._packed(part.text), part

    def stream(self) -> Iterator[bytes]:
        """Yield the whole file, a part at a time."""
        yield self.start()
        if self.name in TABLES:
            data, part = self.part()
            yield data
            while part.key is not None:
                data, part = self.part(part.key)
                yield data
        else:
            yield from map(self._packed, self._report())

    def response(self) -> StreamingHttpResponse:
        """Return the file to be downloaded."""
        return download(self.stream(), self.filename, is_gzip=self.is_gzip)

    def _report(self) -> Iterator[str]:
        answer = REPORTS[self.name].answer(whole(self.question))
        return report_lines(self.name, answer, self.dialect)

    def _packed(self, text: str) -> bytes:
        data = text.encode()
        # Files of gzip may be put together from several.
        return gzip.compress(data, 6, mtime=0) if self.is_gzip and data else data


def title(name: str) -> str | Promise:
    """Return what a table or a report is called."""
    return TABLES[name].title if name in TABLES else REPORTS[name].title


def may(user: User, name: str) -> bool:
    """Tell whether somebody may have the rows of a table or a report."""
    who: Any = user
    if name in TABLES:
        return bool(who.has_perm(TABLES[name].permission))
    return bool(who.has_perm(REPORT_PERMISSION)) and REPORTS[name].is_for(user)


def may_see_all(user: User) -> bool:
    """Tell whether somebody may see also the rows that few people are behind."""
    who: Any = user
    return bool(who.has_perm("analytics.view_hit"))


def dialect(params: Params) -> Dialect:
    """Read the dialect of a file. Raises ValidationError."""
    name = text(params, "dialect") or PLAIN.name
    if name not in DIALECTS:
        known = ", ".join(DIALECTS)
        raise ValidationError(
            {
                "dialect": _("“%(value)s” is not known. Say one of these: %(words)s.")
                % {"value": name[:40], "words": known}
            }
        )
    return DIALECTS[name]


def download(
    content: Iterable[bytes], filename: str, *, is_gzip: bool = False
) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        content,
        content_type="application/gzip" if is_gzip else "text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
