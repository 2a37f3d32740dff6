#!/usr/bin/env python3
"""Measures every list of the console and of the interface at a million people, at any depth.

  bench/console.py --driver SCIMLOAD [--provost PATH] [--sink PATH] [--people 1000000] [--requests 200] [--data DIR]

Fills the directory by its SCIM endpoint, carries an initial cycle out into an application that does as little as it
can (the testkit's scim_sink), keeps a plan of a step for each person, and signs the owner in. What goes wrong is written
into the database file, because no application refuses a million times in a bearable time: for each person a retry, a
staged step, a doubt, an account of nobody's, a difference, an assignment, and somebody deleted. Each list is then asked
for its first page, for the pages that follow it, and for pages anywhere in it, by putting another number into the
cursor. One client, one request after the other: what is measured is how long a reader waits for the page without its
way through a network. Prints a line a list: requests, median, 99th percentile, the slowest, the largest page. With --data the
folder is kept and used again.

`cargo build --release -p provost-testkit --example scim_sink` makes the application. SCIMLOAD is kept beside the
project.
"""

import argparse
import contextlib
import html
import http.client
import json
import os
import random
import re
import shutil
import sqlite3
import statistics
import tempfile
import time
import urllib.parse

from engine import NAME, Sink, connect, cycle, fill
from spine import hub, run

OWNER = "owner@contoso.example"
GOAL_MS = 100
WORKSPACE = "/w/Main"


def pages():
    """The lists that grow with the people, the requests or the days."""
    at = f"{WORKSPACE}/connections/{NAME}"
    return [
        WORKSPACE, f"{WORKSPACE}/problems", f"{WORKSPACE}/audit",
        f"{WORKSPACE}/people", f"{WORKSPACE}/people?search=user", f"{WORKSPACE}/people/deleted", f"{WORKSPACE}/groups",
        f"{WORKSPACE}/people/PERSON", f"{WORKSPACE}/groups/GROUP", f"{WORKSPACE}/groups/GROUP/members",
        f"{WORKSPACE}/providers", f"{WORKSPACE}/providers/Bench/requests", f"{WORKSPACE}/credentials",
        f"{WORKSPACE}/connections", at, f"{at}/links", f"{at}/cycles", f"{at}/assignments", f"{at}/doubts",
        f"{at}/status/People/impacted", f"{at}/status/People/success", f"{at}/status/People/failed",
        f"{WORKSPACE}/log", f"{WORKSPACE}/staged", f"{WORKSPACE}/drift", f"{WORKSPACE}/plans", f"{WORKSPACE}/plans/PLAN",
        f"{WORKSPACE}/administrators", f"{WORKSPACE}/api-tokens", f"{WORKSPACE}/guides",
    ]


def answers():
    """The same of the interface."""
    at = f"/api/v1/connections/{NAME}"
    return [
        "/api/v1/people", "/api/v1/people/PERSON", "/api/v1/groups", "/api/v1/groups/GROUP/members", "/api/v1/deleted", "/api/v1/problems", "/api/v1/audit",
        "/api/v1/requests", "/api/v1/logs", at, f"{at}/links", f"{at}/cycles", f"{at}/retries", f"{at}/staged", f"{at}/drift",
        f"{at}/unowned", f"{at}/doubts", f"{at}/assignments", "/api/v1/plans/PLAN/steps",
    ]


