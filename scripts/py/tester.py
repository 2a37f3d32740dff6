"""`scim2-tester`, the independent compliance checker, against `provost serve`.

It checks what the service says of itself, so everything optional has to be advertised first.

    python scripts/py/tester.py [path of the provost binary | --url URL --token TOKEN]
"""

from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from service import arguments, http, service
from tally import run

# What the specification forbids, or what puts the user at risk. A deviation from a recommendation is shown.
BAD = {Status.ERROR, Status.CRITICAL}

# What a service may leave out (RFC 7643 section 5, RFC 9865 section 4).
OPTIONAL = ["patch", "bulk", "filter", "sort", "etag"]


def story(tally):
    with service(arguments(), "Tester") as (url, token):
        advertised(tally, http(url, token))
        results = check_server(SyncSCIMClient(http(url, token)))
    for result in results:
        sentence = " ".join(filter(None, [result.resource_type, result.title, result.reason]))
        if result.status is Status.SKIPPED:
            tally.say(f"skip  {sentence}")
        else:
            tally.check(f"{result.status.name.lower()}: {sentence}", result.status not in BAD, result.data)
    # Fewer would mean that it could not read what we publish about ourselves.
    tally.check(f"it made its checks on people and groups: {len(results)}", len(results) >= 100)


def advertised(tally, client):
    """Every optional feature, so that none is left out of what the tester looks at."""
    config = client.get("/ServiceProviderConfig").json()
    for feature in OPTIONAL:
        said = config.get(feature, {})
        tally.check(f"{feature} is advertised", said.get("supported") is True, said)
    pagination = config.get("pagination", {})
    for method in ["cursor", "index"]:
        tally.check(f"paging by {method} is advertised", pagination.get(method) is True, pagination)
    bulk = config.get("bulk", {})
    limits = [bulk.get("maxOperations"), bulk.get("maxPayloadSize")]
    tally.check(f"bulk has limits: {limits}", all(isinstance(limit, int) and limit > 0 for limit in limits), bulk)


if __name__ == "__main__":
    run("tester", story)
