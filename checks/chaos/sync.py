"""strace beside one person: before each acknowledgement of a write, the log of the file was on the disk.

One deed at a time, so that between a request's arrival and its answer the trace holds nothing of anybody
else's.
"""

import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from checks.chaos.acts import KINDS, Actor
from checks.chaos.table import Row
from checks.chaos.trial import trial

CALLS = "trace=fsync,fdatasync,read,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64"
ARRIVES = re.compile(r"(?:read|recvfrom|recvmsg)\(.*(?P<what>POST /[^ ?]*|ADM-CID)")
LOGGED = re.compile(r"pwrite64\(\d+<[^>]*-wal>")
SYNCED = re.compile(r"(?:fsync|fdatasync)\(\d+<[^>]*-wal>")
ANSWERED = re.compile(
    r"(?:write|writev|sendto|sendmsg)\(.*(?:HTTP/1\.1 (?P<status>\d+)|(?P<ack>\\\"ACK\\\"))"
)
DEEDS = 25


@dataclass
class Trace:
    """Read line by line: a write that is answered well while its log is not on the disk is `bare`."""

    synced: Counter[str] = field(default_factory=Counter)
    bare: list[str] = field(default_factory=list)
    what: str = ""
    wrote: bool = False
    safe: bool = False

    def line(self, text: str) -> None:
        if found := ARRIVES.search(text):
            self.what, self.wrote, self.safe = found["what"], False, False
        elif LOGGED.search(text):
            self.wrote, self.safe = True, False
        elif SYNCED.search(text):
            self.safe = True
        elif self.what and (found := ANSWERED.search(text)):
            self._answered(found["status"] or "ACK")

    def _answered(self, status: str) -> None:
        """A good answer to what was sent; one that wrote nothing (a sign-out of nobody) promises nothing."""
        if status == "ACK" or status in ("200", "201", "303"):
            if self.wrote and self.safe:
                self.synced[re.sub(r"\d+", "…", self.what)] += 1
            else:
                self.bare.append(
                    f"{self.what} → {status}, {'не на диске' if self.wrote else 'ничего не записано'}"
                )
        self.what = ""


def run(base: int) -> list[Row]:
    if not shutil.which("strace"):
        return [Row("fsync", "нет strace", "—", "—", "—", ["strace не установлен"])]
    with trial(base, people=1) as found:
        for name in ("web", "station"):
            trace = found.house.folder / f"{name}.strace"
            found.house.ahead[name] = ["strace", "-f", "-y", "-s", "64", "-e", CALLS, "-o", str(trace)]
        found.house.start("web", "station")
        found.house.ready("web", "station")
        actor = Actor(found.house, found.book, found.bank, found.people[0], found.stop)
        actor.client.enter(actor.who.contract)
        actor.manners = ("never",)  # the bank rings by our own hand, for it must not speak meanwhile
        for kind in KINDS:
            for _ in range(DEEDS):
                actor.act(kind)
        for thing in found.bank._all():
            said = {"type": "notification", "event": "payment.succeeded", "object": {"id": thing["id"]}}
            actor.client.http.post("/callbacks/bank", json=said)
        found.house.kill()
        traces = [read(found.house.folder / f"{name}.strace") for name in ("web", "station")]
        bare, synced = (
            [one for each in traces for one in each.bare],
            sum((each.synced for each in traces), Counter()),
        )
        many = ", ".join(f"{what} {number}" for what, number in sorted(synced.items()))
        return [
            Row(
                "fdatasync журнала перед ответом (strace)",
                many,
                str(len(bare)),
                "—",
                "—",
                found.broken + bare,
            )
        ]


def read(path: Path) -> Trace:
    found = Trace()
    with path.open(errors="replace") as lines:
        for line in lines:
            found.line(line)
    return found
