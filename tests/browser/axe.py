"""What axe-core finds on a page that shuts somebody out."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
"""WCAG 2.0, 2.1 and 2.2, levels A and AA, and what is good beyond them."""

# With forced colours axe-core compares colours that nobody sees: it takes the text's from
# -webkit-text-fill-color, whose computed value stays that of the style sheet. And it is not to
# preload style sheets, as it would write them into inline styles, which the policy refuses.
RUN = """
async (tags) => {
  const enabled = !matchMedia("(forced-colors: active)").matches
  const {violations} = await axe.run({
    runOnly: tags,
    rules: {"color-contrast": {enabled}, "link-in-text-block": {enabled}},
    resultTypes: ["violations"],
    preload: false,
  })
  const line = ({id, impact, help}, {target, failureSummary}) =>
    `${id} (${impact}) at ${target.flat().join(" ")}: ${help}. ${failureSummary}`
  return violations.flatMap((rule) => rule.nodes.map((node) => line(rule, node)))
}
"""


def violations(page: Page) -> list[str]:
    """Return what is wrong on the page, a line each: rule, impact, selector, help, reason."""
    # Evaluated through the debugger, which the page's policy does not bind as it does scripts.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [" ".join(line.split()) for line in page.evaluate(RUN, TAGS)]