class Reader:
    """Somebody who is signed in, on one connection that stays open."""

    def __init__(self, server, link=None, token=None):
        place = urllib.parse.urlsplit(server.base)
        self.host, self.port = place.hostname, place.port
        self.line = http.client.HTTPConnection(self.host, self.port, timeout=60)
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        if link:
            self._enter(link)

    def _enter(self, link):
        page, _ = self._send("GET", link)
        csrf = re.search(r'name="csrf" value="([^"]*)"', page)
        key = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["key"][0]
        form = {"key": key, **({"csrf": csrf.group(1)} if csrf else {})}
        address = re.search(r'<form[^>]*action="([^"]*)"', page)
        self._send("POST", html.unescape(address.group(1)) if address else link, urllib.parse.urlencode(form))
        if "cookie" not in self.headers:
            raise SystemExit(f"{link} does not sign in")

    def _send(self, method, path, body=None):
        more = {"content-type": "application/x-www-form-urlencoded", "origin": f"http://localhost:{self.port}"} if body else {}
        self.line.request(method, path, body, {"host": f"localhost:{self.port}", **self.headers, **more})
        answer = self.line.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("set-cookie") or []:
            if cookie.startswith(("provost_session=", "__Host-provost_session=")):
                self.headers["cookie"] = cookie.split(";")[0]
        return text, answer.status

    def ask(self, path):
        """The text, and how many milliseconds it took to be here whole. A token has a rate: one that is over it waits."""
        while True:
            started = time.perf_counter()
            text, status = self._send("GET", path)
            took = (time.perf_counter() - started) * 1000
            if status != 429:
                break
            time.sleep(1)
        if status != 200:
            raise SystemExit(f"{path}: {status} {re.sub(r'(?s).*<main', '', text)[:1200]}")
        return text, took


def following(text, path):
    """Where the next page is, as the page or the answer says."""
    if text.startswith("{"):
        cursor = json.loads(text).get("next")
        if cursor is None:
            return None
        if str(cursor).startswith("/"):
            return cursor
        place, _, query = path.partition("?")
        kept = [(name, value) for name, value in urllib.parse.parse_qsl(query) if name not in ("after", "before", "cursor")]
        return f"{place}?{urllib.parse.urlencode([*kept, ('after', cursor)])}"
    found = re.search(r'<a class="on" href="([^"]*)"', text)
    return html.unescape(found.group(1)) if found else None


def elsewhere(path, people):
    """The same list at another place of it: the last long number in the cursor becomes another one."""
    place, _, query = path.partition("?")
    parts = urllib.parse.parse_qsl(query)
    moved = [(name, shifted(value, people) if name in ("after", "before", "cursor") else value) for name, value in parts]
    return f"{place}?{urllib.parse.urlencode(moved)}"


def shifted(value, people):
    numbers = list(re.finditer(r"\d+", value))
    if not numbers:
        return value
    last = max(numbers, key=lambda one: len(one.group()))
    most = max(int(last.group()), people)
    other = str(random.randrange(1, most + 1)).rjust(len(last.group()), "0")
    return value[: last.start()] + other + value[last.end() :]


