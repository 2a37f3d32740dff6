#!/usr/bin/env python3
"""How much of Microsoft Graph's published budgets is used, into simulated tenants that enforce them.

  bench/graph.py writes [--people 10000] [--speed-up 1] [--models token-bucket,sliding-window] [--latency MS]
  bench/graph.py reads  --driver SCIMLOAD [--people 100000] [--models token-bucket,sliding-window] [--latency MS]

writes  people with manager, licence and three memberships each, into an empty tenant. A tenant for each model of the
        limit, all of them at the same time. Ends when the last write has been answered, and looks into the tenants.
reads   the first read and match of a tenant that holds everybody already, one model after the other: one cycle that
        adopts all accounts and writes nothing.

Everything is counted by the tenants: writes permitted and used, requests by operation, refusals, resource units.
--speed-up N makes writes N times as fast as the published 20 a second, in windows that are N times shorter, in the
tenants and in the connections: for short runs that have the same ratios (at most 15, or the units become the limit).
SCIMLOAD is the load driver kept beside the project. --latency is what every answer of a tenant takes at least.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from spine import drive, hub, run, timed

BURST, WINDOW = 3_000, 150
PACE = 19.6
UNITS, UNIT_WINDOW = 8_000, 10
GROUPS, BATCH = 30, 20
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# People are at example.com; the simulated tenant has verified contoso.example.
NAMES = [
    {"target": "userPrincipalName", "expression": 'Replace([userName], "@example.com", , , "@contoso.example", , )'},
    {"target": "mailNickname", "expression": 'Item(Split([userName], "@"), 1)', "apply": "on_create"},
    {"target": "displayName", "direct": "displayName"},
    {"target": "givenName", "direct": "name.givenName"},
    {"target": "surname", "direct": "name.familyName"},
    {"target": "accountEnabled", "expression": "Not([IsSoftDeleted])", "kind": "boolean"},
    {"target": "passwordProfile.password", "generated": True, "apply": "on_create"},
    {"target": "usageLocation", "constant": "BE"},
    {"target": "department", "direct": f"{ENTERPRISE}:department"},
]
LINK_KEY = {"target": "onPremisesImmutableId", "direct": "id", "apply": "on_create"}
BY_NAME = {"target": "userPrincipalName", "precedence": 2}
BY_KEY = {"target": "onPremisesImmutableId", "precedence": 1}
MANAGER = {"target": "manager", "direct": f"{ENTERPRISE}:manager.value", "reference": True}
LICENCE = {"target": "assignedLicenses", "constant": "SPE_E3"}
PEOPLE = {"name": "People", "object": "person", "matching": [BY_KEY, BY_NAME]}
GROUPS_RULE = {
    "name": "Groups", "object": "group", "matching": [{"target": "displayName", "precedence": 1}],
    "mappings": [{"target": "displayName", "direct": "displayName"}],
}


class Tenant:
    """A simulated tenant that is asked over its control interface."""

    def __init__(self, options, model):
        command = [options.provost, "sim", "microsoft-365", "--listen", "127.0.0.1:0", "--control", "--throttle", model, "--json"]
        self.model, self.first, self.last = model, None, None
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.facts = json.loads(self.process.stdout.readline())

    def control(self, path, method="GET", body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.facts['url']}/_sim/control/{path}", method=method, data=data)
        return json.load(urllib.request.urlopen(request))

    def settings(self, **change):
        self.control("settings", "PATCH", change)

    def counters(self):
        return self.control("counters")

    def state(self):
        return json.load(urllib.request.urlopen(self.facts["url"] + "/_sim/state"))

    def register(self, client_id):
        """Another application, whose budget is untouched."""
        roles = self.control("settings")["applications"][0]["roles"]
        self.settings(applications=[{"client_id": client_id, "client_secret": "second-secret", "roles": roles}])
        self.facts = {**self.facts, "client_id": client_id, "client_secret": "second-secret"}


def connect(options, data, name, facts, rules, **more):
    settings = {key: facts[key] for key in ["tenant", "client_id", "graph_url", "login_url"]}
    settings |= {"allow_private_network": "true", **{key: str(value) for key, value in more.items()}}
    pairs = [part for key, value in settings.items() for part in ("--setting", f"{key}={value}")]
    run(options.provost, "connection", "add", name, "--data", data, "--connector", "graph", *pairs,
        "--secret-env", "client_secret=BENCH_SECRET", env={**os.environ, "BENCH_SECRET": facts["client_secret"]})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"rule": rules}, file)
        file.flush()
        run(options.provost, "rule", "set", name, "--data", data, "--file", file.name, "--yes", "--offline")


# ---- writes -------------------------------------------------------------------------------------------------------


class Directory:
    """People with managers, and groups, over SCIM."""

    def __init__(self, server):
        self.server, self.pool = server, ThreadPoolExecutor(16)

    def post(self, path, body):
        request = urllib.request.Request(self.server.base + path, method="POST", data=json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.server.token}", "Content-Type": "application/scim+json"})
        return json.load(urllib.request.urlopen(request))["id"]

    def person(self, number, manager):
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE], "userName": f"u{number:08}@example.com",
                "displayName": f"Person {number:08}", "name": {"givenName": "Anna", "familyName": f"Number {number}"}, "active": True,
                ENTERPRISE: {"department": f"Department {number % 50}", **({"manager": {"value": manager}} if manager else {})}}
        return self.post("/Users", body)

    def fill(self, people):
        """A tree in which everybody but the first has a manager; then groups of which everybody is in three."""
        ids = [self.person(0, None)]
        while len(ids) < people:
            level = range(len(ids), min(people, len(ids) * 10))
            ids += self.pool.map(lambda number: self.person(number, ids[number // 10]), level)
        memberships = [[] for _ in range(GROUPS)]
        for number, person in enumerate(ids):
            for group in groups_of(number):
                memberships[group].append({"value": person})
        for number, members in enumerate(memberships):
            schema = "urn:ietf:params:scim:schemas:core:2.0:Group"
            self.post("/Groups", {"schemas": [schema], "displayName": f"Group {number:02}", "members": members})


def groups_of(number):
    """Three different groups, each of the thirty equally large."""
    return [number % 10, 10 + number // 10 % 10, 20 + number // 100 % 10]


def ideal(people):
    """The fewest writes, entries of batches counted one by one, and the requests that carry them."""
    sizes = [0] * GROUPS
    for number in range(people):
        for group in groups_of(number):
            sizes[group] += 1
    fills = sum(math.ceil(size / BATCH) for size in sizes)
    entries = {"create": people, "licence": people, "manager": people - 1, "group": GROUPS, "members": fills}
    # Twenty to a batch; the parts of one group go one after the other, so each is a request.
    requests = sum(math.ceil(entries[kind] / BATCH) for kind in ["create", "licence", "manager", "group"]) + fills
    return entries, requests


def least_seconds(model, writes, speed_up):
    """How long the limit makes so many writes take."""
    if model == "token-bucket":
        return max(0.0, (writes - BURST) / (BURST / WINDOW * speed_up))
    return (math.ceil(writes / BURST) - 1) * WINDOW / speed_up


def permitted(model, seconds, speed_up):
    if model == "token-bucket":
        return BURST + BURST / WINDOW * speed_up * seconds
    return BURST * (1 + math.floor(seconds * speed_up / WINDOW))


def writes(options):
    folder = tempfile.mkdtemp(prefix="provost-graph-")
    data = os.path.join(folder, "data")
    server = hub(options, data)
    started = time.monotonic()
    Directory(server).fill(options.people)
    print(f"{options.people} people and {GROUPS} groups in the directory after {time.monotonic() - started:.0f} s", flush=True)
    server.stop()
    tenants = [Tenant(options, model) for model in options.models]
    rule = {**PEOPLE, "mappings": [*NAMES, LINK_KEY, MANAGER, LICENCE]}
    for tenant in tenants:
        scale(options, tenant)
        connect(options, data, tenant.model, tenant.facts, [rule, GROUPS_RULE], writes_per_second=PACE * options.speed_up, write_burst=BURST)
        tenant.control("counters", "DELETE")
    server = hub(options, data)
    peak = follow(options, tenants, server)
    idle = server.anonymous_mb()
    server.stop()
    print(f"memory of the hub: at most {peak:.0f} MB, {idle:.0f} MB at the end (anonymous), for {len(tenants)} tenants at once")
    for tenant in tenants:
        tell_writes(options, data, tenant)
        tenant.process.terminate()
    shutil.rmtree(folder)


def scale(options, tenant):
    """The published limits, faster by the same factor."""
    milliseconds = 1_000 / options.speed_up
    tenant.settings(
        latency_ms=options.latency, seats={"SPE_E3": options.people},
        throttle={"writes": BURST, "window_ms": round(WINDOW * milliseconds), "tenant_window_ms": round(300 * milliseconds),
                  "unit_window_ms": round(UNIT_WINDOW * milliseconds),
                  # Whole seconds would be N times as long.
                  "retry_after": "whole" if options.speed_up == 1 else "fractional"})


def follow(options, tenants, server):
    """Waits until every tenant has got all its writes; the most memory that the hub had meanwhile."""
    entries, _ = ideal(options.people)
    goal, peak, told = sum(entries.values()), 0, 0
    limit = time.monotonic() + 60 + 3 * least_seconds("sliding-window", goal, options.speed_up)
    while not all(tenant.last and time.monotonic() - tenant.last > 5 and tenant.used >= goal for tenant in tenants):
        now = time.monotonic()
        for tenant in tenants:
            used = tenant.counters()["totals"]["writes"]
            if used and tenant.first is None:
                tenant.first = now
            if used != getattr(tenant, "used", 0):
                tenant.last = now
            tenant.used = used
        peak = max(peak, server.anonymous_mb())
        if now > told + 60:
            told = now
            print("  " + ", ".join(f"{tenant.model} {tenant.used} of {goal}" for tenant in tenants), flush=True)
        if now > limit:
            print(f"NOT FINISHED after {3 * least_seconds('sliding-window', goal, options.speed_up) + 60:.0f} s")
            break
        time.sleep(0.2)
    return peak


def tell_writes(options, data, tenant):
    counters = tenant.counters()
    totals, operations = counters["totals"], counters["operations"]
    entries, requests = ideal(options.people)
    seconds = tenant.last - tenant.first
    least, goal = least_seconds(tenant.model, totals["writes"], options.speed_up), sum(entries.values())
    may = permitted(tenant.model, seconds, options.speed_up)
    print(f"\n{tenant.model}: {totals['writes']} writes in {seconds:.1f} s, {may:.0f} permitted in that time: {totals['writes'] / may:.1%}; "
          f"so many take {least:.1f} s at least: {least / seconds:.1%} of the limit's pace")
    print(f"  {totals['throttled']} answered 429, {totals['refused']} refused otherwise, failures in the hub's log: {failures(options, data, tenant.model)}")
    print(f"  {totals['requests']} calls, entries of batches one by one; ideal {goal} (writes alone): {totals['requests'] / goal:.3f}")
    if "httpCalls" in counters:
        print(f"  {counters['httpCalls']} HTTP requests; ideal {requests} (twenty to a batch, twenty members to a PATCH): {counters['httpCalls'] / requests:.3f}")
    print(f"  {counters['resourceUnits']} resource units; busiest second {counters['peak']}")
    for operation, statuses in operations.items():
        print(f"    {operation:45} {statuses}")
    print(f"  in the tenant: {held(tenant)}", flush=True)


def failures(options, data, name):
    found = run(options.provost, "log", name, "--data", data, "--status", "failure", "--limit", "1000", "--json")
    rows = found if isinstance(found, list) else next((v for v in found.values() if isinstance(v, list)), [])
    return f"{len(rows)} {rows[:1] if rows else ''}"


def held(tenant):
    """What the tenant holds in the end."""
    state = tenant.state()
    users = state["users"]
    return (f"{len(users)} people of {len({user['userPrincipalName'] for user in users})} names, {sum(1 for user in users if user['manager'])} with a manager, "
            f"{sum(1 for user in users if user['assignedLicenses'])} with a licence, {len(state['groups'])} groups with "
            f"{sum(len(group['members']) for group in state['groups'])} members")


# ---- reads --------------------------------------------------------------------------------------------------------


def reads(options):
    folder = tempfile.mkdtemp(prefix="provost-graph-")
    data = os.path.join(folder, "data")
    server = hub(options, data)
    drive(options, server, "create", "people", "-c", 16, "-n", options.people, "--ids", os.path.join(folder, "ids"))
    server.stop()
    tenant = Tenant(options, "none")
    tenant.settings(seats={"SPE_E3": options.people})
    # The accounts were there before, made by somebody who knew nothing of link keys.
    rule = {**PEOPLE, "matching": [BY_NAME], "mappings": NAMES}
    connect(options, data, "Before", tenant.facts, [rule], writes_per_second=10_000, write_burst=1_000_000)
    report, seconds, peak = timed(options, "cycle", "run", "Before", "--data", data, "--json")
    print(f"{sum(report['applied'].values())} accounts made in {seconds:.0f} s without a limit, {peak:.0f} MB (anonymous)", flush=True)
    run(options.provost, "connection", "pause", "Before", "--data", data)
    for number, model in enumerate(options.models):
        tenant.register(f"00000000-0000-4000-8000-{number:012}")
        tenant.settings(throttle={"model": model.replace("-", "_")}, latency_ms=options.latency)
        connect(options, data, model, tenant.facts, [{**PEOPLE, "mappings": [*NAMES, LINK_KEY]}])
        tenant.control("counters", "DELETE")
        first_read(options, data, tenant, model)
    tenant.process.terminate()
    shutil.rmtree(folder)


def first_read(options, data, tenant, model):
    report, seconds, peak = timed(options, "cycle", "run", model, "--data", data, "--json")
    counters = tenant.counters()
    units, totals = counters["resourceUnits"], counters["totals"]
    may = UNITS + UNITS / UNIT_WINDOW * seconds if model == "token-bucket" else UNITS * (1 + math.floor(seconds / UNIT_WINDOW))
    print(f"\n{model}: {report['state']}, {report['adopted']} adopted, {report['failed']} failed, {sum(report['applied'].values())} written "
          f"in {seconds:.1f} s, {report['adopted'] / seconds:.0f} accounts/s, {peak:.0f} MB (anonymous)")
    print(f"  {units} resource units ({units / max(report['adopted'], 1):.3f} an account) of {may:.0f} permitted: {units / may:.1%}; "
          f"{totals['throttled']} answered 429")
    print(f"  {totals['requests']} calls, {counters.get('httpCalls', '?')} HTTP requests; a look-up for each account at the full budget would take "
          f"{max(0, options.people - UNITS) / (UNITS / UNIT_WINDOW):.0f} s")
    for operation, statuses in counters["operations"].items():
        print(f"    {operation:45} {statuses}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["writes", "reads"])
    parser.add_argument("--driver")
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--people", type=int)
    parser.add_argument("--speed-up", type=int, default=1, choices=range(1, 16), metavar="N")
    parser.add_argument("--models", type=lambda text: text.split(","), default=["token-bucket", "sliding-window"])
    parser.add_argument("--latency", type=int, default=0)
    options = parser.parse_args()
    options.people = options.people or {"writes": 10_000, "reads": 100_000}[options.what]
    {"writes": writes, "reads": reads}[options.what](options)


if __name__ == "__main__":
    main()
