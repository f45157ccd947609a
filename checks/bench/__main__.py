"""`make bench`: every line of the budgets that can be measured, in one table; `SHORT=1` is a run of some
minutes.

python -m checks.bench [--short] [--folder var/bench] [--peers VENV] [--only serving,weights]

A whole run writes the tables of docs/bench.md; what stands there below them, by people, it leaves.
"""

import argparse
import importlib
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from inspect import signature
from pathlib import Path

from checks.bench.data import CONTRACTS
from checks.bench.house import CABINET, Bench, Row

SUBJECTS = {
    "serving": "Страницы", "writes": "Запись", "memory": "Память", "weights": "Вес", "events": "События",
    "station": "Пульт", "engines": "Два движка", "slow": "Медленная линия",
}  # fmt: skip
PARTS = ("litestar", "granian", "sqlmodel", "sqlalchemy", "jinja2", "brotli")
PAPER = Path(__file__).parent.parent.parent / "docs" / "bench.md"
MARK = "<!-- Ниже написано людьми: `make bench` этого не трогает. -->"
HEAD = """# Сколько стоит страница

Пишет `make bench` (короткий прогон: `make bench SHORT=1`). Числа одного прогона сравнимы только между собой:
соперники спрашиваются по очереди, круг за кругом, и в таблице медианы отношений. Пол — то же самое без
каркаса: голый ASGI, тот же SQL через `sqlite3`, те же правила и шаблоны (`checks/bench/floor.py`). Соседи —
та же страница на Django, FastAPI и Flask, как учит их документация (`checks/bench/peers/`).
"""


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m checks.bench")
    asked.add_argument("--short", action="store_true")
    asked.add_argument("--folder", type=Path, default=Path("var/bench"))
    asked.add_argument("--peers", type=Path)
    asked.add_argument("--only", default=",".join(SUBJECTS))
    asked.add_argument("--paper", action="store_true", help="write docs/bench.md of some subjects too")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    began, only = time.monotonic(), given.only.split(",")
    bench = Bench(given.folder.resolve(), given.peers and given.peers.resolve(), given.short)
    table = {name: list(told(rows_of(name, bench))) for name in SUBJECTS if name in only}
    missed = [row for rows in table.values() for row in rows if not row[3]]
    print(f"\n{len(missed)} не выполнено, {(time.monotonic() - began) / 60:.0f} мин")
    if given.paper or set(only) == set(SUBJECTS):
        PAPER.write_text(paper(table, bench.short) + by_hand(), "utf-8")
    return 0


def rows_of(name: str, bench: Bench) -> Iterator[Row]:
    """A subject's rows; one that breaks is a line of the table too."""
    try:
        subject = importlib.import_module(f"bench.{name}")
        wants = next(iter(signature(subject.rows).parameters))
        yield from subject.rows(bench if wants == "bench" else bench.short)
    except Exception as wrong:
        yield (
            SUBJECTS[name],
            f"не измерено: {type(wrong).__name__}: {wrong}"[:300].replace("\n", " "),
            "",
            False,
        )


def told(rows: Iterator[Row]) -> Iterator[Row]:
    """Each row printed as soon as it is known."""
    for row in rows:
        print(line(row), flush=True)
        yield row


def line(row: Row) -> str:
    what, figure, budget, met = row
    return f"| {what} | {figure} | {budget} | {'да' if met else '**нет**'} |"


def paper(table: dict[str, list[Row]], short: bool) -> str:
    parts = [HEAD, machine(short)]
    for name, rows in table.items():
        parts += [f"## {SUBJECTS[name]}\n", "| что | число | бюджет | выполнено |\n|---|---|---|---|"]
        parts += [*map(line, rows), ""]
    return "\n".join(parts)


def by_hand() -> str:
    """What people wrote under the tables of the run before stays under those of this one."""
    _, mark, words = PAPER.read_text("utf-8").partition(MARK)
    return mark + words


def machine(short: bool) -> str:
    """The day, the class of the machine and the versions; no names."""
    chip = next(
        (
            one.split(":")[1].strip()
            for one in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in one
        ),
        "",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    versions = ", ".join(f"{part} {version(part)}" for part in PARTS)
    return (
        f"{datetime.now(UTC):%d.%m.%Y}, {'короткий' if short else 'полный'} прогон, {CONTRACTS:,} договоров. "
        f"{os.cpu_count()} ядра, {chip}, {memory} ГБ, "
        f"{platform.system()} {platform.release().split('-')[0]}; нагрузка машины {os.getloadavg()[2]:.1f}. "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}.\nСервер: "
        f"`{CABINET}`.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
