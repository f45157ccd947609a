"""Uploaded files are checked in a child process with little time and memory, so that a bomb ends only the
child.

The parent writes names and bytes, the child answers with JSON and the bytes to store. Nothing of the answer
is run or unpickled: an attacker who took the child over could only return other bytes.
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
SECONDS = 20  # of CPU for one file
DEADLINE = 45  # by the clock, waiting and all files of a message: a proxy gives up after a minute
MEMORY = (
    640 << 20
)  # a CMYK picture of 50 megapixels takes 200 MB, and 150 more as it is drawn in red, green and blue
TOO_MUCH = (
    "Файлы не приняты: их проверка заняла слишком много времени или памяти. Сохраните их заново и "
    "приложите по одному."
)
WAITING = "Сейчас проверяем файлы других абонентов. Отправьте ваши ещё раз через минуту."
# Each may take a core and the memory above, and two of them are all that the service has: one at a time.
_one_at_a_time = Lock()


def sanitize(uploads: Sequence[Upload]) -> list[Clean]:
    """Each file as it may be kept, in order; Refused at `files` for the first that is not, or when checking
    took too much.
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
    """One file, by a child of its own: what one took up is given back before the next."""
    try:
        done = subprocess.run(  # our own interpreter and module, and none of our secrets
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
    """What the child says, None when it is no answer: whoever took it over may say anything."""
    try:
        facts, data = next(_unpack(io.BytesIO(answer)))
        whole = "refused" in facts or {"name", "type"} <= facts.keys()
        return ({name: str(value) for name, value in facts.items()}, data) if whole else None
    except (StopIteration, struct.error, ValueError, AttributeError):
        return None


def _checked(facts: dict[str, str], data: bytes) -> Clean:
    """What the child says is a name and a kind, no more: both are held to the rule once again."""
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
        # Where memory runs out all the same, this process is the one to go, not the cabinet.
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # not on Windows, where a demonstration may run
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """The child: limits first, then the libraries that read what strangers send."""
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
