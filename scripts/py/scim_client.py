"""`scim2-client`, the independent SCIM client: it pushes, pages, searches and bulk-loads.

It validates every answer against the schemas that the service publishes. What it has no method for is
asked by plain HTTP.

    python scripts/py/scim_client.py [path of the provost binary | --url URL --token TOKEN]
"""

from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import BulkRequest, SearchRequest

from scim import ENTERPRISE, GROUP, USER
from service import BULK, ERROR, LIST, SEARCH, arguments, http, service
from tally import run

PEOPLE = 1000
PAGE = 100
BULK_PEOPLE = 300
BULK_GROUPS = 30


class World:
    """The client, and what it knows of the service."""

    def __init__(self, tally, url, token):
        self.tally = tally
        self.http = http(url, token)
        self.scim = SyncSCIMClient(http(url, token))
        self.scim.discover()
        self.User = self.scim.get_resource_model("User")
        self.Group = self.scim.get_resource_model("Group")
        self.ids = set()

    def total(self, endpoint, **query):
        return self.http.get(endpoint, params={"count": "0", **query}).json()["totalResults"]

    def check(self, sentence, holds, detail=""):
        self.tally.check(sentence, holds, detail)


def user(number, **more):
    name = f"person{number:04}@contoso.example"
    return {
        "schemas": [USER],
        "userName": name,
        "externalId": f"e-{number}",
        "displayName": f"Person {number:04}",
        "active": number % 10 != 0,
        "name": {"givenName": "Person", "familyName": f"{number:04}"},
        "emails": [{"value": name, "type": "work", "primary": True}],
        **more,
    }


def push(world):
    """One create for each person."""
    for number in range(PEOPLE):
        world.ids.add(world.scim.create(world.User.model_validate(user(number))).id)
    world.check(f"{len(world.ids)} people are pushed, each with an id", len(world.ids) == PEOPLE)
    world.check("the service counts them", world.total("/Users") == PEOPLE)


def by_index(world):
    """startIndex and count."""
    found = []
    while True:
        page = world.scim.query(world.User, SearchRequest(start_index=len(found) + 1, count=PAGE))
        found += [one.id for one in page.resources or []]
        if not page.resources or len(found) >= page.total_results:
            break
    world.check(f"by index: {len(found)} people in pages of {PAGE}, each once", same(found, world.ids))


def by_cursor(world):
    """RFC 9865, by GET and by .search, plain and filtered and sorted."""
    found = []
    pages = 0
    cursor = ""
    while cursor is not None:
        page = world.scim.query(world.User, SearchRequest(cursor=cursor, count=PAGE))
        found += [one.id for one in page.resources or []]
        cursor = page.next_cursor
        pages += 1
    world.check(f"by cursor: {len(found)} people in {pages} pages, each once", same(found, world.ids))

    query = {"schemas": [SEARCH], "filter": "active eq false", "sortBy": "userName", "sortOrder": "descending"}
    names = [one["userName"] for one in walk(world, "/Users/.search", {**query, "count": 7})]
    wanted = sorted((user(n)["userName"] for n in range(0, PEOPLE, 10)), reverse=True)
    world.check("by cursor, filtered and sorted, through .search", names == wanted, names[:10])

    broken = world.http.get("/Users", params={"cursor": "broken", "count": "7"})
    said = broken.json()
    world.check("a cursor of nobody's is refused", (broken.status_code, said.get("scimType")) == (400, "invalidCursor"), said)


def walk(world, path, query):
    """Everything behind a .search with a cursor."""
    cursor = ""
    while cursor is not None:
        page = world.http.post(path, json={**query, "cursor": cursor}).json()
        yield from page["Resources"]
        cursor = page.get("nextCursor")


def search(world):
    """.search of people and of everything."""
    query = {"schemas": [SEARCH], "filter": 'userName sw "person00"', "attributes": ["userName"], "count": 200}
    answer = world.http.post("/Users/.search", json=query)
    page = answer.json()
    world.check(".search of people is a list", answer.status_code == 200 and LIST in page["schemas"], page)
    world.check(".search finds 100 by the beginning of the name", page["totalResults"] == 100, page["totalResults"])
    keys = set().union(*(one.keys() for one in page["Resources"]))
    world.check(".search sends what was asked for", keys <= {"schemas", "id", "userName", "meta"}, keys)

    found = world.scim.search(SearchRequest(filter='displayName eq "Person 0042"'))
    names = [one.user_name for one in found.resources]
    world.check("the client's search over all types finds one", names == ["person0042@contoso.example"], names)

    plus = world.http.get("/Users", params={"filter": 'emails[type eq "work"].value eq "person0007@contoso.example"'})
    world.check("a filter by value path finds one", plus.json()["totalResults"] == 1, plus.text)


