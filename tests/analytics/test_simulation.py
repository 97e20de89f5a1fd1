"""The simulated world: always the same, and counted for what it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analytics import settle
from analytics.management.commands import simulate
from analytics.models import DailyContent, Outcome, Quarantine, Share
from analytics.simulation import counted, product, truth, verdict
from analytics.simulation.actions import Action, Open, Press
from analytics.simulation.lives import lives
from analytics.simulation.playing import Played, make_sites
from analytics.simulation.product import UnfitError
from analytics.simulation.stage import MOST_PRESSES, Scene, World
from analytics.simulation.telling import tell
from analytics.simulation.world import BELIEVED, BURST, act_out
from shortener.channels import BY_NAME

PROJECT = Path(__file__).resolve().parents[2]
MONDAY = 1_772_409_600
"""2 March 2026, midnight UTC."""
SCENE = Scene(people=400, bursts=1)
DIGEST = """
import hashlib
from analytics.simulation.stage import Scene
from analytics.simulation.world import act_out
print(hashlib.sha256(repr(act_out(Scene(people=200), 4).stories).encode()).hexdigest())
"""


def told(world: World) -> Played:
    """Let the product count a world, at the times at which it happened."""
    links = make_sites(world, "world")
    until = MONDAY + 400 * 86_400
    played = tell(world, links, start=MONDAY, until=until, writer="world")
    while settle.settle():
        pass
    return played


def actions(world: World) -> list[Action]:
    return [action for story in world.stories for action in story]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_figure_is_counted_as_it_is(seed: int) -> None:
    world = act_out(SCENE, seed)
    found = counted.figures(told(world))
    lines = verdict.exact(truth.figures(world), found)
    assert [line for line in lines if line.is_wrong] == []
    assert sum(not line.counted for line in lines) <= 1, "a figure of nothing proves nothing"
    right, _ = verdict.observed(world, found["observed"])
    assert not right.is_wrong


def test_a_seed_always_tells_the_same_stories() -> None:
    assert act_out(SCENE, 1).stories == act_out(SCENE, 1).stories
    assert act_out(SCENE, 1).stories != act_out(SCENE, 2).stories


def test_a_world_does_not_depend_on_the_order_of_sets() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=PROJECT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_nobody_presses_like_a_machine_but_the_machines() -> None:
    world = act_out(Scene(people=3_000, presses=90, bursts=2), 1)
    presses = [action for action in actions(world) if isinstance(action, Press)]
    by_visitor = Counter((action.who.visitor, action.article) for action in presses)
    assert sorted(by_visitor.values())[-2:] == [BURST, BURST]
    assert sorted(by_visitor.values())[-3] <= MOST_PRESSES
    real = [action for action in presses if not world.shares[action.share].flagged]
    of_sites = Counter(world.site(action.article) for action in real)
    assert world.sites > 1
    assert max(of_sites.values()) <= 90 + BELIEVED


def test_what_was_not_sent_yet_is_neither_opened_nor_passed_on() -> None:
    world = act_out(Scene(people=2_000), 6)
    for story in world.stories:
        offered: set[int] = set()
        for action in story:
            offered |= set(getattr(action, "shares", ()))
            share = getattr(action, "share", None)
            assert share is None or share in offered
            if share is not None and (parent := world.shares[share].parent) is not None:
                assert parent in offered


def test_a_world_has_all_that_it_is_there_for() -> None:
    world = act_out(Scene(people=3_000), 1)
    kinds = Counter(action.kind for action in actions(world) if isinstance(action, Open))
    assert kinds.keys() == {"click", "preview", "prefetch", "scanner", "bot"}
    born = lives(world)
    assert max(generation for life in born for generation, _ in life.family()) >= 3
    assert any(life.is_real and life.press is None for life in born), "no press was lost"
    assert any(life.others for life in born), "nothing was forwarded"
    known = sum(life.parent is not None for life in born)
    assert 0 < known < sum(share.parent is not None for share in world.shares)
    people = {action.who.visitor for action in actions(world) if action.who.is_browser}
    assert 0.9 * 3_000 < len(people) < 3_200, "some sit behind one address, some have two agents"


@pytest.mark.parametrize(
    ("counted", "is_wrong"),
    [
        ({"0 copy": 3, "0 sms": 1}, False),
        ({"0 copy": 3, "0 sms": 1, "1 sms": 0}, False),
        ({"0 copy": 3}, True),
        ({"0 copy": 4, "0 sms": 1}, True),
        # The sum is right and the cells are not.
        ({"0 copy": 1, "0 sms": 3}, True),
        ({"0 copy": 3, "0 sms": 1, "1 sms": 1}, True),
    ],
)
def test_a_count_is_wrong_where_one_cell_is(counted: dict[str, int], is_wrong: bool) -> None:
    line = verdict.compare("clicks", {"0 copy": 3, "0 sms": 1}, counted)
    assert line.is_wrong is is_wrong
    assert bool(line.examples) is is_wrong


def test_a_figure_that_is_not_counted_at_all_is_wrong() -> None:
    (line,) = verdict.exact({"clicks": Counter({"0 copy": 3})}, {})
    assert line.is_wrong


def test_an_app_that_a_share_never_was_in_is_a_wrong_observation() -> None:
    world = act_out(Scene(people=200), 1)
    real = [life.share.number for life in lives(world) if life.is_real]
    right, _ = verdict.observed(world, {f"{share} keybase": 1 for share in real})
    assert right.is_wrong
    assert right.counted == 0


@pytest.mark.parametrize(
    "base", ["http://example.com", "https://127.0.0.1:8000", "ftp://localhost", "http://[::1"]
)
def test_people_visit_this_machine_only(base: str) -> None:
    with pytest.raises(UnfitError):
        product.address_of(base)


def test_a_product_on_this_machine_can_be_visited() -> None:
    assert product.address_of("http://localhost:8123") == ("localhost", 8123)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"people": 0}, "--people should be from 1 to 200,000"),
        ({"site": "Über"}, "should have letters, digits and - only"),
        ({"site": "x" * 31}, "at most 30 characters"),
        ({"base": "http://example.com", "people": 1}, "is not on this machine"),
    ],
)
def test_what_cannot_be_simulated_is_said(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("simulate", **options)


@pytest.mark.django_db
def test_a_wrong_count_ends_the_command_with_its_name(monkeypatch, capsys) -> None:
    def play(self: simulate.Command, world: World, base: str, key: str) -> tuple[Played, bool]:
        played = told(world)
        DailyContent.objects.filter(clicks__gt=0)[:1].get().delete()
        return played, False

    monkeypatch.setattr(simulate.Command, "play", play)
    with pytest.raises(CommandError, match=r"The product is wrong:\n(.|\n)*clicks: \d") as ended:
        call_command("simulate", people=50)
    assert ended.value.returncode == 1


@pytest.mark.django_db
def test_the_demo_gets_a_past_once(capsys) -> None:
    call_command("seed_demo", days=10, people=600)
    assert "600 readers of 8 pages within 10 days" in capsys.readouterr().out
    with pytest.raises(CommandError, match="has had its readers"):
        call_command("seed_demo")
    shares = Share.objects.count()
    call_command("seed_demo", days=10, people=100, again=True)
    assert Share.objects.count() > shares


@pytest.mark.django_db
def test_nothing_of_the_demos_past_looks_made_up() -> None:
    call_command("seed_demo", days=20, people=1_500)
    assert not Quarantine.objects.exists()
    assert not Share.objects.filter(flag__in=[Share.Flag.FAST, Share.Flag.FLOOD]).exists()
    assert DailyContent.objects.values("day").distinct().count() >= 15
    assert Outcome.objects.filter(generation__gte=2).exists()
    copied, telegram = BY_NAME["copy"].number, BY_NAME["telegram"].number
    of_copied = Outcome.objects.filter(link__title="Twelve beans in an envelope", channel=copied)
    assert of_copied.filter(observed=telegram).count() > of_copied.count() / 3
