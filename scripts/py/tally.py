"""Counting checks, and the closing line that scripts/test reads."""

import sys
import time
import traceback


class Tally:
    """Prints each check as it is made; `close` prints `N passed, N failed` and ends the program."""

    def __init__(self, name):
        self.name = name
        self.passed = 0
        self.failed = 0
        self.started = time.monotonic()

    def check(self, sentence, holds, detail=""):
        """One expectation. `detail` is shown only when it does not hold."""
        if holds:
            self.passed += 1
            self.say(f"ok    {sentence}")
        else:
            self.failed += 1
            self.say(f"FAIL  {sentence}")
            for line in str(detail).splitlines():
                self.say(f"      {line}")
        return holds

    def say(self, text):
        print(f"{self.name} {time.monotonic() - self.started:7.1f}s  {text}", flush=True)

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        # Nothing checked is not a success.
        sys.exit(1 if self.failed or not self.passed else 0)


def run(name, story):
    """Tells `story(tally)`; an exception is one failed check, with its traceback."""
    tally = Tally(name)
    try:
        story(tally)
    except Exception as error:  # the suite must end with its closing line, whatever happens
        tally.check(f"the suite runs to its end: {error}", False, traceback.format_exc())
    tally.close()
