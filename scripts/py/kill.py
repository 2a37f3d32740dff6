"""The demo is killed in the middle, many times, and always ends where it would have ended.

Each point: a new folder, the demo, `kill -9` after a random part of the time that a whole run takes, then
the same command again until it ends by itself. It must end with status 0, which it does only when every
target agrees with its directory, and the simulator's journal must not show any person or group created twice.

    python scripts/py/kill.py [path of the provost binary] [--points 50] [--seed N]
"""

import argparse
import collections
import json
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import provost
from process import Running
from tally import run

# A run after a kill has less to do than a first one; this only ends a run that hangs.
PATIENCE = 180


def story(tally):
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=provost.default_binary())
    parser.add_argument("--points", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments = parser.parse_args()
    tally.say(f"seed {arguments.seed}")
    random.seed(arguments.seed)

    whole, people = undisturbed(tally, arguments.binary)
    for point in range(1, arguments.points + 1):
        # Spread over the whole run, so that fifty points leave no part of it out.
        share = (point - random.random()) / arguments.points
        interrupted(tally, arguments.binary, point, share * whole, people)


def undisturbed(tally, binary):
    """How long a run takes that nobody kills, and how many people it creates."""
    with tempfile.TemporaryDirectory(prefix="provost-kill-") as folder:
        started = time.monotonic()
        status, words = finish(binary, folder)
        whole = time.monotonic() - started
        created = creations(folder)
        tally.check(f"undisturbed: status 0 after {whole:.1f} s, {len(created)} creations", status == 0 and created, words)
        return whole, created


def interrupted(tally, binary, point, delay, expected):
    with tempfile.TemporaryDirectory(prefix="provost-kill-") as outside:
        folder = str(Path(outside) / "demo")
        while not kill_after(binary, folder, delay):
            # It was quicker than the undisturbed run: that is no kill. Once more, earlier, from the start.
            delay *= random.uniform(0.5, 0.9)
            shutil.rmtree(folder, ignore_errors=True)
        before = len(creations(folder))
        status, words = finish(binary, folder)
        created = creations(folder)
        twice = [name for name, count in created.items() if count > 1]
        apart = sorted(expected.keys() ^ created.keys())
        tally.check(
            f"point {point:2}: killed after {delay:5.2f} s with {before} creations",
            status == 0 and not twice and not apart,
            f"status {status}; created twice: {twice}; not as in the undisturbed run: {apart[:10]}\n{words}",
        )


def kill_after(binary, folder, delay):
    """Starts the demo and kills it; False when it had ended before."""
    running = Running(provost.Hub(binary, folder).demo())
    try:
        running.process.wait(timeout=delay)
        return False
    except subprocess.TimeoutExpired:
        running.kill()
        return True


def finish(binary, folder):
    """Runs the demo to its end; its status and its last words."""
    running = Running(provost.Hub(binary, folder).demo())
    try:
        running.process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        running.kill()
        return f"none in {PATIENCE} s", running.report()
    for reader in running.readers:
        reader.join(timeout=5)
    return running.process.returncode, running.report()


def creations(folder):
    """How often each person and group was created, by the simulator's journal.

    Each line is the list of changes that one request made. A line that was cut off by the kill is the last
    one, and its request was never answered.
    """
    journal = Path(folder) / "microsoft-365.journal"
    counts = collections.Counter()
    if not journal.exists():
        return counts
    for line in journal.read_text(errors="replace").splitlines()[1:]:
        try:
            changes = json.loads(line)
        except json.JSONDecodeError:
            continue
        for change in changes:
            if change["do"] == "create":
                properties = change["properties"]
                counts[properties.get("userPrincipalName") or properties["displayName"]] += 1
    return counts


if __name__ == "__main__":
    run("kill", story)
