"""Sets the tests' clock in a Python process.

Python imports this at start when the folder is on PYTHONPATH; only tests/kit/instant.py puts it there. The
process then runs with the same offset from real time as the suite that started it.
"""

import os

if shift := os.environ.get("TESTS_CLOCK_SHIFT"):
    import time

    import time_machine

    time_machine.travel(time.time() + float(shift), tick=True).start()
