"""How fast are facts taken that pages report: a press and the visit of a page, in one body?

Beside it, in the same rounds: the same granian answering a constant 302.

    python bench/events.py [--threads N] [--seconds N] [--json]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import rig

LINKS = 1_000

MAKE_BODIES = f"""
import json
from shortener import codes
from shortener.channels import BY_NAME
from shortener.models import Link, Site
site = Site.objects.create(key="bench", name="Bench", hosts=["example.com"])
whatsapp = BY_NAME["whatsapp"].number
for n in range({LINKS}):
    url = f"https://example.com/article-{{n}}"
    link = Link.objects.create(site=site, title=f"Article {{n}}", destination=url)
    press, parent = (
        codes.encode(link.pk, codes.share_id(serial + n, whatsapp)) for serial in (10_000, 90_000)
    )
    page = {{"site": "bench", "automated": False}}
    print(json.dumps([
        page | {{"kind": "press", "code": press, "parent": parent, "placement": "article-end"}},
        page | {{"kind": "visit", "url": url, "referrer": "", "navigation": "navigate"}},
    ]))
"""
COUNT = """
from django.db.models import Sum
from analytics.models import Batch
found = Batch.objects.aggregate(total=Sum("received"))
print(found["total"] or 0)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="blocking threads of granian")
    parser.add_argument("--seconds", type=int, default=5, help="length of one measurement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rig.need("wrk", "taskset")
    script = Path(__file__).with_name("events.lua")
    with rig.installation() as environment, tempfile.NamedTemporaryFile("w") as bodies:
        ports = [rig.free_port() for _ in range(2)]
        bodies.write(rig.shell(MAKE_BODIES, **environment))
        bodies.flush()
        ours = rig.granian("config.wsgi:application", ports[1], options.threads)
        constant = rig.granian("bench.constant:application", ports[0], options.threads)
        with (
            rig.running(constant, core=rig.SERVER_CORE, port=ports[0]),
            rig.running(ours, core=rig.SERVER_CORE, port=ports[1], environment=environment),
            rig.shipper(**environment),
        ):

            def drive(port: int) -> dict[str, float]:
                return rig.wrk(port, script, options.seconds, bodies.name)

            warm_up = rig.wrk(ports[1], script, 4, bodies.name)  # Every link is known then.
            found = rig.rounds(
                {
                    "granian, constant 302": lambda: drive(ports[0]),
                    "Grapevine, 2 facts": lambda: drive(ports[1]),
                }
            )
            ours_found = found["Grapevine, 2 facts"]
            answered = 2 * (warm_up["answered"] + sum(r["answered"] for r in ours_found))
            counted = count(answered, environment)
    lines: list[tuple[str, ...]] = [("server", "requests/s", "p99 ms", "Grapevine / it")]
    for name, results in found.items():
        rate, p99 = rig.median(results), rig.median(results, "p99")
        ratio = rig.ratio(ours_found, results)
        lines.append((name, f"{rate:,.0f}", f"{p99:.2f}", f"{ratio:.2f}"))
    data = {"results": found, "answered": answered, "counted": counted}
    rig.report(f"Events, {options.threads} thread(s)", lines, data, options.json)
    if not options.json:
        # wrk drops the answers that are under way when its time is up; they are counted.
        spare = 2 * rig.CONNECTIONS * (rig.ROUNDS + 1)
        verdict = "right" if answered <= counted <= answered + spare else "WRONG"
        print(
            f"\nFacts answered {answered:,.0f}, counted {counted:,}: {verdict}, "
            f"since wrk leaves up to {spare} unread."
        )


def count(answered: float, environment: dict[str, str]) -> int:
    """Return how many facts the ledger has, once it has as many as were answered."""
    counted = 0

    def all_counted() -> bool:
        nonlocal counted
        counted = int(rig.shell(COUNT, **environment))
        return counted >= answered

    with rig.worker(**environment):
        rig.wait_until(all_counted, 600, f"{answered:,.0f} facts to be counted")
    return counted


if __name__ == "__main__":
    main()
