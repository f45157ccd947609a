"""Strangers' tools against a signed-in cabinet: wapiti and sqlmap, where they are installed (SCANNERS=their
folder), for SCAN_SECONDS each.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.trial import Trial

SECONDS = int(os.environ.get("SCAN_SECONDS", "300"))
ASKED = (
    "/events?first=2026-10-01&last=2026-10-31&key=1&before=1",
    "/payments?before=5",
    "/statement?first=2026-10-01&last=2026-10-31",
    "/payments/code.svg?amount=1",
    "/inbox?before=1",
    "/login?next=/",
)


def tool(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("SCANNERS", os.environ.get("PATH")))


def cookies(client: Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())


def let(folder: Path, command: list[str], seconds: float) -> tuple[str, bool]:
    """What it said and whether it came to its end by itself; stopped when its time is out, with whatever it
    started.
    """
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command,
            stdout=said,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env={"HOME": str(folder), "PATH": os.environ["PATH"]},
            start_new_session=True,
        )
        try:
            process.wait(seconds)
            ended = True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 15)
            process.wait(30)
            ended = False
    return (folder / "said").read_text("utf-8", "replace"), ended


def room(found: Trial, name: str) -> Path:
    """Beside the bank's file: the cabinet's own folder is watched for what it writes itself."""
    place = Path(found.bank.till.path).parent / name
    place.mkdir()
    return place


def asked(found: Trial) -> int:
    """So many requests are in the log."""
    return sum(path.read_bytes().count(b'"status"') for path in found.house.folder.glob("web.log"))


def wapiti(found: Trial, clients: list[Client]) -> Finding:
    finding, program = Finding("wapiti, вошедший абонент"), tool("wapiti")
    if not program:
        finding.outcome = "не запускался: не установлен"
        return finding
    folder, before = room(found, "wapiti"), asked(found)
    command = [
        program,
        "-u",
        f"{found.house.origin}/",
        "--scope",
        "folder",
        "-H",
        f"Cookie: {cookies(clients[3])}",
        "-x",
        f"{found.house.origin}/logout",
        "-x",
        f"{found.house.origin}/devices/end",
        "--flush-session",
        "--no-bugreport",
        "--store-session",
        str(folder),
        "--max-scan-time",
        str(SECONDS // 2),
        "--max-attack-time",
        str(SECONDS // 6),
        "-m",
        "sql,xss,file,exec,redirect,crlf,xxe,ssrf,permanentxss",
        "-d",
        "4",
        "-f",
        "json",
        "-o",
        str(folder / "report.json"),
    ]
    said, ended = let(folder, command, SECONDS * 1.5)
    report = folder / "report.json"
    told = json.loads(report.read_text()) if report.exists() else {}
    bad = [
        f"{kind}: {one['method']} {one['path']} {one.get('info', '')}"
        for part in ("vulnerabilities", "anomalies")
        for kind, many in told.get(part, {}).items()
        for one in many
    ]
    finding.tried, finding.wrong = asked(found) - before, [one[:200] for one in bad]
    finding.expect(bool(told), f"отчёта нет: {said[-300:]}")
    finding.outcome = f"страниц {told.get('infos', {}).get('crawled_pages_nbr', '?')}; " + (
        "до конца" if ended else "остановлен"
    )
    return finding


def sqlmap(found: Trial, clients: list[Client]) -> Finding:
    finding, program = Finding("sqlmap, вошедший абонент и вход"), tool("sqlmap")
    if not program:
        finding.outcome = "не запускался: не установлен"
        return finding
    folder, before = room(found, "sqlmap"), asked(found)
    origin, client = found.house.origin, clients[2]
    (folder / "targets").write_text("\n".join(origin + place for place in ASKED))
    usual = [
        program,
        "--batch",
        "--disable-coloring",
        "--flush-session",
        "--output-dir",
        str(folder),
        "--threads",
        "2",
        "--timeout",
        "15",
        "--cookie",
        cookies(client),
        "--dbms",
        "PostgreSQL" if found.house.database else "SQLite",
        "--ignore-code",
        "*",
    ]
    door = f"number=78100002&password=x&_csrf_token={client.token()}"
    commands = [
        [
            *usual,
            "-u",
            f"{origin}/recover",
            "--data",
            f"number=78100399&_csrf_token={client.token()}",
            "-p",
            "number",
        ],
        [*usual, "-u", f"{origin}/login", "--data", door, "-p", "number,password"],
        [*usual, "-m", str(folder / "targets")],
    ]
    ends = []
    for command in commands:
        said, ended = let(folder, command, SECONDS / len(commands))
        ends.append(len(set(re.findall(r"parameter '(.+?)' does not seem to be injectable", said))))
        for line in said.splitlines():
            bad = re.search(
                r"is vulnerable|appears to be '.*injectable|back-end DBMS is|identified the following "
                r"injection",
                line,
            )
            finding.expect(not bad, line)
        finding.expect(ended or bool(ends[-1]), f"ничего не успел: {said[-200:]}")
    finding.tried = asked(found) - before
    finding.outcome = f"полей проверено {sum(ends)}, ни одно не поддаётся"
    return finding
