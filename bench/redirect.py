"""How fast is a redirect, with distinct codes and every hit in the journal?

Beside it, in the same rounds: nginx and the same granian, each answering a constant 302.
Afterwards a worker counts what was journalled, and the sum must be exact.

    python bench/redirect.py [--threads N] [--seconds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import rig

CODES = 100_000
LINKS = 1_000

MAKE_LINKS = f"""
from shortener.models import Link, Site
site = Site.objects.create(key="bench", name="Bench", hosts=["example.com"])
for n in range({LINKS}):
    Link.objects.create(
        site=site, title=f"Article {{n}}", destination=f"https://example.com/article-{{n}}",
        tags={{"utm_source": "{{channel}}", "utm_medium": "share"}},
    )
"""

PRINT_CODES = f"""
from shortener import codes
from shortener.channels import BUTTONS
from shortener.models import Link
links = list(Link.objects.values_list("pk", flat=True))
for n in range({CODES}):
    channel = BUTTONS[n % len(BUTTONS)].number
    print("/" + codes.encode(links[n % len(links)], codes.share_id(1_000_000 + n, channel)))
"""

COUNT = """
import json
from django.db.models import Sum
from analytics.models import Batch, DailyContent
kinds = ("clicks", "previews", "prefetches", "scanners", "bots")
sums = DailyContent.objects.aggregate(**{kind: Sum(kind, default=0) for kind in kinds})
received = Batch.objects.aggregate(n=Sum("received", default=0))["n"]
print(json.dumps({"counted": sum(sums.values()), "received": received}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="blocking threads of granian")
    parser.add_argument("--seconds", type=int, default=5, help="length of one measurement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rig.need("wrk", "nginx", "taskset")
    ports = [rig.free_port() for _ in range(3)]
    script = Path(__file__).with_name("requests.lua")
    with rig.installation() as environment, tempfile.NamedTemporaryFile("w") as paths:
        rig.shell(MAKE_LINKS, **environment)
        paths.write(rig.shell(PRINT_CODES, **environment))
        paths.flush()

        def drive(port: int) -> dict[str, float]:
            return rig.wrk(port, script, options.seconds, paths.name)

        ours = rig.granian("config.wsgi:application", ports[2], options.threads)
        constant = rig.granian("bench.constant:application", ports[1], options.threads)
        with (
            rig.nginx(ports[0], "https://example.com/article?utm_source=whatsapp&gv=Ab3dE9xZq"),
            rig.running(constant, core=rig.SERVER_CORE, port=ports[1]),
            rig.running(ours, core=rig.SERVER_CORE, port=ports[2], environment=environment),
            rig.shipper(**environment),
        ):
            warm_up = rig.wrk(ports[2], script, 4, paths.name)
            found = rig.rounds(
                {
                    "nginx, constant 302": lambda: drive(ports[0]),
                    "granian, constant 302": lambda: drive(ports[1]),
                    "Grapevine": lambda: drive(ports[2]),
                }
            )
            answered = warm_up["answered"] + sum(r["answered"] for r in found["Grapevine"])
            with rig.worker(**environment):
                counts: dict[str, int] = {}

                def all_counted() -> bool:
                    counts.update(json.loads(rig.shell(COUNT, **environment)))
                    return counts["counted"] >= answered

                rig.wait_until(all_counted, 600, f"{answered} hits to be counted")
    report(found, answered, counts["counted"], options)


def report(
    found: dict[str, list[dict[str, float]]],
    answered: float,
    counted: int,
    options: argparse.Namespace,
) -> None:
    ours = found["Grapevine"]
    lines: list[tuple[str, ...]] = [
        ("server", "requests/s", "p99 ms", "Grapevine / it", "p99 × it")
    ]
    for name, results in found.items():
        lines.append(
            (
                name,
                f"{rig.median(results):,.0f}",
                f"{rig.median(results, 'p99'):.2f}",
                f"{rig.ratio(ours, results):.2f}",
                f"{rig.ratio(ours, results, 'p99'):.2f}",
            )
        )
    title = f"Redirect, {CODES:,} codes, {options.threads} thread(s)"
    data = {"results": found, "answered": answered, "counted": counted}
    rig.report(title, lines, data, options.json)
    if not options.json:
        # wrk drops the answers that are under way when its time is up; they are counted.
        spare = rig.CONNECTIONS * (rig.ROUNDS + 1)
        verdict = "exact" if answered <= counted <= answered + spare else "WRONG"
        print(f"\nAnswered {answered:,.0f}, counted {counted:,}: {verdict}.")


if __name__ == "__main__":
    main()
