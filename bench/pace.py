#!/usr/bin/env python3
"""How much of Microsoft Graph's permitted pace a cycle uses, over minutes, against both limiter models.

  bench/pace.py --driver SCIMLOAD [--provost PATH] [--minutes 10] [--people 16000]

Loads people into Provost, connects two simulated tenants (a token bucket, and a strict sliding window), serves
for so many minutes, and compares the writes each tenant carried out with those it would have permitted.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request

from spine import Server, drive, hub, run

BURST, PER_SECOND, WINDOW = 3_000, 20, 150

# The driver's people are at example.com; the simulated tenant has verified contoso.example.
RULE = {
    "name": "People", "object": "person", "matching": [{"target": "userPrincipalName", "precedence": 1}],
    "mappings": [
        {"target": "userPrincipalName", "expression": 'Replace([userName], "@example.com", , , "@contoso.example", , )'},
        {"target": "mailNickname", "expression": 'Item(Split([userName], "@"), 1)', "apply": "on_create"},
        {"target": "displayName", "direct": "displayName"},
        {"target": "givenName", "direct": "name.givenName"},
        {"target": "surname", "direct": "name.familyName"},
        {"target": "accountEnabled", "expression": "Not([IsSoftDeleted])", "kind": "boolean"},
        {"target": "passwordProfile.password", "generated": True, "apply": "on_create"},
    ],
}


def permitted(model, seconds):
    """Published limit: 3,000 writes in 150 s for an application in a tenant."""
    if model == "token-bucket":
        return BURST + PER_SECOND * seconds
    return BURST * max(1.0, seconds / WINDOW)


def tenant(options, model):
    command = [options.provost, "sim", "microsoft-365", "--listen", "127.0.0.1:0", "--throttle", model, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, json.loads(process.stdout.readline())


def connect(options, data, model, facts):
    settings = {key: facts[key] for key in ["tenant", "client_id", "graph_url", "login_url"]} | {"allow_private_network": "true"}
    pairs = [part for key, value in settings.items() for part in ("--setting", f"{key}={value}")]
    run(options.provost, "connection", "add", model, "--data", data, "--connector", "graph",
        *pairs, "--secret-env", "client_secret=BENCH_SECRET", env={**os.environ, "BENCH_SECRET": facts["client_secret"]})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(RULE, file)
        file.flush()
        run(options.provost, "rule", "set", model, "--data", data, "--file", file.name, "--yes")


def counters(facts):
    return json.load(urllib.request.urlopen(facts["url"] + "/_sim/state"))["counters"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--people", type=int, default=16_000)
    options = parser.parse_args()
    data = os.path.join(tempfile.mkdtemp(prefix="provost-pace-"), "data")
    server = hub(options, data)
    drive(options, server, "create", "people", "-c", 16, "-n", options.people, "--ids", data + "/ids")
    server.stop()
    tenants = {model: tenant(options, model) for model in ["token-bucket", "sliding-window"]}
    for model, (_, facts) in tenants.items():
        connect(options, data, model, facts)
    server, seconds = hub(options, data), options.minutes * 60
    time.sleep(seconds)
    for model, (process, facts) in tenants.items():
        found = counters(facts)
        if not found["usersCreated"]:
            print(run(options.provost, "log", model, "--data", data, "--limit", "3"))
        share = found["writes"] / permitted(model, seconds)
        print(f"{model:15} {found['writes']} writes of {permitted(model, seconds):.0f} permitted in {seconds:.0f} s: {share:.1%}; "
              f"{found['throttled']} answered 429; {found['usersCreated']} people created", flush=True)
    server.stop()
    for process, _ in tenants.values():
        process.terminate()
    failed = run(options.provost, "log", "token-bucket", "--data", data, "--json")
    print("failures in the last lines of the log:", sum(1 for line in failed if line.get("status") == "failure") if isinstance(failed, list) else failed)
    shutil.rmtree(os.path.dirname(data))


if __name__ == "__main__":
    main()
