"""`python -m checks.chaos kills [N]`: the trials of trouble; Makefile names them all."""

import argparse
import signal
import sys

from checks.chaos import (
    abuse,
    bodies,
    codes,
    doors,
    faults,
    fuzz,
    handover,
    kills,
    knocks,
    papers,
    places,
    raw,
    replays,
    scanners,
    slow,
    smpp,
    storms,
    sync,
    table,
)
from tests.kit import server


def abused(what: list[str], port: int, cases: int, only: list[str] | None, engine: str) -> int:
    # The fuzzer after those it would disturb: it uses up the tries of the people they ask about.
    checks = [
        raw.requests,
        raw.uploads,
        raw.slow,
        bodies.flood,
        doors.forged,
        doors.hosts,
        doors.fixation,
        doors.foreign,
        replays.replayed,
        codes.misused,
        handover.inherited,
        places.wellknown,
        scanners.wapiti,
        scanners.sqlmap,
        papers.headers,
        knocks.times,
        knocks.guessing,
        knocks.besieged,
        fuzz.run(cases),
        bodies.memory,
        papers.logs,
        papers.escaped,
    ]
    wanted = [check for check in checks if not only or check.__name__ in only]
    found: list[abuse.Finding] = []
    if "abuse" in what and engine == "postgres":
        with server.running(port + 9) as address:
            found += abuse.run(port, wanted, database=address)
    elif "abuse" in what:
        found += abuse.run(port, wanted)
    found += slow.run(port) if "slow" in what else []
    print("\n" + abuse.HEAD + "\n" + "\n".join(one.line for one in found))
    return 1 if any(one.wrong for one in found) else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("what", nargs="*", default=["kills"])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=90, help="no kill after so long")
    parser.add_argument("--port", type=int, default=8300, help="the first of ten free ports")
    parser.add_argument("--cases", type=int, default=100_000, help="of the form fuzzer")
    parser.add_argument("--only", nargs="*", help="names of faults; all of them by default")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite", help="of abuse")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("остановлено"))  # so that no house outlives its trial
    rows = []
    if "kills" in asked.what:
        rows += kills.run(asked.kills, asked.port, asked.minutes)
    if "faults" in asked.what:
        rows += faults.run(asked.port, asked.only)
    if "sync" in asked.what:
        rows += sync.run(asked.port)
    if {"abuse", "slow"} & set(asked.what):
        return abused(asked.what, asked.port, asked.cases, asked.only, asked.engine)
    storm = storms.run(asked.port) if "storms" in asked.what else []
    centre = smpp.run(asked.port) if "smpp" in asked.what else []
    return 0 if table.show(rows) & table.told(storm) & table.told(centre, table.CENTRE) else 1


if __name__ == "__main__":
    sys.exit(main())
