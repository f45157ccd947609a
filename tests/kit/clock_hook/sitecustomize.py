"""Python imports this at the start of every process that has the folder on its PYTHONPATH: only
tests/kit/instant.py puts it there. The process then lives by the tests' clock, as far from the real one as
the suite that started it.
"""

import os

if shift := os.environ.get("TESTS_CLOCK_SHIFT"):
    import time

    import time_machine

    time_machine.travel(time.time() + float(shift), tick=True).start()
