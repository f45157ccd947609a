"""Weight: counted on the wire as tests/kit/weights.py does, which the tests keep within the same budgets."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from checks.bench.house import Bench, Row
from tests.kit.weights import Scales
from web import assets

KB = 1024


def rows(bench: Bench) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        scales = Scales(Path(folder))
        visit = scales.first_visit()
        drawn, whole = visit["/login"] + visit["app.css"] + visit["icons.svg"], sum(visit.values())
        yield weighed("Первое посещение: страница входа, стили и значки, с заголовками", drawn, 14)
        yield weighed("Первое посещение: всё вместе с htmx", whole, 24)
        yield "Первое посещение: запросов", str(len(visit)), "≤ 5", len(visit) <= 5
        scales.enter()
        yield weighed("Главная, оформление уже здесь", scales.weigh("/"), 4)
        wrong = {"contact_mobile": "12", "landline": ""}
        yield weighed("Форма с отказом, тело", scales.weigh("/settings/contacts", wrong, 422, htmx=True), 1.2)
        yield weighed("Лента, 50 событий, тело", scales.feed(), 2.5)
        scales.app.state.engine.dispose()
    packed, _ = assets.find_response(assets.url("app.js").removeprefix("/assets/"), "br") or (b"", {})
    yield weighed("Наш JavaScript, тело в brotli", len(packed), 1.2)


def weighed(what: str, size: int, most: float) -> Row:
    shown = f"≤ {most:g} КБ".replace(".", ",")
    return what, f"{size:,} байт".replace(",", " "), shown, size <= most * KB
