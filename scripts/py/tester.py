"""`scim2-tester`, the independent compliance checker, against `provost serve`.

    python scripts/py/tester.py [path of the provost binary | --url URL --token TOKEN]
"""

import argparse
import contextlib
import tempfile

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

import provost
from tally import run

# What the specification forbids, or what puts the user at risk. A deviation from a recommendation is shown.
BAD = {Status.ERROR, Status.CRITICAL}


@contextlib.contextmanager
def service(arguments):
    """The SCIM service to check: the one named, or one of our own."""
    if arguments.url:
        yield arguments.url, arguments.token
        return
    with tempfile.TemporaryDirectory(prefix="provost-tester-") as folder:
        hub = provost.Hub(arguments.binary, folder)
        hub.init()
        path, token = hub.add_provider("Tester")
        server, base = hub.serve()
        try:
            yield base + path, token
        finally:
            server.stop()


def story(tally):
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=provost.default_binary())
    parser.add_argument("--url")
    parser.add_argument("--token", default="")
    with service(parser.parse_args()) as (url, token):
        http = Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        results = check_server(SyncSCIMClient(http))
    for result in results:
        sentence = " ".join(filter(None, [result.resource_type, result.title, result.reason]))
        if result.status is Status.SKIPPED:
            tally.say(f"skip  {sentence}")
        else:
            tally.check(f"{result.status.name.lower()}: {sentence}", result.status not in BAD, result.data)
    # Fewer would mean that it could not read what we publish about ourselves.
    tally.check(f"it made its checks on people and groups: {len(results)}", len(results) >= 100)


if __name__ == "__main__":
    run("tester", story)
