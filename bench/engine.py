#!/usr/bin/env python3
"""Measures cycles against an application that does as little as it can (the testkit's scim_sink).

  bench/engine.py cycles --driver SCIMLOAD [--provost PATH] [--sink PATH] [--people 1000000] [--data DIR]
  bench/engine.py kill   --driver SCIMLOAD [--people 100000] [--kills 5]

cycles  an initial cycle with every outcome recorded, a cycle with nothing to do, a reconcile that finds nothing,
        one change among all people planned and carried out, and the time from a change to the application.
kill    an initial cycle that is ended by kill -9 again and again: what is written twice, and what is doubled.

`cargo build --release -p provost-testkit --example scim_sink` makes the application. SCIMLOAD is kept beside the
project. Everything shares this machine's cores: the rates are of hub and application together.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

from spine import Server, drive, hub, run, timed, twenty_mappings

NAME = "sink"


class Sink(Server):
    """The application."""

    def __init__(self, options):
        super().__init__([options.sink], None, ready=r"ready (http://[^/]+)")

    def stats(self):
        return json.load(urllib.request.urlopen(self.base.removesuffix("/scim/v2") + "/_stats"))

    def title(self, name):
        query = urllib.parse.urlencode({"filter": f'userName eq "{name}"'})
        found = json.load(urllib.request.urlopen(f"{self.base}/Users?{query}"))["Resources"]
        return found and found[0].get("title")


def fill(options, data):
    """People in the directory, by the SCIM endpoint; gives the file with their ids."""
    ids = os.path.join(data, "bench.ids")
    if not os.path.exists(ids):
        server = hub(options, data)
        drive(options, server, "create", "fill", "-c", 64, "-n", options.people, "--ids", ids)
        server.stop()
    return ids


def connect(options, data, sink):
    run(options.provost, "connection", "add", NAME, "--data", data, "--untested", "--connector", "scim", "--setting", f"url={sink.base}",
        "--setting", "allow_private_network=true", "--setting", "page_size=1000", "--secret-env", "token=BENCH_SECRET", env={**os.environ, "BENCH_SECRET": "x"})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(twenty_mappings(), file)
        file.flush()
        run(options.provost, "rule", "set", NAME, "--data", data, "--file", file.name, "--yes", "--offline")


def cycle(options, data, label, *more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    report, seconds, peak = timed(options, "cycle", "run", NAME, "--data", data, "--json", *more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    writes = sum(report["applied"].values())
    print(f"{label}: {report['state']}, {report['looked']} looked at, {writes} writes ({writes / seconds:.0f}/s), whole command {seconds:.2f} s,"
          f" of it {cpu:.2f} s of processor time in the hub, {peak:.0f} MB (anonymous)", flush=True)
    return report


def change(server, ids, person, title):
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "title", "value": title}]}
    request = urllib.request.Request(f"{server.base}/Users/{ids[person]}", method="PATCH", data=json.dumps(body).encode(),
                                     headers={"Authorization": f"Bearer {server.token}", "Content-Type": "application/scim+json"})
    return json.load(urllib.request.urlopen(request))["userName"]


def cycles(options):
    data = options.data or tempfile.mkdtemp(prefix="provost-bench-")
    file = fill(options, data)
    ids = [line.split()[1] for line in open(file)]
    sink = Sink(options)
    connect(options, data, sink)
    preview, seconds, peak = timed(options, "plan", NAME, "--data", data, "--json")
    print(f"plan of the initial cycle: {preview['millis'] / 1000:.1f} s of {seconds:.1f} s, {preview['steps']} steps, {peak:.0f} MB (anonymous)", flush=True)
    cycle(options, data, "initial")
    print(f"  the application: {sink.stats()}, {sink.anonymous_mb():.0f} MB")
    cycle(options, data, "nothing to do")
    cycle(options, data, "reconcile", "--mode", "reconcile")
    run(options.provost, "connection", "pause", NAME, "--data", data)
    server = hub(options, data)
    change(server, ids, len(ids) // 2, "One change")
    server.stop()
    for _ in range(3):
        preview, seconds, _ = timed(options, "plan", NAME, "--data", data, "--json")
        print(f"one change planned: {preview['millis']} ms of {seconds * 1000:.0f} ms, {preview['steps']} steps", flush=True)
    run(options.provost, "connection", "resume", NAME, "--data", data)
    server = hub(options, data)
    time.sleep(3)
    latency(server, sink, ids)
    print(f"the hub: {server.anonymous_mb():.0f} MB (anonymous)")
    server.stop()
    sink.stop()
    if not options.data:
        shutil.rmtree(data)


def latency(server, sink, ids):
    found = []
    for number in range(40):
        title = f"Title {number}"
        started = time.monotonic()
        name = change(server, ids, random.randrange(len(ids)), title)
        while sink.title(name) != title:
            if time.monotonic() - started > 60:
                raise SystemExit(f"{name} did not arrive in 60 s")
            time.sleep(0.002)
        found.append((time.monotonic() - started) * 1000)
        time.sleep(random.uniform(0.1, 0.6))
    found.sort()
    print(f"change to application: median {statistics.median(found):.0f} ms, worst of {len(found)} {found[-1]:.0f} ms", flush=True)


def kill(options):
    data = tempfile.mkdtemp(prefix="provost-bench-")
    fill(options, data)
    sink = Sink(options)
    connect(options, data, sink)
    command = [options.provost, "cycle", "run", NAME, "--data", data, "--json"]
    for number in range(options.kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        goal = options.people * (number + 1) // (options.kills + 1)
        while process.poll() is None and sink.stats()["users"] < goal:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        print(f"killed at {sink.stats()['users']} accounts", flush=True)
    cycle(options, data, "the last run")
    stats = sink.stats()
    counts = stats["counts"]
    repeated = counts["create"] + counts.get("patch", 0) - options.people
    print(f"{stats['users']} accounts of {options.people}, twins {counts.get('twin', 0)}, refused as taken {counts.get('conflict', 0)}, "
          f"writes repeated {repeated} ({repeated / options.people:.3%})")
    cycle(options, data, "once more")
    sink.stop()
    shutil.rmtree(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cycles", "kill"])
    parser.add_argument("--driver", required=True)
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--sink", default="target/release/examples/scim_sink")
    parser.add_argument("--people", type=int)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--data")
    options = parser.parse_args()
    options.people = options.people or {"cycles": 1_000_000, "kill": 100_000}[options.what]
    {"cycles": cycles, "kill": kill}[options.what](options)


if __name__ == "__main__":
    main()
