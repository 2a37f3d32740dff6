"""Provost's command line, as the suites use it. Every call to it is in this file."""

import json
import os
import re
import subprocess
import time
import urllib.parse
from pathlib import Path

from process import Running

ROOT = Path(__file__).resolve().parents[2]


def default_binary():
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "provost"


class Hub:
    """One data folder and the commands on it."""

    def __init__(self, binary, data):
        self.binary = Path(binary)
        self.data = Path(data)

    def init(self):
        self.run("init")

    def serve(self):
        """Starts the server on a free port; gives the process and its base URL."""
        running = Running([self.binary, "serve", "--data", self.data, "--listen", "127.0.0.1:0"])
        try:
            base = running.wait_for(_after("ready "), 30)
        except Exception:
            running.stop()
            raise
        return running, base

    def add_provider(self, name):
        """An inbound provider: the path of its SCIM service, and its token."""
        answer = self.json("provider", "add", name)
        return urllib.parse.urlsplit(answer["tenant_url"]).path, answer["token"]

    def connect_microsoft_365(self, name, sim):
        self._connect(
            name,
            "graph",
            "microsoft-365",
            {
                "tenant": sim["tenant"],
                "client_id": sim["client_id"],
                "graph_url": sim["graph_url"],
                "login_url": sim["login_url"],
                "allow_private_network": "true",
            },
            ("client_secret", sim["client_secret"]),
        )

    def connect_scim(self, name, url, token):
        settings = {"url": url, "allow_private_network": "true"}
        self._connect(name, "scim", "scim", settings, ("token", token))

    def _connect(self, name, connector, template, settings, secret):
        field, value = secret
        variable = f"ACCEPTANCE_{field.upper()}"
        words = ["connection", "add", name, "--untested", "--connector", connector, "--template", template]
        for key, setting in settings.items():
            words += ["--setting", f"{key}={setting}"]
        self.run(*words, "--secret-env", f"{field}={variable}", environment={variable: value})

    def add_api_token(self, scope):
        """A token of the admin API."""
        return self.json("api-token", "add", "acceptance", "--scope", scope)["token"]

    def rules(self, name):
        """A connection's rules, as they are saved."""
        names = [rule["name"] for rule in self.json("rule", "list", name)]
        return [json.loads(self.run("rule", "show", name, rule)) for rule in names]

    def set_rules(self, name, rules):
        path = self.data / "rules.json"
        path.write_text(json.dumps({"rule": rules}))
        self.run("rule", "set", name, "--file", path, "--yes")

    def try_now(self, name):
        """What failed is tried with the next cycle, whenever it was to be."""
        self.run("retry", "now", name)

    def waiting(self, name):
        """What failed and is tried again."""
        return self.json("retry", "list", name)["waiting"]

    def log_failures(self, name):
        return self.json("log", name, "--status", "failure", "--limit", "1000")["lines"]

    def plan(self, name):
        return self.json("plan", name)

    def cycle(self, name):
        return self.json("cycle", "run", name)

    def cycle_command(self, name):
        """The same command's line, for who wants to kill it."""
        return [self.binary, "cycle", "run", name, "--data", self.data]

    def explain(self, person):
        return self.json("explain", person)

    def owner_link(self, base):
        """A link that signs in the owner, who is made if need be, once."""
        owner = "owner@contoso.example"
        if not any(one["email"] == owner for one in self.json("administrator", "list")["administrators"]):
            self.json("administrator", "add", "Contoso owner", owner, "--role", "owner")
        made = self.json("administrator", "link", owner)["link"]
        return base.replace("127.0.0.1", "localhost") + made[made.index("/welcome") :]

    def verify_audit(self):
        return self.json("audit", "verify")

    def demo(self):
        """The demo's command line, for who wants to kill it."""
        return [self.binary, "demo", "--exit", "--data", self.data]

    def json(self, *words):
        """Runs a command with --json and reads its answer."""
        text = self.run(*words, "--json")
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise RuntimeError(f"provost {' '.join(words)} --json: {error}\n{text}") from None

    def run(self, *words, environment=None):
        command = [str(self.binary), *map(str, words), "--data", str(self.data)]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, **(environment or {})},
        )
        if done.returncode:
            raise RuntimeError(f"provost {' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def simulator(binary, *words, port=0):
    """Starts a Microsoft 365, on a free port unless one is named; gives the process and what it says about itself."""
    running = Running([binary, "sim", "microsoft-365", "--listen", f"127.0.0.1:{port}", "--json", *words])
    try:
        return running, running.wait_for(_object, 30)
    except Exception:
        running.stop()
        raise


def planned(plan):
    """How many steps a plan holds."""
    steps = plan.get("steps")
    if isinstance(steps, list):
        return len(steps)
    if isinstance(steps, int):
        return steps
    return sum(count for count in plan["counts"].values() if isinstance(count, int))


def until(found, seconds):
    """Waits for something that is there at last, and gives it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.2)
    raise RuntimeError(f"nothing came in {seconds} s")


def _after(word):
    return lambda line: line[len(word) :].strip() if line.startswith(word) else None


def _object(line):
    return json.loads(line) if line.startswith("{") else None


def link(line):
    """The one-time link to the console, where a line of output has one."""
    found = re.search(r"https?://[^\s\"]+\?key=[\w-]+", line)
    return found and found.group()
