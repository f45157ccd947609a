"""What a worker takes of memory (what is its alone), beside a Litestar worker that only says hello; and
whether it grows.

Between the two stand the libraries alone: a row for them says how much of ours is ours.
"""

from collections.abc import Iterator

from checks.bench import data
from checks.bench.house import BARE, CABINET, Bench, Row, cookies, times
from checks.bench.load import Case, shoot, warm
from checks.bench.serving import POLL

REQUESTS = 10_000


def rows(bench: Bench) -> Iterator[Row]:
    path = bench.contracts()
    contenders = {
        "cabinet": CABINET,
        "hello": f"{BARE} checks.bench.hello:hello",
        "stack": f"{BARE} checks.bench.stack:stack",
    }
    with bench.running(contenders, path) as servers:
        cabinet, hello, stack = servers["cabinet"], servers["hello"], servers["stack"]
        home = Case(cabinet, "/", cookies(), before=lambda: data.refresh(path))
        for case in (home, Case(cabinet, POLL, cookies()), Case(hello), Case(stack)):
            warm(case)
        first, bare, libraries, asked = cabinet.memory, hello.memory, stack.memory, 0.0
        while asked < REQUESTS:
            shot = shoot(home, 5)
            asked += shot.rate * 5
        grown, share = cabinet.memory / first - 1, cabinet.memory / bare
    yield (
        f"Память процесса: к голому Litestar ({first:.0f} и {bare:.0f} МБ)",
        times(share),
        "≤ 1,8 ×",
        share <= 1.8,
    )
    alone = (
        "То же у одних библиотек: Litestar, SQLModel, Jinja и страница без единой нашей строки "
        f"({libraries:.0f} МБ)"
    )
    yield alone, times(libraries / bare), "", True
    yield (
        f"Память процесса: рост за {REQUESTS:,} главных".replace(",", " "),
        f"{grown:+.0%}",
        "≤ 10 %",
        grown <= 0.1,
    )
