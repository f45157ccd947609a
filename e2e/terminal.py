"""A text browser in a terminal of its own, driven by the words on its screen: no script, no pictures, no
mouse.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

ROWS, COLUMNS = 200, 120  # a page is on the screen whole, so nothing has to be scrolled to
ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78A-Z])|[\x00\x0e\x0f]")
REDRAW = "\x0c"


class Terminal:
    """The browser as a child on a pseudo-terminal; `keys` types, `sees` waits until words are on its
    screen.
    """

    def __init__(self, command: list[str], home: str):
        self.child, self.wire = pty.fork()
        if not self.child:
            told = {"LC_ALL": "C.UTF-8", "TERM": "xterm", "HOME": home, "PATH": os.environ["PATH"]}
            os.execvpe(command[0], command, told)
        fcntl.ioctl(self.wire, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.kill(self.child, signal.SIGWINCH)
        self.last = ""

    def keys(self, *typed: str) -> None:
        for one in typed:
            os.write(self.wire, one.encode())
            self._heard(0.05)

    def screen(self) -> str:
        """All that is shown now, spaces and lines made one."""
        self._heard(0.05)
        os.write(self.wire, REDRAW.encode())
        raw = self._heard(0.4)
        self.last = " ".join(ESCAPES.sub(b" ", raw).decode("utf-8", "replace").split())
        return self.last

    def sees(self, *words: str, patience: float = 40) -> str:
        """The screen once each of these words is on it."""
        until = time.monotonic() + patience
        while not all(one in self.screen() for one in words):
            assert time.monotonic() < until, f"{words} not in: {self.last[:3000]}"
        return self.last

    def _heard(self, quiet: float) -> bytes:
        """What came until it has been quiet for so long."""
        said = b""
        while select.select([self.wire], [], [], quiet)[0]:
            try:
                said += os.read(self.wire, 65536)
            except OSError:  # the child has ended
                break
        return said

    def close(self) -> None:
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.wire)


class W3m(Terminal):
    """w3m: the cursor is moved by searching for words; Tab is the next link or field, Escape Tab the one
    before.
    """

    def __init__(self, address: str, home: str):
        options = [
            "accept_cookie=1",
            "cookie_reject_domains=",
            "confirm_qq=0",
            "wrap_search=1",
            "display_charset=UTF-8",
        ]
        self.words = Path(home) / "words"
        editor = (
            Path(home) / "editor"
        )  # for a field of many lines w3m calls one; ours types what `write` has left
        editor.write_text(f"#!/bin/sh\ncat '{self.words}' > \"$1\"\n")
        editor.chmod(0o755)
        flags = [part for one in [*options, f"editor={editor}"] for part in ("-o", one)]
        super().__init__(["w3m", "-cookie", "-I", "UTF-8", "-O", "UTF-8", *flags, address], home)

    def at(self, words: str, nth: int = 1) -> None:
        self.keys("g", "/", words, "\r", *["n"] * (nth - 1))

    def follow(self, words: str, nth: int = 1) -> None:
        self.at(words, nth)
        self.keys("\r")

    press = follow

    def press_last(self, words: str) -> None:
        """The button at the end of a page whose text says the same word earlier."""
        self.keys("G", "?", words, "\r", "\r")

    def goto(self, address: str) -> None:
        self.keys("U", "\x15", address, "\r")

    def fill(self, label: str, value: str, nth: int = 1) -> None:
        self.at(label, nth)
        self.keys("\t", "\r", "\x15", value, "\r")

    def write(self, label: str, words: str) -> None:
        self.words.write_text(words, "utf-8")
        self.at(label)
        self.keys("\t", "\r")

    def tick(self, words: str) -> None:
        """The box stands before its words."""
        self.at(words)
        self.keys("\x1b\t", "\r")

    def save(self, words: str, path: str) -> None:
        """What a link leads to, into a file, and back to the page."""
        self.at(words)
        self.keys("a")
        said, until = b"", time.monotonic() + 40
        while b"Save file" not in said:
            assert time.monotonic() < until, said[-300:]
            said += self._heard(0.2)
        self.keys("\x15", path, "\r")
        while not Path(path).exists() or not Path(path).stat().st_size:
            assert time.monotonic() < until, self.screen()[-300:]
            time.sleep(0.1)
        self.keys("B")
