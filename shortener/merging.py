"""Making pages part of a link, and on their own again.

The buttons of a merged page hand out the codes of its link, and reports count it there. The
codes that the page handed out before go on leading to the page.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shortener.models import Link
from shortener.versions import CatalogVersion


class MergeError(Exception):
    """Why pages cannot be merged, as a sentence."""


def merge(pages: Collection[int], into: int) -> tuple[Link, list[Link]]:
    """Make the pages part of a link; return that link, and what became part of it.

    Nothing is ever merged into what is merged itself: where the link is part of another,
    that one takes the pages, and whatever was part of the pages comes along. So no chain and
    no circle can come about. Raises MergeError.
    """
    with transaction.atomic():
        # Two merges that cross must not make a circle.
        CatalogVersion.hold()
        chosen = Link.objects.select_related("merged_into").get(pk=into)
        target = chosen.merged_into or chosen
        merged = list(Link.objects.filter(pk__in=set(pages) - {target.pk}))
        _check(chosen, target, merged)
        ids = [link.pk for link in merged]
        Link.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids)).update(merged_into=target)
    return target, merged


def _check(chosen: Link, target: Link, merged: list[Link]) -> None:
    if not merged and target != chosen:
        raise MergeError(
            _("“%(link)s” is part of “%(target)s”, which cannot become part of it.")
            % {"link": chosen, "target": target}
        )
    if not merged:
        raise MergeError(_("“%(link)s” cannot become part of itself.") % {"link": target})
    if not target.is_live:
        raise MergeError(
            _("“%(link)s” is not live: its codes would lead nowhere.") % {"link": target}
        )
    for link in merged:
        if link.site_id != target.site_id:
            raise MergeError(
                _("“%(link)s” is a page of another site than “%(target)s”.")
                % {"link": link, "target": target}
            )
        if not link.active:
            raise MergeError(_("“%(link)s” is refused. Accept it again first.") % {"link": link})
