#!/usr/bin/env python3
"""Measures the SCIM service: many providers at once, changes among a million people, large groups.

  bench/service.py mixed --driver SCIMLOAD [--provost PATH] [--xtask PATH] [--providers 200] [--people 500]
                         [--rate 25] [--seconds 60] [--rounds 3]
  bench/service.py patch --driver SCIMLOAD [--people 1000000] [--changes 60000] [--floor FLOOR_SERVER]
  bench/service.py group --driver SCIMLOAD [--members 200000]

mixed  every provider sends 60 % filters, 20 % reads, 12 % changes and 8 % creates at a steady pace (open loop:
       latency counts from the due time), over SQLite and over PostgreSQL, alternated. `cargo build --release -p
       xtask` makes the sender.
patch  `active` in Entra's shape at random people over 16 connections; then the same once more, which changes
       nothing and must write nothing. With --floor, the floor server in turn.
group  a group of 10,000 in one request, then one member added and removed at 10, 1,000, … members.

Prints a line a step. SCIMLOAD and FLOOR_SERVER are kept beside the project.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import urllib.request

from postgres import Cluster
from spine import FLOOR_BASE, Server, drive, hub, run


def installed(options, folder, url=None):
    """A new installation over SQLite, or over the PostgreSQL database at `url`."""
    data = os.path.join(folder, "data")
    if url:
        os.makedirs(data)
        with open(os.path.join(data, "provost.toml"), "w") as config:
            config.write(f'[database]\nurl = "{url}"\n')
    run(options.provost, "init", "--data", data)
    return data


def mixed(options):
    cluster, found = Cluster(), {}
    try:
        for number in range(options.rounds):
            for label in ["sqlite", "postgres"]:
                folder = tempfile.mkdtemp(prefix="provost-bench-")
                data = installed(options, folder, cluster.database() if label == "postgres" else None)
                tokens = os.path.join(folder, "tokens")
                with open(tokens, "w") as out:
                    for provider in range(options.providers):
                        # The rate is what providers get when nobody says otherwise.
                        made = run(options.provost, "provider", "add", f"Provider {provider}", "--data", data, "--json")
                        out.write(made["token"] + "\n")
                server = hub(options, data)
                fill = people_of_each(options, server, tokens)
                row = send(options, server, tokens, options.seconds)
                server.stop()
                shutil.rmtree(folder)
                report(f"{label} {number + 1}", row, fill)
                found.setdefault(label, []).append(row["kinds"]["all"]["p99_ms"])
    finally:
        cluster.stop()
    for label, values in found.items():
        print(f"{label:9} p99 of all requests {statistics.median(values):.1f} ms ({min(values):.1f}-{max(values):.1f})")


def people_of_each(options, server, tokens):
    """Fills, and warms up for a few seconds; what was refused meanwhile."""
    return send(options, server, tokens, 3)["failures"]


def send(options, server, tokens, seconds):
    command = [options.xtask, "load-mixed", "--base", server.base, "--tokens", tokens, "--providers", str(options.providers),
               "--rate", str(options.rate), "--seconds", str(seconds), "--people", str(options.people), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)


def report(label, row, fill):
    for kind, figures in row["kinds"].items():
        print(f"{label:11} {kind:9} {figures['per_second']:>7.0f}/s  p50 {figures['p50_ms']:>7.2f}  p90 {figures['p90_ms']:>7.2f}"
              f"  p99 {figures['p99_ms']:>7.2f}  max {figures['max_ms']:>7.1f} ms")
    for failure in fill + row["failures"]:
        print(f"{label:11} FAILED {failure['count']} times, first: {failure['first']}")
    print(f"{label:11} answers {row['statuses']}", flush=True)


def patch(options):
    folder = tempfile.mkdtemp(prefix="provost-bench-")
    servers = {"provost": hub(options, installed(options, folder))}
    if options.floor:
        servers["floor"] = Server([options.floor, "sqlite", os.path.join(folder, "floor.db")], FLOOR_BASE)
    ids = {label: os.path.join(folder, f"{label}.ids") for label in servers}
    for label, server in servers.items():
        drive(options, server, "create", label, "-c", 64, "-n", options.people, "--ids", ids[label])
        shuffle(ids[label])
    for number in range(options.rounds):
        for label, server in servers.items():
            step = ["-c", 16, "-n", options.changes, "--start", number * options.changes, "--dialect", "entra", "--ids", ids[label]]
            changed = drive(options, server, "patch", f"{label}", *step)
            again = drive(options, server, "patch", "the same", *step)
            print(f"           disk {changed['disk_kb_per_req']} KB a change, {again['disk_kb_per_req']} KB when nothing changes", flush=True)
    for server in servers.values():
        server.stop()
    shutil.rmtree(folder)


def shuffle(path):
    """Changes come at random people, the same ones for every server."""
    import random

    lines = open(path).readlines()
    random.Random(7).shuffle(lines)
    open(path, "w").writelines(lines)


def group(options):
    folder = tempfile.mkdtemp(prefix="provost-bench-")
    server, ids = hub(options, installed(options, folder)), os.path.join(folder, "ids")
    drive(options, server, "create", "people", "-c", 64, "-n", options.members + 1000, "--ids", ids)
    large = min(10_000, options.members)
    row = drive(options, server, "group-create", f"{large} in", "-c", 1, "-n", 10, "--members", large, "--ids", ids)
    print(f"           a group of {large} in one request: p50 {row['p50_ms']} ms, max {row['max_ms']} ms", flush=True)
    sizes = [size for size in [10, 1_000, 10_000, 100_000, 200_000] if size <= options.members]
    target, filled = make_group(server), 0
    for size in sizes:
        while filled < size:
            batch = min(500, size - filled)
            # The driver's batches begin at multiples of their size: fill one by one up to the next.
            if filled % batch:
                batch = 1
            step = ["-c", 1, "-n", max(1, (size - filled) // batch), "--batch", batch, "--start", filled // batch]
            drive(options, server, "member-add", "fill", *step, "--group", target, "--ids", ids)
            filled += batch * max(1, (size - filled) // batch)
        for scenario in ["member-add", "member-remove"]:
            row = drive(options, server, scenario, f"at {size}", "-c", 1, "-n", 500, "--start", options.members + 100, "--group", target, "--ids", ids)
            if set(row["status"]) != {"204"}:
                print(f"           answers {row['status']}")
    server.stop()
    shutil.rmtree(folder)


def make_group(server):
    body = json.dumps({"displayName": "One by one"}).encode()
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(server.base + "/Groups", data=body, headers=headers, method="POST")
    return json.load(urllib.request.urlopen(request))["id"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["mixed", "patch", "group"])
    parser.add_argument("--driver", required=True)
    parser.add_argument("--floor")
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--xtask", default="target/release/xtask")
    parser.add_argument("--providers", type=int, default=200)
    parser.add_argument("--rate", type=float, default=25)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int)
    parser.add_argument("--changes", type=int, default=60_000)
    parser.add_argument("--members", type=int, default=200_000)
    options = parser.parse_args()
    if options.people is None:
        options.people = 500 if options.what == "mixed" else 1_000_000
    {"mixed": mixed, "patch": patch, "group": group}[options.what](options)


if __name__ == "__main__":
    main()
