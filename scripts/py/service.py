"""One inbound provider of a fresh `provost serve`, for the suites that speak SCIM to it."""

import argparse
import contextlib
import tempfile

from httpx2 import Client, TransportError

import provost

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def arguments():
    """The usual command line of a suite: a binary, or a service that is there already."""
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=provost.default_binary())
    parser.add_argument("--url", help="a SCIM service that is there already")
    parser.add_argument("--token", default="")
    return parser.parse_args()


@contextlib.contextmanager
def service(given, name):
    """URL and token of the SCIM service to drive: the one named, or one of our own."""
    if given.url:
        yield given.url, given.token
        return
    with tempfile.TemporaryDirectory(prefix="provost-suite-") as folder:
        hub = provost.Hub(given.binary, folder)
        hub.init()
        path, token = hub.add_provider(name)
        server, base = hub.serve()
        try:
            yield base + path, token
        finally:
            server.stop()


def http(url, token):
    """Plain HTTP to a SCIM service."""
    return Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
