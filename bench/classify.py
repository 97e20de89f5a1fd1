"""How fast are requests classified: agents that were seen before, and agents that were not?

Beside it, in the same rounds: a look into a dictionary, which is the limit of anything that
remembers, and the isbot list as its package applies it, which answers one of our questions.

    python bench/classify.py
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Callable

import is_bot
import rig

AGENTS = 20_000
OFTEN, ANEW, LOOK, PEER = "seen before", "seen for the first time", "dictionary", "isbot, anew"
SIGNALS = {":scheme": "https", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def agents(chance: random.Random) -> list[str]:
    """Return different agents: phones, in-app browsers, previews, bots."""
    systems = ("iPhone; CPU iPhone OS {}_{} like Mac OS X", "Linux; Android {}; SM-A{}B")
    tails = (
        "Version/17.5 Mobile/15E148 Safari/604.1",
        "Chrome/130.0.{}.0 Mobile Safari/537.36",
        "Mobile/15E148 Instagram 406.0.0.{}.159",
        "Mobile/15E148 [FBAN/FBIOS;FBAV/480.0.0.{}]",
    )
    others = ("WhatsApp/2.24.{}.75 A", "Slackbot-LinkExpanding 1.{}", "python-requests/2.{}")
    found: set[str] = set()
    while len(found) < AGENTS:
        number = chance.randrange(100_000)
        if chance.random() < 0.2:
            found.add(chance.choice(others).format(number))
            continue
        system = chance.choice(systems).format(chance.randrange(10, 19), number)
        tail = chance.choice(tails).format(number)
        found.add(f"Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) {tail}")
    return sorted(found)


def timed(work: Callable[[str], object], items: list[str]) -> dict[str, float]:
    started = time.perf_counter()
    for item in items:
        work(item)
    return {"rate": len(items) / (time.perf_counter() - started)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    from analytics import classify

    chance = random.Random(1)
    distinct = agents(chance)
    # A few agents send most requests.
    shares = list(itertools.accumulate(1 / rank for rank in range(1, AGENTS + 1)))
    traffic = chance.choices(distinct, cum_weights=shares, k=10 * AGENTS)
    known = dict.fromkeys(distinct, 0)
    bots = is_bot.Bots()

    def anew() -> dict[str, float]:
        classify._read_agent.cache_clear()
        return timed(lambda agent: classify.classify(agent, "GET", SIGNALS), distinct)

    found = rig.rounds(
        {
            LOOK: lambda: timed(known.__getitem__, traffic),
            ANEW: anew,
            # The agents are in the cache from the measure before.
            OFTEN: lambda: timed(lambda agent: classify.classify(agent, "GET", SIGNALS), traffic),
            PEER: lambda: timed(bots.is_bot, distinct[::40]),
        }
    )
    lines: list[tuple[str, ...]] = [("agents", "requests/s", "us each")]
    for name, results in found.items():
        rate = rig.median(results)
        lines.append((name, f"{rate:,.0f}", f"{1e6 / rate:.2f}"))
    rig.report("Classification, one process", lines, {"results": found}, options.json)


if __name__ == "__main__":
    main()
