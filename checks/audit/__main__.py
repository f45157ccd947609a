"""`make audit`: what outside tools say of every page, as one table, kept in docs/audit.md."""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from checks.audit import look, outside, places, stress
from checks.audit.crawl import Crawl
from checks.audit.look import Finding
from checks.audit.world import World
from checks.bench import slow
from e2e.conftest import chromium, free_port
from tests.kit import cast

HERE = Path(__file__).parent.parent.parent
KEPT = HERE / "var" / "audit"
Row = tuple[str, str, str, bool]
KINDS = {
    "answer": "страницы, которые не открылись",
    "axe": "axe-core, WCAG 2.2 AA и «best practices», 390 и 1280 px, светлая и тёмная: нарушений",
    "target": "нажимаемое меньше 44 px на телефоне",
    "sideways": "прокрутка вбок: 320, 390, 1280 px и масштаб 400 %",
    "spacing": "интервалы текста (WCAG 1.4.12) при 320 px: обрезано или вбок",
    "shift": "страницы, где что-то сдвинулось при загрузке (CLS больше 0)",
    "elsewhere": "запросы к чужим адресам",
    "console": "ошибки скриптов и запреты политики содержимого",
    "vnu": "vnu, страницы и куски: ошибок и предупреждений",
}


def crawled(browser: Browser) -> tuple[list[Finding], dict[str, str], int]:
    """A world where everything has happened, one of the hardest names and sums, one where nothing has
    happened yet.
    """
    looks = [look.geometry, look.every_variant]
    folder = Path(tempfile.mkdtemp())
    full, empty = (World(_room(folder, name), free_port()) for name in ("full", "empty"))
    everywhere = places.everywhere(full)
    hard = stress.settle(full)
    rounds = [
        (full, "full", everywhere),
        (full, "hard", places.bare(hard)),
        (empty, "empty", places.bare(cast.BORIS)),
    ]
    findings, saw, looked = [], {}, 0
    for world, state, where in rounds:
        with world.served():
            crawl = Crawl(world, browser, state, *looks).over(where)
        findings += crawl.findings
        saw |= crawl.saw
        looked += crawl.looked
    return findings, saw, looked


def _room(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


STORIES = {
    "пути руководства без JavaScript (Chromium)": ["e2e", "-k", "no-js"],
    "w3m и lynx по сценарию": ["e2e/test_text_browsers.py"],
    "пути одной клавиатурой, фокус виден и на месте": ["e2e/test_keyboard.py"],
}


def stories() -> list[Row]:
    rows = []
    for name, chosen in STORIES.items():
        command = [
            sys.executable,
            "-m",
            "pytest",
            *chosen,
            "-p",
            "no:xdist",
            "-q",
            "--tb=no",
        ]
        told = subprocess.run(
            command, cwd=HERE, capture_output=True, text=True, check=False
        ).stdout.splitlines()[-1]
        counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?)", told)}
        passed, all_of = counts.get("passed", 0), sum(counts.values())
        rows.append((name, f"{passed} из {all_of}", "все", passed == all_of > 0))
    return rows


def scored() -> list[Row]:
    world = World(Path(tempfile.mkdtemp()), free_port())
    with world.served():
        scores = outside.lighthouse(world)
    return [
        (
            f"Lighthouse, телефон: {path}",
            " / ".join(map(str, four)),
            "100 / 100 / 100 / 100",
            min(four) == 100,
        )
        for path, four in scores.items()
    ]


def pages() -> tuple[list[Row], list[Finding]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--disable-gpu", "--no-first-run"]
        )
        findings, saw, looked = crawled(browser)
        browser.close()
    findings += outside.vnu(saw)
    counts = Counter(one.kind for one in findings)
    rows: list[Row] = [
        ("страниц и состояний осмотрено", str(looked), "все из переписи маршрутов", looked > 90)
    ]
    return rows + [
        (words, str(counts[kind]), "0", not counts[kind]) for kind, words in KINDS.items()
    ], findings


# The parts in the table's order; each alone: `python -m checks.audit lighthouse`, and the table keeps what
# the others last found.
PARTS: dict[str, Callable[[], tuple[list[Row], list[Finding]]]] = {
    "pages": pages,
    "stories": lambda: (stories(), []),
    "lighthouse": lambda: (scored(), []),
    "line": lambda: (slow.rows(), []),
}


def main() -> None:
    for part in sys.argv[1:] or PARTS:
        rows, findings = PARTS[part]()
        (KEPT / f"{part}.json").write_text(
            json.dumps([rows, [str(one) for one in findings]], ensure_ascii=False), "utf-8"
        )
    found = [
        json.loads((KEPT / f"{part}.json").read_text("utf-8"))
        for part in PARTS
        if (KEPT / f"{part}.json").exists()
    ]
    rows, wrong = ([one for part in found for one in part[half]] for half in (0, 1))
    table = "\n".join(
        ["| что | сколько | бюджет | соблюдён |", "|---|---|---|---|", *(_line(row) for row in rows)]
    )
    print(table, *wrong, sep="\n")
    (HERE / "docs" / "audit.md").write_text(told(table, wrong), "utf-8")
    sys.exit(bool(wrong))


def _line(row: Row) -> str:
    what, figure, budget, met = row
    return f"| {what} | {figure} | {budget} | {'да' if met else 'нет'} |"


def told(table: str, findings: list[str]) -> str:
    head = (
        "# Доступность и вёрстка: что говорят чужие инструменты\n\n`make audit`, "
        f"{date.today():%d.%m.%Y}.\n"  # noqa: DTZ011
    )
    wrong = "".join(f"- {one}\n" for one in findings)
    return f"{head}\n{table}\n" + (f"\n## Что найдено\n\n{wrong}" if wrong else "")


if __name__ == "__main__":
    main()
