"""`make screens`: every screen photographed, phone and desk, light and dark; the contact sheet of README from
the chief ones.

All of them go to var/screens, to be looked at; the contact sheets and nothing else are kept in docs/screens.
"""

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from checks.audit import look, places, stress
from checks.audit.places import Place
from checks.audit.world import World
from e2e.conftest import chromium, free_port
from tests.kit import cast

HERE = Path(__file__).parent.parent.parent
ALL, KEPT = HERE / "var" / "screens", HERE / "docs" / "screens"
# The contact sheets: name → what stands on them in reading order: width, address in the demonstration, who
# looks. «/*» is the first thing in that list; every fourth of a sheet is dark, and the second of home.
ANNA, ADA = cast.ANNA, "ada"
SHEETS: dict[str, list[tuple[int, str, int | str | None]]] = {
    "home": [(390, "/", ANNA), (1280, "/", ANNA)],
    "phone": [(390, path, ANNA) for path in ("/events", "/payments/operator", "/statement", "/requests/new")]
    + [
        (390, "/requests/new/suspend", ANNA),
        (390, "/inbox/*", ANNA),
        (390, "/settings", ANNA),
        (390, "/login", None),
    ],
    "desk": [(1280, "/events", ANNA), (1280, "/statement", ANNA)]
    + [(1280, path, ADA) for path in ("/staff", "/staff/requests/*", "/staff/subscribers/1", "/staff/money")],
}
LISTS = {"/inbox/*": "/inbox", "/staff/requests/*": "/staff"}


def name(place: Place) -> str:
    """Its address as the census has it, or as it is where one line stands for many pages."""
    return (
        place.path
        if place.line in places.NAMED
        else place.line.removeprefix("GET ").replace("{", "").replace("}", "")
    )


def shot(page: Page, where: Path, *, whole: bool = True) -> None:
    """A picture of few colours: a page of ours has few, and the file is five times smaller."""
    where.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=where, full_page=whole)
    with Image.open(where) as picture:
        picture.convert("RGB").quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            where, optimize=True
        )


def photographed(browser: Browser, world: World, where: list[Place], folder: str) -> None:
    for place in where:
        with browser.new_context(
            base_url=world.url, viewport=look.PHONE, locale="ru-RU", reduced_motion="reduce"
        ) as context:
            context.add_cookies([world.device])  # type: ignore[list-item]
            if place.who is not None:
                token = place.token or world.cookie(place.who, place.stage)
                context.add_cookies([{"name": "cabinet", "value": token, "url": world.url}])
            if isinstance(place.who, int):
                places.confirmed(world, place.who)
            answer = context.request.get(place.path)
            if "html" not in answer.headers.get("content-type", "") or "<html" not in answer.text():
                continue
            page = context.new_page()
            page.goto(place.path)
            for size, scheme in look.VARIANTS:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                file = f"{name(place).strip('/').replace('/', '.') or 'home'}-{place.who or 'nobody'}.png"
                shot(page, ALL / folder / f"{size['width']}-{scheme}" / file)


def sheet(browser: Browser, world: World, kind: str) -> None:
    """The first screenful of each, in rows, smaller than life."""
    across, scale = {"home": (2, 0.6), "phone": (4, 0.55), "desk": (2, 0.42)}[kind]
    dark = 1 if kind == "home" else 3
    tiles = [
        _tile(browser, world, *one, scale, "dark" if at % 4 == dark else "light")
        for at, one in enumerate(SHEETS[kind])
    ]
    rows = [tiles[at : at + across] for at in range(0, len(tiles), across)]
    width = max(sum(tile.width + 12 for tile in row) for row in rows) + 12
    whole = Image.new(
        "RGB", (width, sum(max(tile.height for tile in row) + 12 for row in rows) + 12), "#8a979e"
    )
    top = 12
    for row in rows:
        left = 12
        for tile in row:
            whole.paste(tile, (left, top))
            left += tile.width + 12
        top += max(tile.height for tile in row) + 12
    KEPT.mkdir(exist_ok=True)
    whole.quantize(128, dither=Image.Dither.NONE).save(KEPT / f"{kind}.png", optimize=True)


def _tile(
    browser: Browser, world: World, width: int, path: str, who: int | str | None, scale: float, scheme: Any
) -> Image.Image:
    size = look.PHONE if width == look.PHONE["width"] else look.DESK
    with browser.new_context(
        base_url=world.url, viewport=size, locale="ru-RU", color_scheme=scheme
    ) as context:
        if who is not None:
            context.add_cookies([{"name": "cabinet", "value": world.cookie(who), "url": world.url}])
        page = context.new_page()
        page.goto(LISTS.get(path, path))
        if path in LISTS:
            page.locator("main table a").first.click()
            page.wait_for_url(f"**{path.removesuffix('*')}*")
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return picture.resize((int(picture.width * scale), int(picture.height * scale)), Image.Resampling.LANCZOS)


def main() -> None:
    """With words after it only the addresses containing one of them; «sheets»: only the contact sheets."""
    chosen = sys.argv[1:]
    if chosen != ["sheets"]:
        everything(chosen)
    if chosen in ([], ["sheets"]):
        world = World(Path(tempfile.mkdtemp()), free_port(), demo=True)
        with world.served(), launched() as browser:
            for kind in SHEETS:
                sheet(browser, world, kind)


def everything(chosen: list[str]) -> None:
    world = World(Path(tempfile.mkdtemp()), free_port())
    everywhere = places.everywhere(world)
    hard = [place for place in places.bare(stress.settle(world)) if place.who == stress.NUMBER]

    def wanted(found: list[Place]) -> list[Place]:
        return [place for place in found if not chosen or any(word in place.path for word in chosen)]

    with world.served(), launched() as browser:
        photographed(browser, world, wanted(hard), "hard")
        photographed(browser, world, wanted(everywhere), "full")


@contextmanager
def launched() -> Iterator[Browser]:
    """Where Debian's chromium-l10n is, fields of dates are in Russian, as our people see them."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=chromium(),
            args=["--disable-gpu", "--hide-scrollbars"],
            env={**os.environ, "LANGUAGE": "ru"},
        )


if __name__ == "__main__":
    main()
