#!/usr/bin/env python3
"""Measures the spine against the floor server, alternated in one run, and at a million people.

  bench/spine.py ab      --driver SCIMLOAD --floor FLOOR_SERVER [--provost PATH] [--rounds 3] [--creates 60000]
  bench/spine.py million --driver SCIMLOAD [--provost PATH] [--people 1000000] [--data DIR]

SCIMLOAD is the load driver and FLOOR_SERVER the least that a durable SCIM-shaped server can do. Both are kept
beside the project. Rates move with the machine's neighbours: only ratios within one run mean something, and
server CPU per request (cpu) moves least. Prints a line a step and, for `ab`, the ratio of the medians.
"""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

FLOOR_BASE = "http://127.0.0.1:8890/scim/v2"
LIST_SCENARIOS = ["filter", "filter-ext", "filter-miss", "get"]


class Server:
    """A running server with the few numbers that are asked of it."""

    def __init__(self, command, base, token="secret", cwd=None, ready=None, env=None):
        self.base, self.token = base, token
        started = time.monotonic()
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if ready:
            line = self.process.stdout.readline()
            self.base = re.match(ready, line).group(1) + "/scim/v2"
        else:
            wait_for(self.base)
        self.ready_ms = (time.monotonic() - started) * 1000

    def pids(self):
        return str(self.process.pid)

    def anonymous_mb(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"RssAnon:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            print("the server did not stop when asked to", flush=True)
            self.process.kill()


def wait_for(base):
    for _ in range(200):
        try:
            urllib.request.urlopen(base + "/Users?count=0", timeout=1)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing answers at {base}")


def drive(options, server, scenario, label, *more):
    """One step of the driver; its answer is one JSON line."""
    command = [options.driver, scenario, "--base", server.base, "--token", server.token, "--label", label]
    command += ["--pid", server.pids(), *map(str, more)]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        row = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"{' '.join(command)}: {done.stdout} {done.stderr}") from None
    row["step"] = scenario
    bad = {k: v for k, v in row["status"].items() if int(k) >= 400}
    print(f"{label:10} {scenario:14} {row['rps']:>9.0f}/s  p99 {row['p99_ms']:>7} ms  cpu {row['server_cpu_us_per_req']:>4} us"
          + (f"  REFUSED {bad}" if bad or row["errors"] else ""), flush=True)
    return row