def measure(reader, path, options):
    """A third of the requests walks on from the first page, the others go anywhere."""
    took, largest, address = [], 0, path
    for number in range(max(1, options.requests // 3)):
        text, ms = reader.ask(address)
        took.append(ms)
        largest = max(largest, len(text.encode()))
        address = following(text, path) or path
    text, _ = reader.ask(path)
    second = following(text, path)
    while len(took) < options.requests:
        text, ms = reader.ask(elsewhere(second, options.people) if second else path)
        took.append(ms)
        largest = max(largest, len(text.encode()))
    took.sort()
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    late = "  OVER THE GOAL" if p99 > GOAL_MS else ""
    print(f"{path:60} {len(took):4} requests, median {statistics.median(took):6.1f} ms, p99 {p99:6.1f} ms, slowest {took[-1]:6.1f} ms, {largest / 1024:5.1f} KB"
          f"{'' if second else '  (one page)'}{late}", flush=True)
    return p99


def world(options, data):
    """Everything there is to list."""
    fill(options, data)
    done = os.path.join(data, "bench.world")
    if os.path.exists(done):
        return json.load(open(done))
    sink = Sink(options)
    connect(options, data, sink)
    plan = run(options.provost, "plan", NAME, "--save", "--data", data, "--json")
    cycle(options, data, "initial")
    run(options.provost, "administrator", "add", "Contoso owner", OWNER, "--role", "owner", "--data", data, "--json")
    token = run(options.provost, "api-token", "add", "bench", "--scope", "read", "--data", data, "--json")["token"]
    sink.stop()
    trouble(data)
    made = {"plan": plan.get("plan") or plan.get("id"), "token": token}
    json.dump(made, open(done, "w"))
    return made


TROUBLE = [
    "INSERT INTO retry SELECT :rule, key, 0, 3, :now + 600000, 'the application refused it', 'PRV-TARGET-REFUSED', :now - key FROM object WHERE kind = 0",
    "INSERT INTO staged_step SELECT key + :apart, :connection, :rule, key, 0, 'delete', label, 'd', 'pending', :now - key FROM object WHERE kind = 0",
    "INSERT INTO doubt SELECT key + :apart, :connection, :rule, key, label, 'PRV-MATCH-WEAK', 'found by its mail address only',"
    " '[]', '', '', :now - key, 0, '' FROM object WHERE kind = 0",
    "INSERT INTO unowned SELECT :connection, 0, 'u' || key, 'Account ' || label, 'local', 0, 1, :now FROM object WHERE kind = 0",
    "INSERT INTO drift SELECT :rule, key, 'title', label, '\"Clerk\"', '\"Boss\"', 'open', :now, :now FROM object WHERE kind = 0",
    "INSERT INTO assignment SELECT :connection, key, :now, 'bench' FROM object WHERE kind = 0",
    "INSERT INTO deleted_object SELECT key + :apart, randomblob(16), workspace, owner, kind, 'gone' || key, label, document, 1, role, team, permission,"
    " blocked, created, :now, 'bench', :now + 2592000000 FROM object WHERE kind = 0",
    "INSERT INTO cycle SELECT key + :apart, :connection, 'incremental', 1, :now - 5000, :now, 0, 'done', '{}' FROM object WHERE kind = 0 LIMIT 100000",
]


def trouble(data):
    """Everything that a list of trouble can hold, for each person, and 100,000 cycles. Nobody serves meanwhile."""
    with contextlib.closing(sqlite3.connect(os.path.join(data, "provost.db"))) as database:
        connection, rule = database.execute("SELECT c.key, r.key FROM connection c JOIN rule r ON r.connection = c.key").fetchone()
        values = {"connection": connection, "rule": rule, "now": int(time.time() * 1000), "apart": 1_000_000_000}
        for statement in TROUBLE:
            database.execute(statement, values)
        database.commit()


def group(server, data, options):
    """A group of 10,000, made once."""
    file = os.path.join(data, "bench.group")
    if not os.path.exists(file):
        import urllib.request

        ids = [line.split()[1] for line in open(os.path.join(data, "bench.ids"))][:10_000]
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Everybody", "members": [{"value": one} for one in ids]}
        request = urllib.request.Request(f"{server.base}/Groups", method="POST", data=json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {server.token}", "Content-Type": "application/scim+json"})
        open(file, "w").write(json.load(urllib.request.urlopen(request))["id"])
    return open(file).read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--sink", default="target/release/examples/scim_sink")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--data")
    options = parser.parse_args()
    data = options.data or tempfile.mkdtemp(prefix="provost-bench-")
    made = world(options, data)
    run(options.provost, "connection", "pause", NAME, "--data", data)
    server = hub(options, data)
    made["group"] = group(server, data, options)
    made["person"] = next(open(os.path.join(data, "bench.ids"))).split()[1]
    link = run(options.provost, "administrator", "link", OWNER, "--data", data, "--json")["link"]
    signed = Reader(server, link=link[link.index("/welcome") :])
    caller = Reader(server, token=made["token"])
    worst = 0
    for reader, paths in [(signed, pages()), (caller, answers())]:
        for path in paths:
            known = path
            for name in ["plan", "group", "person"]:
                known = known.replace(f"/{name.upper()}", f"/{made[name]}")
            worst = max(worst, measure(reader, known, options))
    print(f"worst p99 {worst:.1f} ms; the hub: {server.anonymous_mb():.0f} MB (anonymous)")
    server.stop()
    if not options.data:
        shutil.rmtree(data)


if __name__ == "__main__":
    main()
