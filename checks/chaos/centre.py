"""The SMS centre of make smpp as a process beside us: `centre.js` on npm's smpp, told its mood and listened
to.
"""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULES = HERE.parent / "var" / "smpp" / "node_modules"


class Centre:
    """`heard` is all it said since it was first started: submissions, receipts answered, who bound."""

    def __init__(self, port: int, certificate: str = "") -> None:
        self.port, self.certificate, self.heard = port, certificate, []
        self.start()

    heard: list[dict[str, Any]]

    def start(self) -> None:
        script = MODULES.parent / "centre.js"  # beside its modules, for node looks for them there
        shutil.copy(HERE / "centre.js", script)
        command = ["node", str(script), str(self.port), *filter(None, [self.certificate])]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()
        self.until(lambda: any("listens" in one for one in self.heard[-1:]))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def feel(self, **mood: Any) -> None:
        """rate, cut, receipt: see centre.js."""
        self.process.stdin.write(json.dumps(mood) + "\n")
        self.process.stdin.flush()

    def taken(self, words: str = "") -> list[dict[str, Any]]:
        return [one for one in self.heard if words in one.get("text", "\0")]

    def until(self, true: Callable[[], Any], patience: float = 60) -> bool:
        end = time.monotonic() + patience
        while not true():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def _listen(self, lines: Any) -> None:
        for line in lines:
            self.heard.append({"at": time.monotonic()} | json.loads(line))
