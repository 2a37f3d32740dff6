"""The independent SCIM programs: `scim2`, the command line, and two applications, `scim2-server` and SCIMMY."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from process import Running, free_port

PROGRAMS = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
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
    """Somebody else's application, which accounts are provisioned to."""

    def __init__(self, running, url, token):
        self.running = running
        self.url = url
        self.token = token

    def all(self, endpoint):
        return self.request("GET", f"{endpoint}?count=1000").get("Resources") or []

    def request(self, method, path, body=None):
        """What its own administrator does there, behind Provost's back."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def patch(self, path, *operations):
        body = {"schemas": [PATCH], "Operations": [dict(zip(("op", "path", "value"), one)) for one in operations]}
        return self.request("PATCH", path, body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running.stop()


def scim2_server(token):
    """`scim2-server`, in Python."""
    port = free_port()
    program = PROGRAMS / "scim2-server"
    running = Running([program, "--hostname", "127.0.0.1", "--port", port, "--bearer-token", token])
    running.wait_for(lambda line: line if line.startswith("Serving") else None, 30)
    return Application(running, f"http://127.0.0.1:{port}/v2", token)


def scimmy(token):
    """SCIMMY behind its own routers, in JavaScript."""
    running = Running(["node", ROOT / "scripts" / "js" / "scimmy_server.mjs", token])
    url = running.wait_for(lambda line: line[len("ready ") :] if line.startswith("ready ") else None, 30)
    return Application(running, url, token)
