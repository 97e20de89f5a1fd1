"""Who was passed on from whom.

A press may claim the share through which its visitor came. The claim stands where both
shares are real, of the same site, and the one it names began first: so nobody's claims ever
go round in a circle, whatever they are. Facts come in any order: any of this may turn out
late, and then moves all that was passed on since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from analytics.models import Outcome, Share
from analytics.tables import ids

WINDOW = timedelta(days=7)
"""For how long after a share's start others count for its K-factor. Without an end, the
shares of last week would always look worse than older ones."""
DEEPEST = 32_767
"""The last generation that its column holds: those beyond are counted as this one."""


class Lineage(NamedTuple):
    """What the columns of these names of an ``Outcome`` are to be.

    ``start`` is among them since it is what the children within the window go by. Facts may
    have come in between: an outcome with any later word on it would hide that it changed.
    """

    start: datetime
    parent: int | None
    root: int
    generation: int
    children: int
    prompt_children: int


class Claim(NamedTuple):
    """What a share's facts say."""

    site: int
    parent: int | None
    created: datetime
    start: datetime
    real: bool


def resolve(shares: Collection[int]) -> dict[int, Lineage]:
    """Return the lineage of those of the shares that are real, and of all others whose
    lineage changes with them.

    Whether one of the others is real, and when it started, is for its last outcome to say,
    whatever its facts say by now: those are settled later.
    """
    family = read(frozenset(shares))
    places = family.places()
    children, prompt = family.children()
    found = {}
    for share in (family.touched & family.starts.keys()) | places.keys() | children.keys():
        before = family.lineage(share)
        if share not in family.moved:
            children[share] += before.children
            prompt[share] += before.prompt_children
        place = places.get(share, (before.root, before.generation))
        start, parent = family.starts.get(share, before.start), family.parent(share)
        after = Lineage(start, parent, *place, children[share], prompt[share])
        if share in family.touched or after != before:
            found[share] = after
    return found


@dataclass
class Family:
    """Shares whose facts have changed, and the others that this concerns."""

    touched: frozenset[int]
    claims: dict[int, Claim]
    settled: dict[int, Lineage]
    starts: dict[int, datetime]
    """When each of the real ones started."""
    moved: set[int]
    """Touched shares whose children are all judged anew."""
    judged: set[int]
    """Shares whose parent is worked out anew: unless it is what they claim, and neither of
    the two has moved."""
    parents: dict[int, int | None]
    """What it is, of the real ones of these."""

    def lineage(self, share: int) -> Lineage:
        """Return the lineage that a share had."""
        if share in self.settled:
            return self.settled[share]
        return Lineage(self.starts[share], None, share, 0, 0, 0)

    def parent(self, share: int) -> int | None:
        """Return the parent that a real share has now."""
        return self.parents[share] if share in self.parents else self.lineage(share).parent

    def children(self) -> tuple[Counter[int], Counter[int]]:
        """Return by how many the children of shares change, and those within the window;
        for moved shares, how many there are."""
        children: Counter[int] = Counter()
        prompt: Counter[int] = Counter()
        for share in self.judged & self.settled.keys():
            parent = self.lineage(share).parent
            if parent and parent not in self.moved:
                children[parent] -= 1
                prompt[parent] -= is_prompt(self.settled[share].start, self.settled[parent].start)
        for share, parent in self.parents.items():
            if parent:
                children[parent] += 1
                prompt[parent] += is_prompt(self.starts[share], self.starts[parent])
        return children, prompt

    def places(self) -> dict[int, tuple[int, int]]:
        """Return the root and the generation of shares with another parent than before, and
        of all that was passed on since."""
        strays = {
            share
            for share, parent in self.parents.items()
            if share not in self.settled or parent != self.lineage(share).parent
        }
        strays = self._with_descendants(strays)
        places: dict[int, tuple[int, int]] = {}
        for share in strays:
            way = []
            above: int | None = share
            while above in strays and above not in places:
                way.append(above)
                above = self.parent(above)
            if above is None:
                root, generation = way[-1], -1
            else:
                had = self.lineage(above)
                root, generation = places.get(above, (had.root, had.generation))
            for step in reversed(way):
                generation = min(generation + 1, DEEPEST)
                places[step] = root, generation
        return places

    def _with_descendants(self, shares: set[int]) -> set[int]:
        """Read what was passed on from shares, one generation after the other."""
        ended = self.judged - self.parents.keys()
        found = level = shares
        while level := {share for share in level if self.lineage(share).children}:
            below = read_settled(level, by="parent")
            self.settled |= below
            level = below.keys() - found - ended
            self._drop_impossible(level)
            found = found | level
        return found

    def _drop_impossible(self, shares: set[int]) -> None:
        """Take the parent from shares that by now are known to have begun before it.

        They will be touched, and judged, later. Until then, they would let a share be passed
        on from one that was passed on from it.
        """
        self.claims |= read_claims(shares - self.claims.keys())
        for share in shares - self.judged:
            parent = self.lineage(share).parent
            if parent and not began_first(self.claims, parent, share):
                self.judged.add(share)
                self.parents[share] = None


