"""Ten thousand slow lines at the documented front while somebody goes on with their business: `python -m
chaos slow`.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from checks.chaos.abuse import Finding, lesser
from checks.chaos.client import Client
from checks.chaos.front import NAME, front, nginx, visitor
from checks.chaos.house import ROOT
from checks.chaos.trial import trial
from web import assets

LINES = int(os.environ.get("SLOW_LINES", "10000"))
WORST = 300  # milliseconds somebody may wait
DROPPED = 30  # seconds a slow line may live
FIRST, AWAY = (
    -20,
    -16,
)  # shares of the processor, as nice counts them: the cabinet's machine, the slow ones' machines
QUIET = 10.0  # seconds without the slow, to know the machine


def run(base: int) -> list[Finding]:
    finding = Finding(
        f"{LINES} медленных соединений через deploy/nginx.conf: заголовки, тело, чтение, молчание"
    )
    if not nginx() or os.geteuid():
        finding.outcome = (
            "не запускалось: нужны nginx (apt-get install nginx) и root, чтобы отказаться от прав"
        )
        return [finding]
    ours(os.getpid())
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (most, most)
    )  # of the cabinet, the proxy and the slow: they inherit it
    folder = Path(tempfile.mkdtemp(prefix="abuse-"))
    change = {"CABINET_ORIGIN": f"https://{NAME}", "CABINET_TRUSTED_PROXY": "true"}
    try:
        with trial(base, 2, folder=folder, change=change) as found:
            lesser(found, folder)
            found.house.start("web")
            found.house.ready("web")
            ours(found.house.running["web"].pid)
            with front(found.house, base + 5, found.house.ahead["web"]) as proxy:
                tried(finding, base + 5, found.people[0].contract, proxy.pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [finding]


def tried(finding: Finding, port: int, contract: int, proxy: int) -> None:
    one = visitor(port).enter(contract)
    quiet = max(waited(finding, one, port, lambda began: time.monotonic() < began + QUIET))
    held = handles(proxy)
    command = [
        sys.executable,
        "-m",
        "checks.chaos.swarm",
        str(port),
        str(LINES),
        assets.url("htmx-4.0.1.min.js"),
    ]
    swarm = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    ours(swarm.pid, AWAY)
    waits = waited(finding, one, port, lambda _: swarm.poll() is None)
    said = json.loads(swarm.communicate(timeout=60)[0])
    longest = max(said["longest"].values())
    finding.expect(max(waits) <= WORST, f"посетитель ждал {max(waits):.0f} мс")
    finding.expect(said["together"] >= LINES * 0.95, f"вместе стояло только {said['together']}")
    finding.expect(
        longest <= DROPPED and not said["left"],
        f"жили до {longest} с: {said['longest']}, осталось {said['left']}",
    )
    finding.expect(handles(proxy) <= held + 8, f"у прокси осталось {handles(proxy) - held} лишних соединений")
    print(f"    {said}; ждал: {sorted(waits)[-5:]}")
    finding.outcome = (
        f"вместе стояло {said['together']}, последнее закрыто через {longest:.0f} с; посетитель: "
        f"{len(waits)} страниц, "
        f"не дольше {max(waits):.0f} мс (без медленных — {quiet:.0f})"
    )


def waited(finding: Finding, one: Client, port: int, going: Callable[[float], bool]) -> list[float]:
    """Milliseconds of each answer somebody got: pages, a form, and now and then a new connection with its
    handshake.
    """
    pages = ("/", "/payments/operator", "/events", "/inbox", "/statement", "/login")
    began, waits = time.monotonic(), []
    while going(began):
        n = len(waits)
        asked = visitor(port) if n % 5 == 4 else one
        start = time.monotonic()
        answer = (
            one.post("/requests/new/letter", text=f"Письмо {start}", key=f"k{start}")
            if n % 7 == 6
            else asked.http.get(pages[n % 6])
        )
        waits.append((time.monotonic() - start) * 1000)
        finding.expect(answer.status_code in (200, 303), f"{answer.status_code} вместо страницы")
        time.sleep(0.05)
    return waits


def ours(process: int, share: int = FIRST) -> None:
    """A busy machine's other work must not be measured: these processes' group is served before it."""
    group = Path(f"/proc/{process}/autogroup")
    if group.exists():
        group.write_text(str(share))


def handles(proxy: int) -> int:
    """Open files of the proxy and its workers."""
    workers = Path(f"/proc/{proxy}/task/{proxy}/children").read_text().split()
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (proxy, *workers))
