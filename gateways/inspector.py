"""Checks uploaded files in a child process with limited time and memory.

A file made to exhaust them ends only the child. The parent writes names and bytes; the child answers with
JSON and the bytes to store. Nothing in the answer is executed or unpickled: an attacker who took over the
child could only return other bytes.
"""

import io
import json
import logging
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from rules import Refused
from rules.requests.attachments import TYPES, Clean, Upload, safe_name

log = logging.getLogger("cabinet.uploads")
ROOT = Path(__file__).parent.parent
SECONDS = 20  # CPU time for one file
DEADLINE = 45  # wall time for all files of a message, including the wait: a proxy gives up after a minute
MEMORY = (
    640 << 20
)  # a CMYK picture of 50 megapixels takes 200 MB, and 150 MB more when it is converted to RGB
TOO_MUCH = (
    "Файлы не приняты: их проверка заняла слишком много времени или памяти. Сохраните их заново и "
    "приложите по одному."
)
WAITING = "Сейчас проверяем файлы других абонентов. Отправьте ваши ещё раз через минуту."
# A check may take a whole core and the memory above, and a small server has only two cores: one at a time.
_one_at_a_time = Lock()


def sanitize(uploads: Sequence[Upload]) -> list[Clean]:
    """Return the files in a form that may be stored, in order.

    Raises Refused at `files` for the first file that is not allowed, or if the check took too much time or
    memory.
    """
    if not uploads:
        return []
    end = time.monotonic() + DEADLINE
    if not _one_at_a_time.acquire(timeout=DEADLINE / 2):
        raise Refused(files=WAITING)
    try:
        return [_inspect(one, end - time.monotonic()) for one in uploads]
    finally:
        _one_at_a_time.release()


def _inspect(upload: Upload, left: float) -> Clean:
    """Check one file in its own child process, so that its memory is freed before the next file."""
    try:
        done = subprocess.run(  # our own interpreter and module; the environment has no secrets
            [sys.executable, "-m", "gateways.inspector"],
            input=_pack({"name": upload.name}, upload.content.read()),
            cwd=ROOT,
            env={"LC_ALL": "C.UTF-8"},
            timeout=max(left, 0.1),
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(files=TOO_MUCH) from None
    answer = None if done.returncode else _parse_answer(done.stdout)
    if answer is None:
        log.warning(
            "the inspector ended with %s: %s", done.returncode, done.stderr[-300:].decode("utf-8", "replace")
        )
        raise Refused(files=TOO_MUCH)
    if "refused" in answer[0]:
        raise Refused(files=str(answer[0]["refused"]))
    return _checked(*answer)


def _parse_answer(answer: bytes) -> tuple[dict[str, str], bytes] | None:
    """Parse the child's answer; None if it is malformed, since a hijacked child may write anything."""
    try:
        facts, data = next(_unpack(io.BytesIO(answer)))
        whole = "refused" in facts or {"name", "type"} <= facts.keys()
        return ({name: str(value) for name, value in facts.items()}, data) if whole else None
    except (StopIteration, struct.error, ValueError, AttributeError):
        return None


def _checked(facts: dict[str, str], data: bytes) -> Clean:
    """Check the name and type from the child against the rules again, since the child is not trusted."""
    if facts["type"] not in TYPES.values():
        raise Refused(files=TOO_MUCH)
    return Clean(safe_name(facts["name"]), facts["type"], data, sha256(data).hexdigest())


def _pack(facts: dict[str, str], data: bytes) -> bytes:
    head = json.dumps(facts).encode()
    return struct.pack("!II", len(head), len(data)) + head + data


def _unpack(stream: BinaryIO) -> Iterator[tuple[dict[str, str], bytes]]:
    while sizes := stream.read(8):
        head, data = struct.unpack("!II", sizes)
        yield json.loads(stream.read(head)), stream.read(data)


def _limit_resources() -> None:
    try:
        # If memory still runs out, the kernel must kill this process and not the cabinet.
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows, where a demonstration may run, has no limits
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """The child process: set the limits first, then import the libraries that parse untrusted files."""
    _limit_resources()
    from rules.requests import sanitized_files

    for facts, data in _unpack(sys.stdin.buffer):
        try:
            one = sanitized_files.clean(Upload(facts["name"], len(data), io.BytesIO(data)))
        except Refused as refused:
            sys.stdout.buffer.write(_pack({"refused": refused.problems["files"]}, b""))
            return
        sys.stdout.buffer.write(_pack({"name": one.name, "type": one.type}, one.data))


if __name__ == "__main__":
    main()
