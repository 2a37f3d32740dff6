"""Microsoft's own Graph client for JavaScript drives the simulated Microsoft 365; see scripts/js/graph_client_drive.mjs.

    python scripts/py/graph_client_drive.py [path of the provost binary]
    python scripts/py/graph_client_drive.py --login-url URL --graph-url URL --tenant ID --client-id ID --client-secret SECRET
"""

import os
import subprocess
import sys

import graph_sdk_drive
import provost

SCRIPT = provost.ROOT / "scripts" / "js" / "graph_client_drive.mjs"


def main():
    # Node would ask a proxy, if it is told to, even for what runs on this machine.
    environment = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
    with graph_sdk_drive.service(graph_sdk_drive.arguments()) as given:
        words = [given.login_url, given.graph_url, given.tenant, given.client_id, given.client_secret]
        sys.exit(subprocess.run(["node", SCRIPT, *words], env=environment, stdin=subprocess.DEVNULL).returncode)


if __name__ == "__main__":
    main()
