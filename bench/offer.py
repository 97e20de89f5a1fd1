"""How fast does a page get its codes, with a block of serials and every offer in the journal?

Beside it, in the same rounds: the same granian answering a constant 302.

    python bench/offer.py [--threads N] [--seconds N] [--json]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import rig

LINKS = 1_000

MAKE_LINKS = f"""
from shortener.models import Link, Site
site = Site.objects.create(key="bench", name="Bench", hosts=["example.com"])
for n in range({LINKS}):
    link = Link.objects.create(
        site=site, title=f"Article {{n}}", destination=f"https://example.com/article-{{n}}"
    )
    print(f"/offer?site=bench&url=https%3A%2F%2Fexample.com%2Farticle-{{n}}")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="blocking threads of granian")
    parser.add_argument("--seconds", type=int, default=5, help="length of one measurement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rig.need("wrk", "taskset")
    script = Path(__file__).with_name("requests.lua")
    with rig.installation() as environment, tempfile.NamedTemporaryFile("w") as paths:
        ports = [rig.free_port() for _ in range(2)]
        paths.write(rig.shell(MAKE_LINKS, **environment))
        paths.flush()
        ours = rig.granian("config.wsgi:application", ports[1], options.threads)
        constant = rig.granian("bench.constant:application", ports[0], options.threads)
        with (
            rig.running(constant, core=rig.SERVER_CORE, port=ports[0]),
            rig.running(ours, core=rig.SERVER_CORE, port=ports[1], environment=environment),
            rig.shipper(**environment),
        ):
            rig.wrk(ports[1], script, 4, paths.name)  # Every link is known afterwards.
            found = rig.rounds(
                {
                    "granian, constant 302": lambda: rig.wrk(
                        ports[0], script, options.seconds, paths.name
                    ),
                    "Grapevine, 7 codes": lambda: rig.wrk(
                        ports[1], script, options.seconds, paths.name
                    ),
                }
            )
    ours_found = found["Grapevine, 7 codes"]
    lines: list[tuple[str, ...]] = [("server", "requests/s", "p99 ms", "Grapevine / it")]
    lines += [
        (
            name,
            f"{rig.median(results):,.0f}",
            f"{rig.median(results, 'p99'):.2f}",
            f"{rig.ratio(ours_found, results):.2f}",
        )
        for name, results in found.items()
    ]
    rig.report(f"Offer, {options.threads} thread(s)", lines, {"results": found}, options.json)


if __name__ == "__main__":
    main()
