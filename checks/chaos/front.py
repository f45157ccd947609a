"""The documented proxy before a live house: deploy/nginx.conf itself, with ports, paths and a certificate of
its own.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from checks.chaos.client import Client
from checks.chaos.house import ROOT, Deployment

NAME = "lk.example.ru"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")


def written(folder: Path, port: int, behind: int) -> Path:
    """The document as it is, but for where it listens, what it stands before and where it may write."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    rooms = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in TEMPORARY)
    # Where we try it there may be no IPv6; the same lines for it say nothing else.
    text = "".join(line for line in text.splitlines(keepends=True) if "listen [::]" not in line)
    for said, here in {
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "listen 80": f"listen 127.0.0.1:{port + 1}",
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx": str(folder),
        "/var/lib/nginx": str(folder),
        "/etc/cabinet/tls": str(folder),
        "http {\n": "http {\n" + rooms,
    }.items():
        if said not in text:
            raise ValueError(f"deploy/nginx.conf says no «{said}» any more")
        text = text.replace(said, here)
    place = folder / "nginx.conf"
    place.write_text(text, "utf-8")
    return place


def certify(folder: Path) -> None:
    """A certificate nobody trusts, under the names the document gives."""
    kind = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={NAME}",
    ]
    command = ["openssl", "req", "-x509", *kind, "-keyout", "privkey.pem", "-out", "fullchain.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@contextmanager
def front(house: Deployment, port: int, ahead: list[str]) -> Iterator[subprocess.Popen]:
    """nginx without rights in a folder of its own, until the end of the block."""
    folder = house.folder / "front"
    folder.mkdir()
    certify(folder)
    place = written(folder, port, house.base)
    for path in [folder, *folder.iterdir()]:
        shutil.chown(path, "nobody", "nogroup")
    command = [
        *ahead,
        str(nginx()),
        "-p",
        str(folder),
        "-e",
        str(folder / "error.log"),
        "-c",
        str(place),
        "-g",
        "daemon off;",
    ]
    with (folder / "said").open("ab") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        stands(process, port, folder)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def stands(process: subprocess.Popen, port: int, folder: Path) -> None:
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        try:
            if visitor(port).http.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError((folder / "said").read_text() or "nginx did not answer")


def visitor(port: int) -> Client:
    """A browser that found the cabinet's name at this machine."""
    client = Client(f"https://127.0.0.1:{port}")
    client.http.close()
    client.http = httpx.Client(
        base_url=client.http.base_url, headers={"host": NAME}, verify=False, trust_env=False, timeout=30
    )
    return client
