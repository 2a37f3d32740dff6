"""Programs that run beside a suite: started, waited for, stopped."""

import collections
import os
import queue
import signal
import socket
import subprocess
import threading
import time


class Running:
    """A program whose standard output is read line by line; the last lines of both its outputs are kept for a report."""

    def __init__(self, command, environment=None, kept=60):
        self.command = [str(part) for part in command]
        self.lines = queue.Queue()
        self.tail = collections.deque(maxlen=kept)
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        self.readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, True), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, False), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def _read(self, stream, queued):
        for line in stream:
            self.tail.append(line.rstrip("\n"))
            if queued:
                self.lines.put(line.rstrip("\n"))
        if queued:
            self.lines.put(None)

    def wait_for(self, recognise, seconds):
        """The first value that `recognise(line)` makes of a line of standard output."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise RuntimeError(f"{self} said nothing that was expected in {seconds} s\n{self.report()}") from None
            if line is None:
                raise RuntimeError(f"{self} ended with status {self.process.wait()}\n{self.report()}")
            found = recognise(line)
            if found is not None:
                return found

    def report(self):
        return "\n".join(self.tail)

    def kill(self):
        """What a power cut does: no handler runs."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """What an operator does; after ten seconds, what a power cut does."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number):
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __str__(self):
        return " ".join(self.command[:3])


def free_port():
    """A port that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
