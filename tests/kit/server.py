"""A temporary PostgreSQL: `python -m tests.kit.server COMMAND…` starts one, runs the command with its
address, stops it.

Debian's `postgresql` package has the programs. The server uses its own temporary folder, listens on a Unix
socket only, does not wait for the disk, and is removed after the command.
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
    """Return the folder of initdb and postgres, of the newest version installed."""
    found = [Path(which).parent] if (which := shutil.which("initdb")) else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not found:
        raise SystemExit("Нужен PostgreSQL: apt-get install postgresql")
    return found[-1]


def unprivileged() -> dict[str, Any]:
    """Return options that run the server as another user, because it refuses to run as root."""
    if os.geteuid():
        return {}
    names = {one.pw_name: one for one in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _accepts(data: Path) -> bool:
    """Return whether the server's own file says it accepts connections: the socket appears earlier."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


@contextmanager
def running(port: int = 8350, settings: dict[str, str] | None = None):
    """Run a server and yield the address of its database `postgres`."""
    folder, who = Path(tempfile.mkdtemp(prefix="cabinet-postgres-", dir=memory.folder())), unprivileged()
    if who:
        os.chown(folder, who["user"], who["group"])
    # Owned by the server's user, accessible to the user who runs tests.
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
        server.send_signal(signal.SIGINT)  # closes open sessions and shuts down
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running(int(os.environ.get("CABINET_TEST_PORT", "8350"))) as address:
        return subprocess.run(sys.argv[1:], env=os.environ | {ADDRESS: address}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
