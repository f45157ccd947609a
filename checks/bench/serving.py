"""Reading: the home page beside its floor and its peers, the poll beside a bare hello, the feed, the assets
(budgets, serving).

One worker each, asked in turn; the figures are ratios of the same rounds.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from checks.bench import data
from checks.bench.house import BARE, CABINET, FLOOR, Bench, Row, cookies, times
from checks.bench.load import Case, Seen, Server, rounds
from web import assets

PEERS = {
    "Django + gunicorn": (
        "peer gunicorn -k gthread --threads 4 -w 1 -b 127.0.0.1:{port} checks.bench.peers.django_home:app",
        6,
    ),
    "FastAPI + SQLModel": ("peer uvicorn --no-access-log checks.bench.peers.fastapi_home:app", 5),
    "Flask + SQLAlchemy": (
        "peer gunicorn -k gthread --threads 4 -w 1 -b 127.0.0.1:{port} checks.bench.peers.flask_home:app",
        4,
    ),
}
POLL = "/inbox/envelope?seen=0"
FEED = "/events?period=month"
HTMX = "htmx-4.0.1.min.js"


def rows(bench: Bench) -> Iterator[Row]:
    path = bench.contracts()
    commands = {
        "cabinet": CABINET,
        "floor": FLOOR,
        "hello": f"{BARE} checks.bench.hello:hello",
        "static": f"{BARE} --interface asgi checks.bench.hello:static",
        **({name: command for name, (command, _) in PEERS.items()} if bench.peers else {}),
    }
    with bench.running(commands, path) as servers:
        yield from _home(bench, servers, path)
        yield from _poll(bench, servers, path)
        yield from _feed(bench, servers, path)
        yield from _assets(bench, servers)


def _asked(bench: Bench, cases: Mapping[str, Case]) -> dict[str, Seen]:
    return rounds(cases, bench.seconds, bench.rounds)


def _home(bench: Bench, servers: Mapping[str, Server], path: Path) -> Iterator[Row]:
    people = cookies()

    def case(name: str, connections: int = 32) -> Case:
        return Case(servers[name], "/", people, connections=connections, before=lambda: data.refresh(path))

    names = ["cabinet", "floor", *(name for name in PEERS if name in servers)]
    seen = _asked(bench, {name: case(name) for name in names})
    cabinet, floor = seen["cabinet"], seen["floor"]
    rate, work = cabinet.over(floor), cabinet.over(floor, "cpu")
    speed = f"{cabinet.of('rate'):.0f} и {floor.of('rate'):.0f} в секунду"
    yield f"Главная: запросов в секунду к полу ({speed})", f"{rate:.2f}", "≥ 0,5", rate >= 0.5
    yield (
        f"Главная: процессор к полу ({cabinet.of('cpu'):.0f} и {floor.of('cpu'):.0f} мкс)",
        times(work),
        "≤ 2,0 ×",
        work <= 2,
    )
    for name, (_, least) in PEERS.items():
        if name in seen:
            better = cabinet.over(seen[name])
            yield (
                f"Главная: против {name} ({seen[name].of('rate'):.0f}/с)",
                times(better),
                f"≥ {least} ×",
                better >= least,
            )
        else:
            yield f"Главная: против {name}", "не измерено: нет окружения соседей", f"≥ {least} ×", False
    for connections, one in ((32, cabinet), (64, _asked(bench, {"cabinet": case("cabinet", 64)})["cabinet"])):
        yield f"Главная: p99 ÷ p50 при {connections} соединениях", f"{one.tail:.2f}", "≤ 2", one.tail <= 2


def _poll(bench: Bench, servers: Mapping[str, Server], path: Path) -> Iterator[Row]:
    people, fresh = cookies(), lambda: data.refresh(path)
    cases = {
        "poll": Case(servers["cabinet"], POLL, people, before=fresh),
        "hello": Case(servers["hello"]),
        "home": Case(servers["cabinet"], "/", people, before=fresh),
    }
    django = next(iter(PEERS))
    if django in servers:
        cases[django] = Case(servers[django], POLL, people, before=fresh)
    seen = _asked(bench, cases)
    poll = seen["poll"]
    bare, home = poll.over(seen["hello"], "cpu"), poll.over(seen["home"], "cpu")
    cost = f"{poll.of('cpu'):.0f} и {seen['hello'].of('cpu'):.0f} мкс"
    yield f"Опрос конверта: процессор к «hello» Litestar ({cost})", times(bare), "≤ 1,3 ×", bare <= 1.3
    yield "Опрос конверта: процессор к главной", f"{home:.3f}", "≤ 0,10", home <= 0.1
    if django in seen:
        better = poll.over(seen[django])
        yield f"Опрос конверта: против {django}", times(better), "≥ 20 ×", better >= 20
    size = poll.of("size")
    yield "Опрос конверта: ответ на проводе", f"{size:.0f} байт", "≤ 150 байт", size <= 150
    pages = 30 * 1e6 / poll.of("cpu")
    yield "Открытых страниц на процесс, опрос раз в 30 с", f"{pages:,.0f}", "≥ 50 000", pages >= 50_000


def _feed(bench: Bench, servers: Mapping[str, Server], path: Path) -> Iterator[Row]:
    ask = {
        "path": FEED,
        "cookies": cookies(),
        "headers": ["HX-Request: true"],
        "before": lambda: data.refresh(path),
    }
    seen = _asked(bench, {name: Case(servers[name], **ask) for name in ("cabinet", "floor")})  # type: ignore[arg-type]
    work = seen["cabinet"].over(seen["floor"], "cpu")
    cost = f"{seen['cabinet'].of('cpu'):.0f} и {seen['floor'].of('cpu'):.0f} мкс"
    yield f"Лента, 50 событий: процессор к полу ({cost})", times(work), "≤ 1,5 ×", work <= 1.5


def _assets(bench: Bench, servers: Mapping[str, Server]) -> Iterator[Row]:
    packed = ["Accept-Encoding: br"]
    seen = _asked(
        bench,
        {
            "cabinet": Case(servers["cabinet"], assets.url(HTMX), headers=packed),
            "static": Case(servers["static"], f"/static/{HTMX}", headers=packed),
        },
    )
    better = seen["cabinet"].over(seen["static"])
    yield "Файлы оформления: против раздачи Litestar", times(better), "≥ 8 ×", better >= 8
