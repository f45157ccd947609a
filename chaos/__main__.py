"""`python -m chaos kills [N]`: the trials of trouble; Makefile names them all."""

import argparse
import signal
import sys

from chaos import faults, kills, sync, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("what", nargs="*", default=["kills"])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=90, help="no kill after so long")
    parser.add_argument("--port", type=int, default=8300, help="the first of ten free ports")
    parser.add_argument("--only", nargs="*", help="names of faults; all of them by default")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("остановлено"))  # so that no house outlives its trial
    rows = []
    if "kills" in asked.what:
        rows += kills.run(asked.kills, asked.port, asked.minutes)
    if "faults" in asked.what:
        rows += faults.run(asked.port, asked.only)
    if "sync" in asked.what:
        rows += sync.run(asked.port)
    return 0 if table.show(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
