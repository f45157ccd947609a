"""kill −9 at random moments under load: of the web, the jobs and the station's receiver, each by a killer of
its own.
"""

import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from checks.chaos import audit
from checks.chaos.table import Row
from checks.chaos.trial import Trial, trial

ALL = ("web", "jobs", "station")
NAMES = {"web": "сервер", "jobs": "работы", "station": "приёмник"}


@dataclass
class Killer:
    """Kills one process again and again, each time as soon as it is back and at a random moment after
    that.
    """

    found: Trial
    kills: int
    until: float
    numbers: count = field(default_factory=lambda: count(1))
    back: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def haunt(self, name: str) -> None:
        while time.monotonic() < self.until and (number := next(self.numbers)) <= self.kills:
            self._lived()
            time.sleep(random.uniform(0.05, 1.5))
            began = time.monotonic()
            self.found.house.kill(name)
            self.found.house.start(name)
            self.found.house.ready(name)
            self.back[name].append(time.monotonic() - began)
            if number % 10 == 0:
                print(f"  {number} убийств, принято {self.found.book.total()}", flush=True)

    def _lived(self) -> None:
        """Until people got something done since the last death; a dead house acknowledges nothing."""
        before, began = self.found.book.total(), time.monotonic()
        while self.found.book.total() < before + 3 and time.monotonic() - began < 30:
            time.sleep(0.05)


def run(kills: int, base: int, minutes: float) -> list[Row]:
    with trial(base) as found:
        found.house.start(*ALL)
        found.house.ready(*ALL)
        found.begin()
        found.entered()
        killer = Killer(found, kills, time.monotonic() + 60 * minutes)
        threads = [threading.Thread(target=killer.haunt, args=(name,)) for name in ALL]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found.end()
        quiet = audit.settled(found.house.path, found.bank)
        found.broken += audit.whole(found.house.path)
        done = sum(len(each) for each in killer.back.values())
        parts = ", ".join(f"{NAMES[name]} {len(each)}" for name, each in killer.back.items())
        when = f"{median(killer.back['web']):.1f} с; последнее дело сделано через {quiet:.0f} с"
        return [Row.of(f"kill −9 × {done} ({parts})", found.counts(), when, found)]
