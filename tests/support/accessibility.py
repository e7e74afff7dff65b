"""axe-core over a page as Chromium shows it: WCAG 2.0 to 2.2, A and AA, and best practices."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parent.parent / "interoperation/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    assert AXE.exists(), "axe-core is missing; `make test` installs it"
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds, a line a rule with the elements; empty when the page is in order."""
    # Evaluated over the debugging protocol, to which the page's own policy against foreign scripts does not apply.
    page.evaluate(_source())
    found = page.evaluate("tags => axe.run(document, { runOnly: tags })", TAGS)
    return [
        f"{rule['id']} ({rule['help']}): " + ", ".join(str(node["target"]) for node in rule["nodes"])
        for rule in found["violations"]
    ]
