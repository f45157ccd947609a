"""What the measures share: a row of the table, the contenders' commands and the cookies of people signed
in.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from litestar.middleware.csrf import generate_csrf_token

from checks.bench import data
from checks.bench.load import Server, free, serving
from tests.kit.production import MONEY

# (what, figure, budget, met)
Row = tuple[str, str, str, bool]
SECRET = "for the benchmark alone, 32 signs"
KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
# The production command of README.md; a port of its own is added.
CABINET = "granian --interface asgi --factory app:create_app --no-ws --workers 1"
BARE = "granian --interface asgi --no-ws --workers 1"
FLOOR = f"{BARE} checks.bench.floor:floor"


@dataclass(frozen=True)
class Bench:
    """A run: the folder of its files, the venv with the peers (none: they are left out), and whether it is a
    short one.
    """

    folder: Path
    peers: Path | None
    short: bool

    @property
    def rounds(self) -> int:
        return 3 if self.short else 7

    @property
    def seconds(self) -> float:
        return 2 if self.short else 4

    def contracts(self) -> Path:
        path = data.contracts(self.folder)
        data.refresh(path)
        return path

    @contextmanager
    def running(self, commands: Mapping[str, str], database: Path) -> Iterator[dict[str, Server]]:
        """All these servers at once; `peer …` commands come from the peers' venv."""
        with ExitStack() as stack:
            yield {
                name: stack.enter_context(self._one(command, database)) for name, command in commands.items()
            }

    def _one(self, command: str, database: Path):  # type: ignore[no-untyped-def]
        port = free()
        program, *words = command.format(port=port).split()
        folder = Path(sys.executable).parent
        if program == "peer":
            program, folder = words.pop(0), (self.peers or folder) / "bin"
        words += [] if "{port}" in command else ["--port", str(port)]
        return serving([str(folder / program), *words], port, settings(database))


def settings(database: Path) -> dict[str, str]:
    return {
        "CABINET_DATABASE": str(database.absolute()),
        "CABINET_SECRETS": f'["{SECRET}"]',
        "CABINET_ATTACHMENT_KEYS": f'["{KEY}"]',
    } | MONEY


def token() -> str:
    return generate_csrf_token(SECRET)


def csrf(value: str) -> str:
    """The cookie of forms, which every browser has after its first page."""
    return f"csrf-{sha256(SECRET.encode()).hexdigest()[:8]}={value}"


def cookies(value: str = "") -> list[str]:
    """Cookie headers of those signed in to whom nothing new is waiting."""
    value = value or token()
    return [
        f"cabinet={one}; {csrf(value)}"
        for one, contract in data.people().items()
        if not data.unread(contract)
    ]


def times(figure: float) -> str:
    return f"{figure:.2f} ×"
