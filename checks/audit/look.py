"""One page under the glass in Chromium: axe in each variant, widths, spacing, targets, shifts, requests
elsewhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
NARROW, ZOOMED = (
    {"width": 320, "height": 640},
    {"width": 320, "height": 200},
)  # the second: 1280 × 800 at 400 %
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
GLASS = Path(__file__).with_name("look.js").read_text("utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VARIANTS = [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and in which variant."""

    kind: str
    place: str
    variant: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.place} [{self.variant}] {self.detail}"


def laid(page: Page) -> None:
    """The tools, put beside the page's own script; its content policy forbids tags, not the browser's
    owner.
    """
    page.evaluate(AXE)
    page.evaluate(GLASS)


def axe(page: Page, place: str, variant: str) -> Iterator[Finding]:
    options = {"runOnly": LEVELS, "resultTypes": ["violations"]}
    for rule in page.evaluate(f"axe.run(document, {json.dumps(options)}).then(r => r.violations)"):
        for node in rule["nodes"]:
            yield Finding("axe", place, variant, f"{rule['id']}: {node['html'][:140]} ({_reason(node)})")


def _reason(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in node["any"] + node["all"] + node["none"])[:200]


def once(page: Page, place: str) -> Iterator[Finding]:
    return axe(page, place, "390 light")


def every_variant(page: Page, place: str) -> Iterator[Finding]:
    """axe at both sizes in both schemes; the page is loaded once and only looked at differently."""
    for size, scheme in VARIANTS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        yield from axe(page, place, f"{size['width']} {scheme}")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")


def geometry(page: Page, place: str) -> Iterator[Finding]:
    """Nothing moves while loading, nothing scrolls sideways, nothing one presses is small."""
    page.set_viewport_size(PHONE)
    if (shift := page.evaluate("reach.shifts()")) > 0:
        yield Finding("shift", place, "390", f"CLS {shift:.4f}")
    for small in page.evaluate("reach.small()"):
        yield Finding("target", place, "390", small)
    for name, size in (("320", NARROW), ("400 %", ZOOMED), ("390", PHONE), ("1280", DESK)):
        page.set_viewport_size(size)
        if (over := page.evaluate("reach.sideways()")) > 0:
            yield Finding("sideways", place, name, f"{over} px")
    page.set_viewport_size(NARROW)
    over, *cut = page.evaluate("reach.spaced()")
    if over > 0:
        yield Finding("spacing", place, "320", f"{over} px sideways")
    for one in cut:
        yield Finding("spacing", place, "320", f"cut: {one}")
    page.set_viewport_size(PHONE)
