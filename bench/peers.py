#!/usr/bin/env python3
"""Measures Provost against two open SCIM servers of other projects, alternated in one run.

  bench/peers.py --driver SCIMLOAD [--provost PATH] [--rounds 3] [--people 100000] [--seconds 20]

django-scim2 comes from PyPI with Django and gunicorn, SCIMMY and its routers from npm with Express 4, all into a
temporary folder (or --tools DIR, which is kept and used again). Each server holds --people people before anything
is timed; they are put in without HTTP where a peer has a way, because that is not what is measured.

  creates    durable, 64 connections: django-scim2 over SQLite (WAL, synchronous=FULL), Provost over SQLite
  externalId a filter that finds one person, 16 connections: SCIMMY in memory, Provost over SQLite

Prints a line a step, then the ratio of the medians.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

from spine import Server, drive, hub

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = ["django-scim2==0.23.0", "Django==5.2.19", "gunicorn==27.0.1"]
NODE = ["express@4", "scimmy@1", "scimmy-routers@1"]


def install(tools):
    """Both peers with what they stand on; what is there already is kept."""
    venv, node = os.path.join(tools, "venv"), os.path.join(tools, "node")
    if not os.path.exists(os.path.join(venv, "bin", "gunicorn")):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([os.path.join(venv, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", *PYTHON], check=True)
    if not os.path.exists(os.path.join(node, "node_modules", "scimmy-routers")):
        os.makedirs(node, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", node, *NODE], check=True)
    # Node looks for packages beside the program, not beside where it was started.
    shutil.copy(os.path.join(HERE, "peers", "scimmy_hub.mjs"), node)
    return venv, node


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Group(Server):
    """A server of several processes: the driver counts the CPU of all."""

    def pids(self):
        parent = str(self.process.pid)
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", parent], capture_output=True, text=True).stdout.split()
        return ",".join([parent, *children])


def django(venv, folder, options):
    env = {**os.environ, "DATABASE": os.path.join(folder, "django.db"), "PYTHONPATH": os.path.join(HERE, "peers"), "PYTHONDONTWRITEBYTECODE": "1"}
    python = os.path.join(venv, "bin", "python")
    subprocess.run([python, "-c", f"import django_hub; django_hub.prepare({options.people})"], env=env, check=True)
    port = free_port()
    command = [os.path.join(venv, "bin", "gunicorn"), "django_hub:application", "--bind", f"127.0.0.1:{port}", "--workers", "3",
               "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60", "--log-level", "error"]
    return Group(command, f"http://127.0.0.1:{port}/scim/v2", env=env)


def scimmy(node, options):
    port = free_port()
    return Group(["node", os.path.join(node, "scimmy_hub.mjs"), str(port), str(options.people)], f"http://127.0.0.1:{port}/scim/v2")


def provost(folder, options):
    server = hub(options, os.path.join(folder, "data"))
    drive(options, server, "create", "fill", "-c", 64, "-n", options.people, "--ids", os.path.join(folder, "fill.ids"))
    return server


def measure(options, label, start, *steps):
    """Starts a server in a new folder, runs the steps, stops it."""
    folder = tempfile.mkdtemp(prefix="provost-peers-")
    server = start(folder)
    try:
        return [drive(options, server, scenario, label, *more)["rps"] for scenario, *more in steps]
    finally:
        server.stop()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20, help="each timed step at most")
    parser.add_argument("--tools")
    options = parser.parse_args()
    tools = options.tools or tempfile.mkdtemp(prefix="provost-peers-tools-")
    venv, node = install(tools)
    create = ["create", "-c", 64, "-d", options.seconds, "--start", options.people]
    filtering = ["filter-ext", "-c", 16, "-d", options.seconds, "--population", options.people]
    rates = {"django creates": [], "provost creates": [], "scimmy externalId": [], "provost externalId": []}
    for _ in range(options.rounds):
        rates["django creates"] += measure(options, "django", lambda folder: django(venv, folder, options), create)
        filters, creates = measure(options, "provost", lambda folder: provost(folder, options), filtering, create)
        rates["scimmy externalId"] += measure(options, "scimmy", lambda folder: scimmy(node, options), filtering)
        rates["provost creates"].append(creates)
        rates["provost externalId"].append(filters)
    print()
    for what, peer in [("creates", "django"), ("externalId", "scimmy")]:
        theirs, ours = rates[f"{peer} {what}"], rates[f"provost {what}"]
        print(f"{what:11} {peer} {statistics.median(theirs):.0f} ({min(theirs):.0f}-{max(theirs):.0f})  "
              f"provost {statistics.median(ours):.0f} ({min(ours):.0f}-{max(ours):.0f})  ratio {statistics.median(ours) / statistics.median(theirs):.1f}")
    if not options.tools:
        shutil.rmtree(tools)


if __name__ == "__main__":
    main()
