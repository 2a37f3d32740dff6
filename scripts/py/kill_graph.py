"""The hub is killed in the middle of its work on a Microsoft 365 that loses three of ten answers, many times.

Each point: a hub with a small Contoso and a simulated tenant, each in a process of its own. The tenant loses 30 % of
its answers to writes, half of them after it has carried them out, inside batches too, and some of its answers to
reads. The hub makes accounts, groups, memberships, managers and licences, people and groups change on the way, and
`kill -9` hits the process that runs the cycles at a random moment, sometimes again soon after its start. Then it is
left alone with the faults until the tenant holds what it should. Afterwards the tenant's journal is read: nothing was
made twice, nobody lost for a moment what was theirs, and a reconcile finds nothing to write.

    python scripts/py/kill_graph.py [path of the provost binary] [--points 200] [--seed N] [--only POINT]
"""

import argparse
import collections
import concurrent.futures
import contextlib
import functools
import json
import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

import provost
import service
from estate import PHONE, PHONES, SCARCE, SEATS, Estate, licence_mapping
from process import Running, free_port
from tally import run
from tenant import History, Tenant

CONNECTION = "Microsoft 365"
# Worlds side by side: most of a point is waiting for the next try of something.
LANES = 8
# After so many seconds without convergence a point has failed.
PATIENCE = 120
# When nothing changes for so long although something is missing, what failed is tried now instead of in an hour.
QUIET = 0.8
# How a second look at a fresh object may miss it, in a part of the points.
FRESH = {"read_delay_ms": 400, "read_delay_percent": 60}
# What is called a failure in the log and needs no other explanation.
EXPLAINED = {
    # An answer was lost, before or after the effect.
    "PRV-CONNECT-ANSWER-LOST",
    "PRV-CONNECT-INTERRUPTED",
    "PRV-CONNECT-UNAVAILABLE",
    "PRV-CONNECT-UNREACHABLE",
    # A fresh object is not everywhere yet, and the process that knew it as fresh was killed.
    "PRV-CONNECT-NOT-FOUND",
    "PRV-LINK-VANISHED",
    # More people are to have a product than it has seats.
    "PRV-LICENCE-SEATS",
    # Somebody gets another licence while the one before is on its way: what needs it waits for the next cycle.
    "PRV-LICENCE-PREREQUISITE",
}


