"""What a worker takes of memory (what is its alone), beside a Litestar worker that only says hello; and whether it grows."""

from collections.abc import Iterator

from bench import data
from bench.house import BARE, CABINET, Bench, Row, cookies, times
from bench.load import Case, shoot, warm
from bench.serving import POLL

REQUESTS = 10_000


def rows(bench: Bench) -> Iterator[Row]:
    path = bench.contracts()
    with bench.running({"cabinet": CABINET, "hello": f"{BARE} bench.hello:hello"}, path) as servers:
        cabinet, hello = servers["cabinet"], servers["hello"]
        home = Case(cabinet, "/", cookies(), before=lambda: data.refresh(path))
        for case in (home, Case(cabinet, POLL, cookies()), Case(hello)):
            warm(case)
        first, bare, asked = cabinet.memory, hello.memory, 0.0
        while asked < REQUESTS:
            shot = shoot(home, 5)
            asked += shot.rate * 5
        grown, share = cabinet.memory / first - 1, cabinet.memory / bare
    yield f"Память процесса: к голому Litestar ({first:.0f} и {bare:.0f} МБ)", times(share), "≤ 1,8 ×", share <= 1.8
    yield f"Память процесса: рост за {REQUESTS:,} главных".replace(",", " "), f"{grown:+.0%}", "≤ 10 %", grown <= 0.1
