"""`make screens`: every screen photographed, phone and desk, light and dark; the contact sheet of README from the chief ones.

All of them go to var/screens, to be looked at; the contact sheets and nothing else are kept in docs/screens.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from audit import look, places, stress
from audit.places import Place
from audit.world import World
from e2e.conftest import chromium, free_port

HERE = Path(__file__).parent.parent
ALL, KEPT = HERE / "var" / "screens", HERE / "docs" / "screens"
# The contact sheets: name → the screens on it, (line, person's kind) in reading order.
SHEETS = {
    "phone": ["/", "/events", "/payments/new", "/requests/new", "/requests/new/suspend", "/inbox/number", "/statement", "/login"],
    "desk": ["/", "/events", "/staff", "/staff/requests/number", "/staff/subscribers/id", "/staff/money"],
}


def name(place: Place) -> str:
    """Its address as the census has it, or as it is where one line stands for many pages."""
    return place.path if place.line in places.NAMED else place.line.removeprefix("GET ").replace("{", "").replace("}", "")


def shot(page: Page, where: Path, *, whole: bool = True) -> None:
    """A picture of few colours: a page of ours has few, and the file is five times smaller."""
    where.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=where, full_page=whole)
    with Image.open(where) as picture:
        picture.convert("RGB").quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(where, optimize=True)


def photographed(browser: Browser, world: World, where: list[Place], folder: str) -> None:
    for place in where:
        with browser.new_context(base_url=world.url, viewport=look.PHONE, locale="ru-RU", reduced_motion="reduce") as context:
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


def sheet(kind: str, lines: list[str]) -> None:
    """The first screenful of each, in rows, a quarter narrower than life."""
    width, size = (390, (390, 844)) if kind == "phone" else (1280, (1280, 800))
    across, scale = (4, 0.55) if kind == "phone" else (2, 0.42)
    tile = int(size[0] * scale), int(size[1] * scale)
    rows = -(-len(lines) // across)
    whole = Image.new("RGB", (across * (tile[0] + 12) + 12, rows * (tile[1] + 12) + 12), "#8a979e")
    for at, line in enumerate(lines):
        scheme = "dark" if at % 4 == 3 else "light"
        stem = line.strip("/").replace("/", ".") or "home"
        found = sorted((ALL / "full" / f"{width}-{scheme}").glob(f"{stem}-*.png"))
        with Image.open(found[0]) as picture:
            top = picture.convert("RGB").crop((0, 0, *size)).resize(tile, Image.Resampling.LANCZOS)
        whole.paste(top, (12 + at % across * (tile[0] + 12), 12 + at // across * (tile[1] + 12)))
    KEPT.mkdir(exist_ok=True)
    whole.quantize(128, dither=Image.Dither.NONE).save(KEPT / f"{kind}.png", optimize=True)


def main() -> None:
    """With words after it only the addresses containing one of them; «sheets»: only what the contact sheets need."""
    chosen = sys.argv[1:]
    sheets = {line for lines in SHEETS.values() for line in lines}
    world = World(Path(tempfile.mkdtemp()), free_port())
    everywhere = places.everywhere(world)
    hard = places.bare(stress.settle(world))
    hard = [place for place in hard if place.who == stress.NUMBER]

    def wanted(found: list[Place]) -> list[Place]:
        if chosen == ["sheets"]:
            return [place for place in found if name(place) in sheets and place.who not in ("maria", stress.NUMBER)]
        return [place for place in found if not chosen or any(word in place.path for word in chosen)]

    with world.served(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--disable-gpu", "--hide-scrollbars"])
        photographed(browser, world, wanted(hard), "hard")
        photographed(browser, world, wanted(everywhere), "full")
        browser.close()
    if not chosen or chosen == ["sheets"]:
        for kind, lines in SHEETS.items():
            sheet(kind, lines)


if __name__ == "__main__":
    main()
