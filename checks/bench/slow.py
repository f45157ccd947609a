"""How long until somebody on GPRS can use the cabinet: the first page in Chromium over a really shaped line
(checks/bench/line.py).
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from checks.audit.world import World
from checks.bench import line
from e2e.conftest import chromium, free_port
from tests.kit import cast

Row = tuple[str, str, str, bool]
# Usable: drawn in its colours, the document whole; no script is needed for that. Whole: the scripts are here
# too.
TIMES = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  const drawn = performance.getEntriesByType("paint").find(one => one.name === "first-contentful-paint");
  return [Math.max(drawn.startTime, page.responseEnd) / 1000, page.loadEventEnd / 1000];
}"""


def opened(browser: Browser, url: str, token: str) -> list[tuple[float, float]]:
    """Seconds to usable and to whole: nothing kept; then assets kept, after a pause; then going on at
    once.
    """
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        context.add_cookies([{"name": "cabinet", "value": token, "url": url}])
        page, found = context.new_page(), []
        for path in ("/", "/?again", "/payments/new"):
            page.goto(url + path, timeout=120_000)
            found.append(tuple(page.evaluate(TIMES)))
        return found


def rows(short: bool = False) -> list[Row]:
    """(what, figure, budget, met) for `make bench`."""
    if not line.possible():
        return [("GPRS: главная", "не измерено: нужны root и /dev/net/tun", "≤ 5 с, ≤ 2 с", False)]
    found: list[Row] = []
    for name, loss in (("GPRS", 0.0), ("GPRS, теряется 2 % пакетов", 0.02)):
        runs = measured(loss, 1 if short else 3)
        for state, budget, at in (("без кэша", 5.0, 0), ("с кэшем", 2.0, 1)):
            usable, whole = (statistics.median(run[at][part] for run in runs) for part in (0, 1))
            figure = f"{usable:.1f} с (вместе со скриптами {whole:.1f} с)"
            limit = "" if loss else f"≤ {budget:.0f} с"
            found.append(
                (f"{name}: главная {state}, готова к делу", figure, limit, bool(loss) or usable <= budget)
            )
    return found


def measured(loss: float, times: int) -> list[list[tuple[float, float]]]:
    world = World(Path(tempfile.mkdtemp()), free_port())
    world.enter(cast.ANNA).get("/")  # templates are compiled once a process, and that is not the line's doing
    with line.gprs(loss) as far, sync_playwright() as playwright, world.served(far):
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--disable-gpu", "--no-first-run"]
        )
        host, port = far.getsockname()
        runs = [opened(browser, f"http://{host}:{port}", world.cookie(cast.ANNA)) for _ in range(times)]
        browser.close()
    return runs


if __name__ == "__main__":
    for row in rows("--short" in sys.argv):
        print(*row, sep=" | ")
