"""The independent SCIM programs: `scim2`, the command line, and `scim2-server`, the application."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from process import Running, free_port

PROGRAMS = Path(sys.executable).parent
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Client:
    """`scim2`, pointed at one SCIM service."""

    def __init__(self, url, token):
        self.environment = {
            **os.environ,
            "SCIM_CLI_URL": url,
            "SCIM_CLI_HEADERS": f"Authorization: Bearer {token}",
        }

    def run(self, *words, body=None):
        """One command; `body` goes to its standard input. Gives its answer."""
        done = subprocess.run(
            [str(PROGRAMS / "scim2"), *words],
            input="" if body is None else json.dumps(body),
            capture_output=True,
            text=True,
            timeout=60,
            env=self.environment,
        )
        if done.returncode:
            raise RuntimeError(f"scim2 {' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def all(self, kind):
        """Everything of a kind, page by page."""
        found = []
        while True:
            page = self.run("query", kind, "--count", "50", "--start-index", str(len(found) + 1))
            resources = page.get("Resources") or []
            found += resources
            if not resources or len(found) >= page["totalResults"]:
                return found


class Application:
    """`scim2-server`: somebody else's application, which accounts are provisioned to."""

    def __init__(self, token):
        port = free_port()
        self.token = token
        self.url = f"http://127.0.0.1:{port}/v2"
        program = PROGRAMS / "scim2-server"
        self.running = Running([program, "--hostname", "127.0.0.1", "--port", port, "--bearer-token", token])
        self.running.wait_for(lambda line: line if line.startswith("Serving") else None, 30)

    def all(self, endpoint):
        request = urllib.request.Request(
            f"{self.url}/{endpoint}?count=1000", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer).get("Resources") or []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running.stop()