def bulk_load(world):
    """Groups before their members, and each person before its manager: all references point forward."""
    before = world.total("/Users")
    operations = []
    for number in range(BULK_GROUPS):
        members = [{"value": f"bulkId:u{one}"} for one in range(number, BULK_PEOPLE, BULK_GROUPS)]
        data = {"schemas": [GROUP], "displayName": f"Crew {number}", "members": members}
        operations.append({"method": "POST", "path": "/Groups", "bulkId": f"g{number}", "data": data})
    for number in range(BULK_PEOPLE):
        data = user(PEOPLE + number)
        if number:
            data["schemas"] = [USER, ENTERPRISE]
            data[ENTERPRISE] = {"manager": {"value": f"bulkId:u{(number + 1) % BULK_PEOPLE}"}}
        operations.append({"method": "POST", "path": "/Users", "bulkId": f"u{number}", "data": data})
    request = {"schemas": [BULK], "Operations": operations}
    answer = world.http.post("/Bulk", json=request)
    results = answer.json().get("Operations", [])
    statuses = {one.get("status") for one in results}
    world.check(f"{len(results)} results, all created", answer.status_code == 200 and statuses == {"201"}, statuses)
    order = [one.get("bulkId") for one in results]
    world.check("the results are in the order of the request", order == [one["bulkId"] for one in operations])
    world.check("the people are there", world.total("/Users") == before + BULK_PEOPLE)
    world.check("the groups are there", world.total("/Groups") == BULK_GROUPS)

    ids = {one["bulkId"]: one["location"].rsplit("/", 1)[-1] for one in results}
    for number in [0, BULK_GROUPS - 1]:
        group = world.http.get(f"/Groups/{ids[f'g{number}']}").json()
        wanted = {ids[f"u{one}"] for one in range(number, BULK_PEOPLE, BULK_GROUPS)}
        world.check(f"Crew {number} has its {len(wanted)} members", {one["value"] for one in group["members"]} == wanted)
    for number in [1, 150]:
        read = world.http.get(f"/Users/{ids[f'u{number}']}").json()
        manager = read.get(ENTERPRISE, {}).get("manager", {}).get("value")
        world.check(f"person {number} has the next one as manager", manager == ids[f"u{number + 1}"], manager)

    # The client's own bulk, which checks each result against the schemas.
    crew = {"schemas": [GROUP], "displayName": "Typed", "members": [{"value": "bulkId:typed"}]}
    typed = [post("/Users", "typed", user(PEOPLE + BULK_PEOPLE)), post("/Groups", "crew", crew)]
    answer = world.scim.bulk(BulkRequest[world.User | world.Group](operations=typed))
    found = [one.status for one in answer.operations]
    world.check("the client's bulk creates both", found == [201, 201], answer)


def circles(world):
    """References in a circle: two people each other's manager, two groups each other's member."""
    extended = {"schemas": [USER, ENTERPRISE]}
    operations = [
        post("/Users", "a", {**user(5001), **extended, ENTERPRISE: {"manager": {"value": "bulkId:b"}}}),
        post("/Users", "b", {**user(5002), **extended, ENTERPRISE: {"manager": {"value": "bulkId:a"}}}),
        post("/Groups", "x", {"schemas": [GROUP], "displayName": "X", "members": [{"value": "bulkId:y"}]}),
        post("/Groups", "y", {"schemas": [GROUP], "displayName": "Y", "members": [{"value": "bulkId:x"}]}),
    ]
    results = world.http.post("/Bulk", json={"schemas": [BULK], "Operations": operations}).json()["Operations"]
    world.check("a circle is created", [one["status"] for one in results] == ["201"] * 4, results)
    places = {one["bulkId"]: one["location"].rsplit("/", 2)[-2:] for one in results if "location" in one}
    paths = {key: "/".join(["", *place]) for key, place in places.items()}
    ids = {key: place[-1] for key, place in places.items()}
    for one, other in ["ab", "ba"]:
        read = world.http.get(paths[one]).json()
        world.check(f"the manager of {one} is {other}", read[ENTERPRISE]["manager"]["value"] == ids[other], read)
    for one, other in ["xy", "yx"]:
        read = world.http.get(paths[one]).json()
        world.check(f"the member of {one} is {other}", [m["value"] for m in read["members"]] == [ids[other]], read)


def faults(world):
    """What bulk has to refuse, and where it has to stop."""
    unknown = {"method": "DELETE", "path": "/Users/nobody"}
    late = post("/Users", "late", user(6001))
    request = {"schemas": [BULK], "failOnErrors": 1, "Operations": [unknown, late]}
    results = world.http.post("/Bulk", json=request).json()["Operations"]
    world.check("failOnErrors stops at the first error", [one["status"] for one in results] == ["404"], results)
    late_name = user(6001)["userName"]
    world.check("what comes after it is not done", world.total("/Users", filter=f'userName eq "{late_name}"') == 0)

    before = world.total("/Users")
    orphan = post("/Groups", "o", {"schemas": [GROUP], "displayName": "Orphan", "members": [{"value": "bulkId:none"}]})
    twice = post("/Users", "t", user(1))
    request = {"schemas": [BULK], "Operations": [orphan, twice, post("/Users", "ok", user(6002))]}
    results = world.http.post("/Bulk", json=request).json()["Operations"]
    found = [one["status"] for one in results]
    world.check("one failure does not fail the others", found[1:] == ["409", "201"], results)
    world.check("a reference to nothing is refused", found[0] in {"400", "409"}, results)
    errors = [one.get("response", {}) for one in results[:2]]
    world.check("each failure has an error body", all(ERROR in one.get("schemas", []) for one in errors), errors)
    world.check("exactly one person more", world.total("/Users") == before + 1)

    limit = world.http.get("/ServiceProviderConfig").json()["bulk"]["maxOperations"]
    answer = world.http.post("/Bulk", json={"schemas": [BULK], "Operations": [unknown] * (limit + 1)})
    world.check(f"more than {limit} operations are refused", answer.status_code == 413 and str(limit) in answer.text, answer.text)


def post(path, bulk_id, data):
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": data}


def same(found, wanted):
    return len(found) == len(set(found)) and set(found) == wanted


def story(tally):
    with service(arguments(), "Client") as (url, token):
        world = World(tally, url, token)
        for chapter in [push, by_index, by_cursor, search, bulk_load, circles, faults]:
            chapter(world)


if __name__ == "__main__":
    run("scim-client", story)
