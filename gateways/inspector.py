"""Attached files are looked into by a process of its own, with little time and memory: a bomb ends it, not the cabinet.

The parent writes names and bytes, the child answers with JSON and the bytes to keep. Nothing the child says is run or
unpickled: whoever took it over through a damaged picture could only return other bytes.
"""

import io
import json
import logging
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from typing import BinaryIO

from rules import Refused
from rules.attachments import TYPES, Clean, Upload, safe_name

log = logging.getLogger("cabinet.uploads")
HOUSE = Path(__file__).parent.parent
SECONDS = 20  # of CPU for all files of one message
PATIENCE = 60  # by the clock, for a machine busy with other things
MEMORY = 1 << 30  # a 50-megapixel picture takes 150 MB twice
TOO_MUCH = "Файлы не приняты: их проверка заняла слишком много времени или памяти. Сохраните их заново и приложите по одному."
# Each may take a core and the memory above: two at a time, the others wait.
_narrow = BoundedSemaphore(2)


def clean(uploads: Sequence[Upload]) -> list[Clean]:
    """Each file as it may be kept, in order; Refused at `files` for the first that is not, or when checking took too much."""
    if not uploads:
        return []
    sent = b"".join(_packed({"name": one.name}, one.content.read()) for one in uploads)
    with _narrow:
        try:
            done = subprocess.run(  # our own interpreter and module, and none of our secrets
                [sys.executable, "-m", "gateways.inspector"], input=sent, cwd=HOUSE, env={"LC_ALL": "C.UTF-8"},
                timeout=PATIENCE, capture_output=True, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Refused(files=TOO_MUCH) from None
    if done.returncode:
        log.warning("the inspector ended with %s: %s", done.returncode, done.stderr[-300:].decode("utf-8", "replace"))
        raise Refused(files=TOO_MUCH)
    answers = list(_unpacked(io.BytesIO(done.stdout)))
    if answers and "refused" in answers[-1][0]:
        raise Refused(files=str(answers[-1][0]["refused"]))
    return [_kept(told, data) for told, data in answers]


def _kept(told: dict[str, str], data: bytes) -> Clean:
    """What the child says is a name and a kind, no more: both are held to the rule once again."""
    if told["type"] not in TYPES.values():
        raise Refused(files=TOO_MUCH)
    return Clean(safe_name(told["name"]), told["type"], data, sha256(data).hexdigest())


def _packed(told: dict[str, str], data: bytes) -> bytes:
    head = json.dumps(told).encode()
    return struct.pack("!II", len(head), len(data)) + head + data


def _unpacked(stream: BinaryIO) -> Iterator[tuple[dict[str, str], bytes]]:
    while sizes := stream.read(8):
        head, data = struct.unpack("!II", sizes)
        yield json.loads(stream.read(head)), stream.read(data)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows, where a demonstration may run
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """The child: limits first, then the libraries that read what strangers send."""
    _limit()
    from rules import contents

    for told, data in _unpacked(sys.stdin.buffer):
        try:
            one = contents.clean(Upload(told["name"], len(data), io.BytesIO(data)))
        except Refused as refused:
            sys.stdout.buffer.write(_packed({"refused": refused.problems["files"]}, b""))
            return
        sys.stdout.buffer.write(_packed({"name": one.name, "type": one.type}, one.data))


if __name__ == "__main__":
    main()
