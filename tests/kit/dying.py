"""The cabinet as a process that kills itself with kill −9 at a named step: `python -m tests.kit.dying PORT
module:function WHEN`.

WHEN is before or after the function; «after» within a transaction means that nothing of it was committed.
"""

import importlib
import os
import signal
import sys

import uvicorn


def arm(where: str, when: str) -> None:
    module, _, path = where.partition(":")
    owner, names = importlib.import_module(module), path.split(".")
    for name in names[:-1]:
        owner = getattr(owner, name)
    real = getattr(owner, names[-1])

    def dying(*args, **kwargs):
        if when == "after":
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, names[-1], dying)


if __name__ == "__main__":
    arm(*sys.argv[2:4])
    uvicorn.run(
        "app:create_app", factory=True, port=int(sys.argv[1]), log_level="warning", proxy_headers=False
    )