def read(touched: frozenset[int]) -> Family:
    """Read what concerns the shares, in as many queries for many as for few."""
    claims, settled = read_claims(touched), read_settled(touched)
    moved = {share for share in claims if has_moved(claims[share], settled.get(share))}
    claims = read_claims(moved, by="parent") | claims
    settled |= read_settled(moved, by="parent")
    claims |= read_claims(settled.keys() - claims.keys())
    judged = {
        share
        for share, claim in claims.items()
        if share in moved
        or claim.parent in moved
        or share not in settled
        or claim.parent != settled[share].parent
    }
    claimed = {parent for share in judged if (parent := claims[share].parent)}
    claims |= read_claims(claimed - claims.keys())
    settled |= read_settled(claims.keys() - settled.keys() - touched)
    had = [settled[share].parent for share in judged & settled.keys()]
    settled |= read_settled({parent for parent in had if parent} - settled.keys())
    starts = {share: settled[share].start for share in settled.keys() - touched}
    starts |= {s: claims[s].start for s in claims.keys() & touched if claims[s].real}
    parents = {share: accepted(share, claims, starts.keys()) for share in judged & starts.keys()}
    return Family(touched, claims, settled, starts, moved, judged, parents)


def has_moved(claim: Claim, before: Lineage | None) -> bool:
    """Tell whether a share became real or ceased to be, or began or started at another time.

    When it began is not among what was settled. But no share starts before it began: if it
    begins now before it had started, that may be new; otherwise it is not.
    """
    if not claim.real or before is None:
        return claim.real != (before is not None)
    return claim.start != before.start or claim.created < before.start


def accepted(share: int, claims: Mapping[int, Claim], real: Collection[int]) -> int | None:
    """Return the parent that a share claims, if that can be."""
    parent = claims[share].parent
    if parent is None or parent not in real or claims[parent].site != claims[share].site:
        return None
    return parent if began_first(claims, parent, share) else None


def began_first(claims: Mapping[int, Claim], share: int, other: int) -> bool:
    """Tell whether a share began before another one."""
    return (claims[share].created, share) < (claims[other].created, other)


def is_prompt(start: datetime, parent_start: datetime) -> bool:
    """Tell whether a share counts for the K-factor of its parent."""
    return start - parent_start <= WINDOW


def read_claims(shares: Collection[int], *, by: str = "pk") -> dict[int, Claim]:
    """Return what is told of the shares, or by "parent", of those that claim them."""
    if not shares:
        return {}
    found = {}
    rows = Share.objects.filter(**{f"{by}__in": ids(shares)}).values_list(
        *("pk", "link__site", "parent", "created", "pressed", "flag"),
        *("previews", "clicks", "visits"),
    )
    for share, site, parent, created, pressed, flag, *uses in rows:
        real = not flag and (pressed is not None or any(uses))
        found[share] = Claim(site, parent, created, pressed or created, real)
    return found


def read_settled(shares: Collection[int], *, by: str = "pk") -> dict[int, Lineage]:
    """Return what was found for the shares, or by "parent", for those passed on from them."""
    if not shares:
        return {}
    found = {}
    rows = Outcome.objects.filter(**{f"{by}__in": ids(shares)})
    for share, *lineage in rows.values_list("pk", *Lineage._fields):
        found[share] = Lineage(*lineage)
    return found
