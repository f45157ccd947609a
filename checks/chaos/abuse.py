"""Hostile visitors of a live server that runs as nobody in a throw-away folder: `python -m checks.chaos
abuse`.

Each check gives a line of the table: what was tried, how often, what came of it. A finding is anything that
is not zero.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from checks.chaos.client import Client
from checks.chaos.filling import Subscriber
from checks.chaos.trial import Trial, trial

NOBODY = 65534


@dataclass
class Finding:
    """`tried` so many; `wrong` says each thing that should not have been."""

    what: str
    tried: int = 0
    outcome: str = ""
    wrong: list[str] = field(default_factory=list)

    def expect(self, good: bool, said: str) -> None:
        self.tried += 1
        if not good:
            self.wrong.append(said[:200])

    @property
    def line(self) -> str:
        found = f"{len(self.wrong)}" if self.wrong else "0"
        return f"| {self.what} | {self.tried} | {self.outcome or 'отказано словами'} | {found} |"


HEAD = "| что пробовали | раз | что было | находок |\n|---|---|---|---|"
Check = Callable[[Trial, list[Client]], Finding]


def run(base: int, checks: list[Check], people: int = 430, database: str = "") -> list[Finding]:
    """The house as nobody: whatever a name or a file makes it do, it can do in its own folder only.

    `database` is the address of an empty PostgreSQL; without it the house has its file.
    """
    folder = Path(tempfile.mkdtemp(prefix="abuse-"))
    # Everybody here has one address; each contract keeps its own limits.
    change = {"CABINET_WRONG_FROM_ADDRESS": "1000000", "CABINET_REGISTRATIONS_FROM_ADDRESS": "1000000"}
    try:
        with trial(base, people, folder=folder, change=change, database=database) as found:
            found.house.path.touch()  # by its age `own_files` knows what escaped, whatever the engine
            lesser(found, folder)
            found.house.start("web", "jobs")
            found.house.ready("web")
            clients = [Client(found.house.origin).enter(who.contract) for who in found.people[:4]]
            found.idle = found.house.memory_at_rest()
            return [_checked(check, found, clients) for check in checks]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lesser(found: Trial, folder: Path) -> None:
    """Give the folder away and start everything without rights, without new ones, in a home of its own."""
    for path in [folder, *folder.iterdir()]:
        os.chown(path, NOBODY, NOBODY)
    lesser_than = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    aside = [*lesser_than, "--inh-caps=-all"]
    if subprocess.run([*aside, "env", sys.executable, "-c", ""], capture_output=True, check=False).returncode:
        # This Python lies in somebody's closed home: leave to read everything, and still to write nothing but
        # one's own.
        aside = [*lesser_than, "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    found.house.ahead = {
        name: [*aside, "env", f"HOME={folder}", f"TMPDIR={folder}"] for name in ("web", "jobs")
    }


def _checked(check: Check, found: Trial, clients: list[Client]) -> Finding:
    finding = check(found, clients)
    alive = found.house._answers("web")
    finding.expect(alive, "после этого сервер не отвечает")
    held = found.house.memory_used() >> 20
    print(f"  {finding.what}: {finding.tried}, находок {len(finding.wrong)}; память {held} МБ", flush=True)
    for each in finding.wrong[:10]:
        print(f"    {each}")
    return finding


def own_files(path: Path, who: int = NOBODY) -> list[str]:
    """Everything of this user's outside the folder, younger than the folder: what escaped."""
    found = subprocess.run(
        [
            "find",
            "/",
            "-xdev",
            "-user",
            str(who),
            "-newer",
            str(path / "cabinet.sqlite"),
            "-not",
            "-path",
            f"{path}/*",
            "-not",
            "-path",
            "/proc/*",
            "-not",
            "-path",
            "*/abuse-*/cabinet.*",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in found.stdout.splitlines() if line != str(path)]


def someone(found: Trial, number: int) -> Subscriber:
    return found.people[number]