def run(provost, *arguments, **more):
    done = subprocess.run([provost, *map(str, arguments)], capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def hub(options, data):
    """Provost with an inbound provider, serving."""
    if not os.path.exists(os.path.join(data, "provost.toml")):
        run(options.provost, "init", "--data", data)
    token_file = os.path.join(data, "bench-token")
    if not os.path.exists(token_file):
        # No limit on the rate: it would be what is measured.
        token = run(options.provost, "provider", "add", "Bench", "--rate", "0", "--data", data, "--json")["token"]
        open(token_file, "w").write(token)
    command = [options.provost, "serve", "--data", data, "--listen", "127.0.0.1:0"]
    return Server(command, None, token=open(token_file).read(), ready=r"ready (http://\S+)")


def ab(options):
    rows = {}
    for _ in range(options.rounds):
        for label in ["floor", "provost"]:
            folder = tempfile.mkdtemp(prefix="provost-bench-")
            if label == "floor":
                server = Server([options.floor, "sqlite", os.path.join(folder, "floor.db")], FLOOR_BASE)
            else:
                server = hub(options, os.path.join(folder, "data"))
            ids = os.path.join(folder, "ids")
            n = options.creates
            rows.setdefault(("create", label), []).append(drive(options, server, "create", label, "-c", 64, "-n", n, "--ids", ids))
            for scenario in LIST_SCENARIOS:
                row = drive(options, server, scenario, label, "-c", 16, "-n", 40000, "--population", n, "--ids", ids)
                rows.setdefault((scenario, label), []).append(row)
            server.stop()
            shutil.rmtree(folder)
    print()
    for scenario in ["create", *LIST_SCENARIOS]:
        rate = {label: [r["rps"] for r in rows[scenario, label]] for label in ["floor", "provost"]}
        cpu = {label: statistics.median(r["server_cpu_us_per_req"] for r in rows[scenario, label]) for label in rate}
        median = {label: statistics.median(values) for label, values in rate.items()}
        print(f"{scenario:12} floor {median['floor']:>7.0f} ({min(rate['floor']):.0f}-{max(rate['floor']):.0f})"
              f"  provost {median['provost']:>7.0f} ({min(rate['provost']):.0f}-{max(rate['provost']):.0f})"
              f"  ratio {median['provost'] / median['floor']:.0%}  cpu {cpu['floor']:.0f} / {cpu['provost']:.0f} us")


def twenty_mappings():
    """A rule for people with twenty mappings of every sort; nobody is in its scope when `nobody` is set."""
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    direct = {"userName": "userName", "displayName": "displayName", "title": "title", "nickName": "nickName",
              "name.givenName": "name.givenName", "name.familyName": "name.familyName", "locale": "locale",
              "preferredLanguage": "preferredLanguage", "timezone": "timezone", "userType": "userType",
              'emails[type eq "work"].value': 'emails[type eq "work"].value',
              'phoneNumbers[type eq "mobile"].value': 'phoneNumbers[type eq "mobile"].value',
              'addresses[type eq "work"].locality': 'addresses[type eq "work"].locality',
              f"{enterprise}:department": f"{enterprise}:department",
              f"{enterprise}:employeeNumber": f"{enterprise}:employeeNumber"}
    mappings = [{"target": target, "direct": source} for target, source in direct.items()]
    mappings += [
        {"target": "active", "expression": "Not([IsSoftDeleted])", "kind": "boolean"},
        {"target": "name.formatted", "expression": 'Join(" ", [name.givenName], [name.familyName])'},
        {"target": "externalId", "direct": "externalId", "apply": "on_create"},
        {"target": f"{enterprise}:costCenter", "expression": f'Switch([{enterprise}:department], "0", "Sales", "1", "Legal", "2")'},
        {"target": f"{enterprise}:division", "expression": 'ToUpper(NormalizeDiacritics([displayName]))'},
    ]
    assert len(mappings) == 20
    return {"name": "People", "object": "person", "matching": [{"target": "userName", "precedence": 1}], "mappings": mappings}


def connect(options, data, name, rule):
    """A connection that is planned for; its target is never called."""
    run(options.provost, "connection", "add", name, "--data", data, "--untested", "--connector", "scim", "--setting", "url=http://127.0.0.1:9",
        "--setting", "allow_private_network=true", "--secret-env", "token=BENCH_SECRET", env={**os.environ, "BENCH_SECRET": "x"})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(rule, file)
        file.flush()
        run(options.provost, "rule", "set", name, "--data", data, "--file", file.name, "--yes", "--offline")
    run(options.provost, "connection", "pause", name, "--data", data)


def timed(options, *arguments):
    """A command with its wall time and its peak memory that is not a mapped file."""
    process = subprocess.Popen([options.provost, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak, started = 0, time.monotonic()
    while process.poll() is None:
        try:
            found = re.search(r"RssAnon:\s+(\d+)", open(f"/proc/{process.pid}/status").read())
            peak = max(peak, int(found.group(1)) / 1024 if found else 0)
        except OSError:
            pass
        time.sleep(0.01)
    seconds = time.monotonic() - started
    return json.loads(process.stdout.read()), seconds, peak


def million(options):
    data = options.data or tempfile.mkdtemp(prefix="provost-bench-")
    part, ids = options.people // 10, os.path.join(data, "..", "bench.ids")
    server = hub(options, data)
    print(f"start to ready, empty: {server.ready_ms:.0f} ms; idle memory {server.anonymous_mb():.0f} MB (anonymous)")
    rates = []
    drive(options, server, "create", "1,000", "-c", 16, "-n", 1000, "--ids", ids)
    small = {s: drive(options, server, s, "at 1,000", "-c", 1, "-n", 5000, "--population", 1000, "--ids", ids) for s in LIST_SCENARIOS}
    for i in range(10):
        start, n = (1000, part - 1000) if i == 0 else (i * part, part)
        rates.append(drive(options, server, "create", f"part {i + 1}", "-c", 64, "-n", n, "--start", start, "--ids", ids)["rps"])
    print(f"first part against last: {rates[0] / rates[-1]:.2f}; memory {server.anonymous_mb():.0f} MB (anonymous)")
    for scenario in LIST_SCENARIOS:
        row = drive(options, server, scenario, "at full", "-c", 1, "-n", 5000, "--population", options.people, "--ids", ids)
        print(f"  cpu per request against 1,000 people: {row['server_cpu_us_per_req'] / small[scenario]['server_cpu_us_per_req']:.2f}")
    deep = f"/Users?startIndex={options.people * 9 // 10}&count=100"
    drive(options, server, "raw", "page", "-c", 1, "-n", 500, "--path", deep)
    drive(options, server, "patch", "patch", "-c", 16, "-n", 20000, "--dialect", "entra", "--ids", ids)
    members = min(100_000, options.people)
    drive(options, server, "group-create", "group", "-c", 1, "-n", 1, "--members", 1, "--ids", ids)
    group = first_group(server)
    batch = 500
    drive(options, server, "member-add", "fill", "-c", 1, "-n", members // batch, "--batch", batch, "--group", group, "--start", 1, "--ids", ids)
    drive(options, server, "member-add", "one more", "-c", 1, "-n", 500, "--group", group, "--start", members + 10, "--ids", ids)
    server.stop()
    server = hub(options, data)
    time.sleep(1)
    print(f"start to ready, full: {server.ready_ms:.0f} ms; idle memory {server.anonymous_mb():.0f} MB (anonymous)")
    server.stop()
    planning(options, data)
    if not options.data:
        shutil.rmtree(data)


def first_group(server):
    request = urllib.request.Request(server.base + "/Groups?count=1&excludedAttributes=members", headers={"Authorization": f"Bearer {server.token}"})
    return json.load(urllib.request.urlopen(request))["Resources"][0]["id"]


def planning(options, data):
    connect(options, data, "twenty", twenty_mappings())
    preview, seconds, peak = timed(options, "plan", "twenty", "--data", data, "--json")
    print(f"plan of an initial cycle, 20 mappings: {preview['millis'] / 1000:.1f} s of {seconds:.1f} s, {preview['steps']} steps, {peak:.0f} MB (anonymous)")
    nobody = {**twenty_mappings(), "scope": {"filters": [{"name": "nobody", "clauses": [{"attribute": "title", "operator": "EQUALS", "value": "Nobody"}]}]}}
    connect(options, data, "nobody", nobody)
    run(options.provost, "connection", "resume", "nobody", "--data", data)
    first, _, _ = timed(options, "cycle", "run", "nobody", "--data", data, "--json")
    again, seconds, _ = timed(options, "cycle", "run", "nobody", "--data", data, "--json")
    print(f"cycle over everybody that finds nobody in scope: {first['millis'] / 1000:.1f} s; with nothing to do: {again['millis']} ms "
          f"(the whole command {seconds * 1000:.0f} ms)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["ab", "million"])
    parser.add_argument("--driver", required=True)
    parser.add_argument("--floor")
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--creates", type=int, default=60_000)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--data")
    options = parser.parse_args()
    {"ab": ab, "million": million}[options.what](options)


if __name__ == "__main__":
    main()
