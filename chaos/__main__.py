"""`python -m chaos kills [N]`: the trials of trouble; Makefile names them all."""

import argparse
import sys

from chaos import kills, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("what", nargs="*", default=["kills"])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=90, help="no kill after so long")
    parser.add_argument("--port", type=int, default=8300, help="the first of ten free ports")
    asked = parser.parse_args()
    rows = []
    if "kills" in asked.what:
        rows += kills.run(asked.kills, asked.port, asked.minutes)
    return 0 if table.show(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
