"""What stands before the cabinet and how it is started: the documents an operator copies say one thing, and
nginx takes it.
"""

import re
import subprocess
from pathlib import Path

import pytest

from checks.chaos.front import TEMPORARY, certify, nginx, written
from checks.chaos.house import WEB

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("document", ["README.md", "deploy/cabinet-web.service", "deploy/Containerfile"])
def test_the_server_is_started_as_it_is_tried(document):
    text = re.sub(r'[",\\\\\s]+', " ", (ROOT / document).read_text("utf-8"))
    told = re.search(r"granian --interface asgi --factory app:create_app [^`\]]*", text)
    assert told, document
    for flag, value in zip(WEB, [*WEB[1:], ""], strict=True):
        if flag.startswith("--"):
            assert (flag if value.startswith("--") else f"{flag} {value}") in told[0]


@pytest.mark.skipif(not nginx(), reason="nginx is not installed")
def test_nginx_takes_the_document(tmp_path):
    certify(tmp_path)
    place = written(tmp_path, 18443, 18000)
    said = subprocess.run(
        [str(nginx()), "-t", "-p", str(tmp_path), "-e", str(tmp_path / "e"), "-c", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert all((tmp_path / name).is_dir() for name in TEMPORARY)
