"""A throw-away PostgreSQL: `python -m tests.kit.server COMMAND…` starts one, runs the command with its
address, stops it.

Debian's `postgresql` package brings the programs. The server lives in a folder of its own under the temporary
one, is reached by a socket only, waits for no disk, and is gone with the command.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.kit import memory

ADDRESS = "CABINET_TEST_POSTGRES"
# Nothing here outlives the tests, so nothing waits for the disk.
HASTE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "log_min_messages": "panic",
}


def programs() -> Path:
    """The folder of initdb and postgres, the newest there is."""
    found = [Path(which).parent] if (which := shutil.which("initdb")) else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not found:
        raise SystemExit("Нужен PostgreSQL: apt-get install postgresql")
    return found[-1]


def unprivileged() -> dict[str, Any]:
    """The server refuses to run as root: then it is somebody else's."""
    if os.geteuid():
        return {}
    names = {one.pw_name: one for one in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _accepts(data: Path) -> bool:
    """Whether the server says so in its own file: the socket is there before it lets anybody in."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


@contextmanager
def running(port: int = 8350, settings: dict[str, str] | None = None):
    """The address of a server's own database `postgres`, while it lives."""
    folder, who = Path(tempfile.mkdtemp(prefix="cabinet-postgres-", dir=memory.folder())), unprivileged()
    if who:
        os.chown(folder, who["user"], who["group"])
    # Owned by the server's user, entered by whoever tests.
    folder.chmod(0o711)
    data, bare = folder / "data", {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [
            programs() / "initdb",
            "-D",
            data,
            "-U",
            "cabinet",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        env=bare,
        cwd=folder,
        **who,
    )
    told = [f"{name}={value}" for name, value in (HASTE | (settings or {})).items()]
    arguments = [
        "-D",
        data,
        "-p",
        str(port),
        "-k",
        folder,
        "-c",
        "listen_addresses=",
        "-c",
        "unix_socket_permissions=0777",
    ]
    server = subprocess.Popen(
        [programs() / "postgres", *arguments, *(part for each in told for part in ("-c", each))],
        env=bare,
        cwd=folder,
        start_new_session=True,
        **who,
    )
    try:
        while not _accepts(data):
            if server.poll() is not None:
                raise SystemExit("PostgreSQL не запустился")
            time.sleep(0.05)
        yield f"postgresql+psycopg://cabinet@/postgres?host={folder}&port={port}"
    finally:
        server.send_signal(signal.SIGINT)  # ends what is open and shuts down
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running(int(os.environ.get("CABINET_TEST_PORT", "8350"))) as address:
        return subprocess.run(sys.argv[1:], env=os.environ | {ADDRESS: address}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
