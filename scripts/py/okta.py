"""What Okta asks of a SCIM service: its test collection, line by line, and then what it sends in daily use.

The first chapter is the collection that Okta runs before it takes an application in: 12 requests with 52
assertions. The others are the requests of its provisioning, its import and its group push.

    python scripts/py/okta.py [path of the provost binary | --url URL --token TOKEN]
"""

import uuid

from scim import ENTERPRISE, GROUP, USER
from service import ERROR, LIST, PATCH, arguments, http, service
from tally import run

QUICK = 0.6
JSON = {"Content-Type": "application/json", "User-Agent": "Okta SCIM Client 1.0.0"}


class Okta:
    """Requests as Okta sends them, and the expectations about their answers."""

    def __init__(self, tally, client):
        self.tally = tally
        self.client = client
        self.title = ""

    def send(self, title, method, path, body=None, **more):
        self.title = title
        headers = {**JSON, **more.pop("headers", {})}
        answer = self.client.request(method, path, json=body, headers=headers, **more)
        self.status = answer.status_code
        self.seconds = answer.elapsed.total_seconds()
        self.body = answer.json() if answer.content else None
        return self.body

    def expect(self, sentence, holds):
        self.tally.check(f"{self.title}: {sentence}", holds, f"status {self.status}: {self.body}")

    def expect_status(self, *statuses):
        self.expect(f"status {' or '.join(map(str, statuses))}", self.status in statuses)

    def expect_list(self):
        self.expect("schemas has ListResponse", LIST in self.body.get("schemas", []))

    def expect_error(self, status):
        self.expect("detail is not empty", bool(self.body.get("detail")))
        self.expect(f'status is "{status}"', self.body.get("status") == str(status))
        self.expect("schemas has Error", ERROR in self.body.get("schemas", []))

    def expect_person(self, person):
        name = person.get("name", {})
        for sentence, value in [
            ("id", person.get("id")),
            ("name.familyName", name.get("familyName")),
            ("name.givenName", name.get("givenName")),
            ("userName", person.get("userName")),
            ("emails[0].value", (person.get("emails") or [{}])[0].get("value")),
        ]:
            self.expect(f"{sentence} is not empty", isinstance(value, str) and value != "")
        self.expect("active is a boolean", isinstance(person.get("active"), bool))


def person(number, **more):
    """The body of a create, with what Okta always sends along."""
    address = f"okta{number}.{uuid.uuid4().hex[:8]}@contoso.example"
    return {
        "schemas": [USER],
        "userName": address,
        "name": {"givenName": "Lotte", "familyName": "Maes"},
        "emails": [{"primary": True, "value": address, "type": "work"}],
        "displayName": "Lotte Maes",
        "locale": "en-US",
        "externalId": uuid.uuid4().hex,
        "groups": [],
        "password": f"Pw-{uuid.uuid4().hex}",
        "active": True,
        **more,
    }


def by_name(name):
    return {"filter": f'userName eq "{name}"', "startIndex": "1", "count": "100"}


def collection(okta):
    """The test collection: 12 requests, 52 assertions."""
    # It needs a person who is there already.
    okta.client.post("/Users", json=person(0), headers=JSON)

    okta.send("1 users", "GET", "/Users", params={"count": "1", "startIndex": "1"})
    okta.expect_status(200)
    okta.expect("Resources is not empty", bool(okta.body.get("Resources")))
    okta.expect_list()
    for count in ["itemsPerPage", "startIndex", "totalResults"]:
        okta.expect(f"{count} is a number", type(okta.body.get(count)) is int)
    first = okta.body["Resources"][0]
    okta.expect_person(first)

    okta.send("2 the first user", "GET", f"/Users/{first['id']}")
    okta.expect_status(200)
    okta.expect_person(okta.body)

    nobody = f"{uuid.uuid4().hex}@contoso.example"
    okta.send("3 a name that nobody has", "GET", "/Users", params=by_name(nobody))
    okta.expect_status(200)
    okta.expect("totalResults is 0", okta.body.get("totalResults") == 0)
    okta.expect_list()

    okta.send("4 an id that nobody has", "GET", "/Users/00000000-0000-0000-0000-000000000000")
    okta.expect_status(404)
    okta.expect("detail is not empty", bool(okta.body.get("detail")))
    okta.expect("schemas has Error", ERROR in okta.body.get("schemas", []))

    new = person(1)
    okta.send("5 the user to come is not there", "GET", "/Users", params=by_name(new["userName"]))
    okta.expect_status(200)
    okta.expect("totalResults is 0", okta.body.get("totalResults") == 0)
    okta.expect_list()

    made = okta.send("6 create", "POST", "/Users", new)
    okta.expect_status(201)
    okta.expect("active is true", made.get("active") is True)
    okta.expect("id is not empty", bool(made.get("id")))
    okta.expect("familyName is as sent", made["name"].get("familyName") == "Maes")
    okta.expect("givenName is as sent", made["name"].get("givenName") == "Lotte")
    okta.expect("schemas has User", USER in made.get("schemas", []))
    okta.expect("userName is as sent", made.get("userName") == new["userName"])

    okta.send("7 read what was created", "GET", f"/Users/{made['id']}")
    okta.expect_status(200)
    okta.expect("userName is as sent", okta.body.get("userName") == new["userName"])
    okta.expect("familyName is as sent", okta.body["name"].get("familyName") == "Maes")
    okta.expect("givenName is as sent", okta.body["name"].get("givenName") == "Lotte")

    okta.send("8 create the same again", "POST", "/Users", new)
    okta.expect_status(409)

    okta.send("9 the name in capitals", "GET", "/Users", params=by_name(new["userName"].upper()))
    okta.expect_status(200)
    okta.expect("totalResults is 1", okta.body.get("totalResults") == 1)

    okta.send("10 groups", "GET", "/Groups")
    okta.expect_status(200)
    okta.expect(f"within {QUICK} s", okta.seconds < QUICK)

    okta.send("11 a wrong token", "GET", "/Users", headers={"Authorization": "Bearer guess"})
    okta.expect_status(401)
    okta.expect_error(401)

    okta.send("12 an id of another form", "GET", "/Users/00919288221112222")
    okta.expect_status(404)
    okta.expect_error(404)