def story(tally):
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=provost.default_binary())
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--lanes", type=int, default=LANES)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", type=int, help="only this point of the seed's")
    parser.add_argument("--keep", action="store_true", help="keep the folders of points that failed")
    given = parser.parse_args()
    tally.say(f"seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="provost-kill-graph-") as folder, contextlib.ExitStack() as stack:
        lanes = collections.deque(Lane(given.binary, Path(folder) / str(n)) for n in range(given.lanes))
        whole = {kind: undisturbed(tally, given, lanes[0], kind) for kind in Serving.KINDS}
        points = [given.only] if given.only else range(1, given.points + 1)
        workers = stack.enter_context(concurrent.futures.ThreadPoolExecutor(given.lanes))
        lock, costs = threading.Lock(), []

        def one(number):
            lane = lanes.popleft()
            try:
                point = Point(given, lane, number, whole)
                point.run()
            finally:
                lanes.append(lane)
            with lock:
                costs.append(point.took)
                point.tell(tally)

        for done in [workers.submit(one, number) for number in points]:
            done.result()
        tally.say(f"one point costs {sum(costs) / len(costs):.1f} s, {given.lanes} side by side")


def undisturbed(tally, given, lane, kind):
    """How long the work takes when nobody kills anything; answers are lost all the same."""
    point = Point(given, lane, 0, None, kind)
    point.run()
    point.tell(tally)
    return point.converged


class Lane:
    """A hub that is ready to begin, copied for each point; and the port of its tenants, one after the other."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.port = binary, folder, free_port()
        self.hub = provost.Hub(binary, folder / "template")
        self.estate = Estate()
        folder.mkdir()
        self.hub.init()
        self.path, self.token = self.hub.add_provider("Human resources")
        self.admin = self.hub.add_api_token("configure")
        schedule(self.hub, False)
        with Tenant(binary, self.port, folder / "journal", 1, {}) as tenant:
            self.hub.connect_microsoft_365(CONNECTION, tenant.facts)
            self._rules()
            # The products of the tenant become known.
            self.hub.cycle(CONNECTION)
            self._load()
        (folder / "journal").unlink()

    def _rules(self):
        rules = {rule["object"]: rule for rule in self.hub.rules(CONNECTION)}
        rules["person"]["mappings"].append(licence_mapping())
        is_project = {"attribute": "displayName", "operator": "REGEX MATCH", "value": "Project.*"}
        rules["group"]["scope"] = {"filters": [{"clauses": [{**is_project, "operator": "NOT REGEX MATCH"}]}]}
        teams = json.loads(json.dumps(rules["group"]))
        teams["name"] = "projects"
        teams["scope"] = {"filters": [{"clauses": [is_project]}]}
        kind = {"groupTypes": ["Unified"], "mailEnabled": True, "securityEnabled": False}
        others = [one for one in teams["mappings"] if one["target"] not in kind]
        teams["mappings"] = others + [{"target": key, "constant": value, "apply": "on_create"} for key, value in kind.items()]
        self.hub.set_rules(CONNECTION, [rules["person"], rules["group"], teams])

    def _load(self):
        server, base = self.hub.serve()
        try:
            with service.http(base + self.path, self.token) as http:
                self.estate.load(functools.partial(send, lambda: http))
            phones = {"group": self.estate.groups[PHONES]["id"], "product": PHONE, "way": "member"}
            with service.http(base, self.admin) as http:
                http.post(f"/api/v1/connections/{CONNECTION}/group-licences", json=phones).raise_for_status()
        finally:
            server.stop()


def schedule(hub, runs):
    """Whether `provost serve` runs cycles by itself."""
    path = hub.data / "provost.toml"
    words = {True: "# enabled = true", False: "enabled = false"}
    path.write_text(path.read_text().replace(words[not runs], words[runs]))


def send(door, method, path, body=None):
    """A SCIM request that is sent until it is answered; `door` is asked each time, for the hub may be another one."""
    deadline = time.monotonic() + 30
    while True:
        try:
            if method == "POST" and (there := found(door(), path, body)):
                return there
            answer = door().request(method, path, json=body)
        except service.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
            continue
        if method == "DELETE" and answer.status_code == 404:
            return None
        answer.raise_for_status()
        return answer.json() if answer.content else None


def found(http, path, body):
    """What an earlier try of the same creation has made."""
    name = "userName" if path == "/Users" else "displayName"
    page = http.get(path, params={"filter": f'{name} eq "{body[name]}"'}).raise_for_status().json()
    return next(iter(page.get("Resources") or []), None)


class Serving:
    """The processes of a hub: the door for changes, and what runs cycles. Only the second one is killed."""

    # `provost serve` does both; or it is the door only, and `provost cycle run` is started again and again.
    KINDS = ("serve", "cycle run")

    def __init__(self, hub, lane, kind):
        self.hub, self.lane, self.kind, self.cycle = hub, lane, kind, None
        self.odd = []
        schedule(hub, kind == "serve")
        self._open()

    def _open(self):
        self.server, base = self.hub.serve()
        self.scim = service.http(base + self.lane.path, self.lane.token)
        self.admin = service.http(base, self.lane.admin)

    def tick(self):
        if self.kind == "serve":
            if self.server.process.poll() is not None:
                raise RuntimeError(f"provost serve ended by itself\n{self.server.report()}")
        elif self.cycle is None or self.cycle.process.poll() is not None:
            if self.cycle and self.cycle.process.returncode not in (0, 1):
                self.odd.append(f"provost cycle run: status {self.cycle.process.returncode}\n{self.cycle.report()}")
            self.cycle = Running(self.hub.cycle_command(CONNECTION))

    def kill(self):
        if self.kind == "serve":
            self.server.kill()
            self._open()
        elif self.cycle:
            self.cycle.kill()
            self.cycle = None

    def rest(self):
        """No cycle begins any more; the one under way ends."""
        if self.cycle:
            self.cycle.process.wait(timeout=60)
        if self.kind == "serve":
            self.server.stop()
            schedule(self.hub, False)
            self._open()

    def stop(self):
        for running in (self.cycle, self.server):
            if running:
                running.stop()

    def report(self):
        return (self.cycle or self.server).report()


class Point:
    """One world, killed at its own moments."""

    def __init__(self, given, lane, number, whole, kind=None):
        self.given, self.lane, self.number = given, lane, number
        self.dice = random.Random(given.seed * 1_000 + number)
        self.kind = kind or Serving.KINDS[number % 2]
        self.kills, self.faults, self.took, self.converged = [], [], 0.0, 0.0
        self.killed = self._moments(whole) if whole else []
        self.name = f"point {number:3}, {self.kind}" if whole else f"nobody is killed, {self.kind}"

    def _moments(self, whole):
        """The first kill is spread over the whole of the work; some come again soon after."""
        moments = [(self.number - self.dice.random()) / self.given.points * whole[self.kind]]
        while self.dice.random() < 0.4:
            moments.append(moments[-1] + self.dice.uniform(0.05, 2.0))
        return moments

    def run(self):
        started = time.monotonic()
        folder = self.lane.folder / f"point-{self.number}-{self.kind.replace(' ', '-')}"
        shutil.copytree(self.lane.hub.data, folder)
        try:
            self._live(provost.Hub(self.given.binary, folder), folder / "journal")
        except Exception as error:  # a point that breaks off is a failed point, not the end of the others
            self.faults.append(f"it broke off: {error!r}")
        self.took = time.monotonic() - started
        if self.faults and self.given.keep:
            shutil.copytree(folder, Path(tempfile.mkdtemp(prefix="provost-point-")), dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def _live(self, hub, journal):
        delay = FRESH if self.number % 3 == 0 else {}
        with Tenant(self.given.binary, self.lane.port, journal, self.dice.randrange(1 << 32), delay) as self.tenant:
            self.tenant.seats(SCARCE, SEATS)
            self.tenant.loses_answers()
            self.estate = self.lane.estate.copy()
            self.serving = Serving(hub, self.lane, self.kind)
            try:
                self._work(hub)
                if not self.faults:
                    self._judge(hub)
            finally:
                if self.faults:
                    self.faults.append("last words:\n" + self.serving.report())
                self.serving.stop()

    # --- The work and the kills ---------------------------------------------------------------------

    def _work(self, hub):
        started = self.moved = time.monotonic()
        events = self._events()
        size, look = 0, 0.0
        while True:
            now = time.monotonic() - started
            while events and events[0][0] <= now:
                self._happens(*events.pop(0)[1:])
            self.serving.tick()
            if self.tenant.size() != size:
                size, self.moved = self.tenant.size(), time.monotonic()
            if not events and now >= look:
                if self._is_there():
                    self.converged = now
                    return
                look = now + 0.3
            if time.monotonic() - self.moved > QUIET:
                hub.try_now(CONNECTION)
                self.moved = time.monotonic()
            if now > PATIENCE:
                self.faults += [f"not converged after {PATIENCE} s", *self.estate.differences(self.tenant.state())]
                self.faults.append(hub.run("retry", "list", CONNECTION))
                return
            time.sleep(0.03)

    def _events(self):
        """Changes from a moment of the work on, in any order; kills between them."""
        changes = list(self.estate.changes().items())
        self.dice.shuffle(changes)
        at = self.dice.uniform(0, 4)
        events = [(moment, "kill", None) for moment in self.killed]
        for name, change in changes:
            events.append((at, name, change))
            at += self.dice.expovariate(1 / 0.15)
        return sorted(events, key=lambda event: event[0])

    def _happens(self, name, change):
        if change:
            change(functools.partial(send, lambda: self.serving.scim))
        else:
            self.serving.kill()

    def _is_there(self):
        """The tenant holds what it should, and the hub knows it."""
        if any(self.estate.differences(self.tenant.state())) or self._waiting() != self._short():
            return False
        return all(one["code"] == "PRV-LICENCE-SEATS" for one in self.serving.hub.waiting(CONNECTION))

    def _short(self):
        return max(0, self.estate.front() - SEATS)

    def _waiting(self):
        shown = self._api("")
        if shown["state"] != "active" or shown["oldest_unsent_change"]:
            return f"{shown['state']}: {shown['reason']}"
        return shown["queues"]["retries"]

    def _api(self, path):
        return self.serving.admin.get(f"/api/v1/connections/{CONNECTION}{path}").raise_for_status().json()

    # --- The judge ----------------------------------------------------------------------------------

    def _judge(self, hub):
        met, struck = self.tenant.struck()
        self.lost = f"{struck} of {met} lost"
        self.serving.rest()
        self.tenant.behaves()
        self.faults += self.serving.odd
        self.faults += self.estate.misdeeds(History(self.tenant.changes()))
        self._judge_log(hub)
        self._judge_reconcile(hub)
        if not hub.verify_audit().get("ok", True):
            self.faults.append("the audit log is broken")

    def _judge_log(self, hub):
        for entry in hub.log_failures(CONNECTION):
            if entry["code"] not in EXPLAINED:
                self.faults.append(f"log: {entry['object']}, {entry['action']}: {entry['reason']}")
        for rule in self._api("/status")["rules"]:
            parts = ("success", "unsynced", "partially_synced", "failed")
            counts = rule["counts"]
            if counts["impacted"] != sum(counts[part] for part in parts):
                self.faults.append(f"the numbers of {rule} do not add up")

    def _judge_reconcile(self, hub):
        size = self.tenant.size()
        report = hub.json("cycle", "run", CONNECTION, "--mode", "reconcile")
        if report["drift"] or sum(report["applied"].values()) or self.tenant.size() != size:
            self.faults.append(f"a reconcile finds something: {report}")
        plan = hub.plan(CONNECTION)
        if provost.planned(plan) > self._short():
            self.faults.append(f"a plan holds steps: {plan}")
        self.faults += self.estate.differences(self.tenant.state())

    def tell(self, tally):
        kills = ", ".join(f"{moment:.2f}" for moment in self.killed) or "never"
        sentence = f"{self.name}: killed after {kills} s, converged after {self.converged:.1f} s"
        tally.check(f"{sentence}, {getattr(self, 'lost', '')}", not self.faults, "\n".join(map(str, self.faults)))


if __name__ == "__main__":
    run("kill_graph", story)