def people(okta):
    """A person's life: PUT for applications of the wizard, PATCH for those of the catalogue."""
    made = okta.send("create", "POST", "/Users", person(2))
    okta.expect("the password is not shown", "password" not in made)
    path = f"/Users/{made['id']}"

    read = okta.send("update by PUT", "GET", path)
    read["name"]["familyName"] = "Claes"
    read[ENTERPRISE] = {"department": "Field"}
    read["schemas"] = [USER, ENTERPRISE]
    okta.send("update by PUT", "PUT", path, read)
    okta.expect_status(200)
    okta.expect("the name is changed", okta.body["name"]["familyName"] == "Claes")
    okta.expect("the rest is as it was", okta.body["emails"] == made["emails"])
    okta.expect("the id is the same", okta.body["id"] == made["id"])

    for active in [False, True]:
        word = "activate" if active else "deactivate"
        body = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": active}}]}
        okta.send(f"{word} by PATCH", "PATCH", path, body)
        okta.expect_status(200, 204)
        read = okta.send(f"{word} by PATCH", "GET", path)
        okta.expect(f"active is {active}", read["active"] is active)
        okta.send(f"{word} by PUT", "PUT", path, {**read, "active": not active})
        okta.expect_status(200)
        okta.expect(f"active is {not active}", okta.body["active"] is (not active))

    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"password": f"Pw-{uuid.uuid4().hex}"}}]}
    okta.send("change the password", "PATCH", path, body)
    okta.expect_status(200, 204)

    found = okta.send("the existence check", "GET", "/Users", params=by_name(made["userName"]))
    okta.expect("finds exactly the person", [one["id"] for one in found["Resources"]] == [made["id"]])


def imports(okta):
    """Pages of 100 by startIndex until totalResults, in one order."""
    for number in range(250):
        okta.send("import", "POST", "/Users", person(number))
    okta.expect_status(201)
    ids = []
    while True:
        params = {"startIndex": str(len(ids) + 1), "count": "100"}
        page = okta.send("import", "GET", "/Users", params=params)
        ids += [one["id"] for one in page["Resources"]]
        if not page["Resources"] or len(ids) >= page["totalResults"]:
            break
    okta.expect(f"{len(ids)} people, each once", len(ids) == len(set(ids)) == page["totalResults"])
    again = okta.send("import", "GET", "/Users", params={"startIndex": "101", "count": "100"})
    okta.expect("the same order the second time", [one["id"] for one in again["Resources"]] == ids[100:200])


def groups(okta):
    """Group push: create empty, fill, rename with every change, write whole, delete."""
    ids = [okta.send("members", "POST", "/Users", person(number))["id"] for number in range(4)]
    name = f"Crew {uuid.uuid4().hex[:8]}"
    made = okta.send("push", "POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": []})
    okta.expect_status(201)
    path = f"/Groups/{made['id']}"

    def members():
        return sorted(one["value"] for one in okta.send(okta.title, "GET", path).get("members", []))

    params = {"filter": f'displayName eq "{name}"', "startIndex": "1", "count": "100"}
    found = okta.send("find the group", "GET", "/Groups", params=params)
    okta.expect("exactly it", [one["id"] for one in found["Resources"]] == [made["id"]])

    def change(title, *operations):
        okta.send(title, "PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})
        okta.expect_status(200, 204)

    named = {"op": "replace", "value": {"id": made["id"], "displayName": f"{name} 2"}}
    everybody = [{"value": one, "display": "Lotte Maes"} for one in ids[:3]]
    change("push all members", {"op": "replace", "path": "members", "value": everybody})
    okta.expect("exactly these", members() == sorted(ids[:3]))
    change("rename with the id", named)
    okta.expect("the members are still there", members() == sorted(ids[:3]))
    change(
        "remove and add",
        {"op": "remove", "path": f'members[value eq "{ids[0]}"]'},
        {"op": "add", "path": "members", "value": [{"value": ids[3], "display": "Lotte Maes"}]},
    )
    okta.expect("one gone, one new, two as before", members() == sorted(ids[1:]))
    body = {"schemas": [GROUP], "id": made["id"], "displayName": name, "members": everybody[:1]}
    okta.send("write the whole group", "PUT", path, body)
    okta.expect_status(200)
    okta.expect("exactly its members", members() == ids[:1])
    okta.send("unlink", "DELETE", path)
    okta.expect_status(204)
    okta.send("unlink", "GET", path)
    okta.expect_status(404)


def story(tally):
    with service(arguments(), "Okta") as (url, token):
        okta = Okta(tally, http(url, token))
        for chapter in [collection, people, imports, groups]:
            before = tally.passed + tally.failed
            chapter(okta)
            if chapter is collection:
                made = tally.passed + tally.failed - before
                tally.check(f"the collection made its 52 assertions: {made}", made == 52)


if __name__ == "__main__":
    run("okta", story)
