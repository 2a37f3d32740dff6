"""A small Contoso with licences, what changes in it, and what Microsoft 365 has to hold in the end.

Changes are made by SCIM, each by requests that can be sent again: whoever sends them does not know whether the hub
was killed before or after it carried them out.
"""

import copy

from scim import ENTERPRISE, GROUP, PATCH, USER

PRODUCTS = {
    "SPE_E3": "05e9a617-0261-4cee-bb44-138d3ef5d965",
    "SPE_E5": "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
    "SPE_F1": "66b55226-6b4f-492c-910c-a3b7a3c9d993",
    "MCOEV": "e43b5b99-8dfb-405f-9987-dc307f34bcbd",
}
# What each kind of worker gets, without one of its services.
LICENCE = {
    "Employee": ("SPE_E3", "SHAREPOINTWAC", "e95bec33-7c88-4a70-8e19-b10bd9d0c014"),
    "Expert": ("SPE_E5", "THREAT_INTELLIGENCE", "8e0c0a52-6a6c-4d40-8370-dd62790dcd70"),
    "Front": ("SPE_F1", "TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929"),
}
# Fewer than there are people in front; one more becomes free later.
SCARCE, SEATS = "SPE_F1", 4
# The group whose members get a licence, and the product.
PHONES, PHONE = "Phones", "MCOEV"
PEOPLE = 24


def licence_mapping():
    words = ", ".join(f'"{kind}", "{product} -{plan}"' for kind, (product, plan, _) in LICENCE.items())
    return {"target": "assignedLicenses", "expression": f'Switch([userType], "", {words})'}


def name_of(number):
    return f"p{number:02}@contoso.example"


class Estate:
    """The directory as it is meant to be; `client` reaches the hub's SCIM service."""

    def __init__(self):
        self.people, self.groups = {}, {}
        for number in range(1, PEOPLE + 1):
            kind = ("Front", "Employee", "Employee", "Partner")[number % 4]
            self.people[number] = self._person(number, kind, number // 3 or None if number > 1 else None)
        everybody = set(self.people)
        for name, members in [
            ("Everybody", everybody),
            ("Sales", {one for one in everybody if one % 3 == 0}),
            (PHONES, {1, 2, 5, 6, 9}),
            ("Board", {1, 2, 3}),
            ("Project Fjord", {4, 5, 6, 7}),
        ]:
            self.groups[name] = {"name": name, "members": members, "id": None}
        # Disabled on the way: what an account has that was never made, or was, is not told here.
        self.blocked, self.gone = set(), set()

    @staticmethod
    def _person(number, kind, manager):
        return {
            "user": name_of(number), "display": f"Person {number:02}", "kind": kind, "manager": manager,
            "title": "Clerk", "department": "Sales", "id": None,
        }

    def copy(self):
        return copy.deepcopy(self)

    # --- Sent -----------------------------------------------------------------------------------------

    def load(self, client):
        for number in self.people:
            self._join(client, number)
        for group in self.groups.values():
            members = [{"value": self.people[one]["id"]} for one in sorted(group["members"])]
            body = {"schemas": [GROUP], "displayName": group["name"], "members": members}
            group["id"] = client("POST", "/Groups", body)["id"]

    def _join(self, client, number):
        person = self.people[number]
        enterprise = {"department": person["department"], "employeeNumber": str(number)}
        if person["manager"]:
            enterprise["manager"] = {"value": self.people[person["manager"]]["id"]}
        body = {
            "schemas": [USER, ENTERPRISE], "userName": person["user"], "displayName": person["display"],
            "name": {"givenName": "Person", "familyName": f"{number:02}"}, "active": True,
            "userType": person["kind"], "title": person["title"],
            "emails": [{"type": "work", "value": person["user"], "primary": True}],
            "addresses": [{"type": "work", "country": "NO", "locality": "Oslo"}], ENTERPRISE: enterprise,
        }
        person["id"] = client("POST", "/Users", body)["id"]

    def _change(self, client, number, **values):
        """Changes values of a person, here and there."""
        person = self.people[number]
        person.update(values)
        paths = {"user": "userName", "display": "displayName", "kind": "userType", "title": "title"}
        operations = [("replace", paths[key], value) for key, value in values.items() if key in paths]
        if "department" in values:
            operations.append(("replace", f"{ENTERPRISE}:department", values["department"]))
        if "manager" in values:
            boss = {"value": self.people[values["manager"]]["id"]}
            operations.append(("replace", f"{ENTERPRISE}:manager", boss))
        self._patch(client, f"/Users/{person['id']}", *operations)

    @staticmethod
    def _patch(client, path, *operations):
        operations = [dict(zip(("op", "path", "value"), one)) for one in operations]
        client("PATCH", path, {"schemas": [PATCH], "Operations": operations})

    def _enter(self, client, group, number):
        group = self.groups[group]
        group["members"].add(number)
        self._patch(client, f"/Groups/{group['id']}", ("add", "members", [{"value": self.people[number]["id"]}]))

    def _leave(self, client, group, number):
        group = self.groups[group]
        group["members"].discard(number)
        self._patch(client, f"/Groups/{group['id']}", ("remove", f'members[value eq "{self.people[number]["id"]}"]'))

    def _rename(self, client, group, name):
        group = self.groups[group]
        group["name"] = name
        self._patch(client, f"/Groups/{group['id']}", ("replace", "displayName", name))

    def _block(self, client, number):
        self.blocked.add(number)
        self._patch(client, f"/Users/{self.people[number]['id']}", ("replace", "active", False))

    def _end(self, client, number):
        self.gone.add(number)
        for group in self.groups.values():
            group["members"].discard(number)
        client("DELETE", f"/Users/{self.people[number]['id']}")

    def _close(self, client, group):
        client("DELETE", f"/Groups/{self.groups[group]['id']}")
        del self.groups[group]

    def changes(self):
        """What happens on the way, in any order; each does one thing to the directory."""
        joiner = PEOPLE + 1

        def joins(client):
            self.people[joiner] = self._person(joiner, "Employee", 2)
            self._join(client, joiner)
            self._enter(client, "Everybody", joiner)
            self._enter(client, PHONES, joiner)

        def moves(client):
            self._change(client, 6, title="Lead", department="Purchasing", manager=2)
            self._leave(client, "Sales", 6)

        return {
            "joiner": joins,
            "mover": moves,
            "leaver": lambda client: self._block(client, 9),
            "deletion": lambda client: self._end(client, 10),
            "licence swap": lambda client: self._change(client, 5, kind="Expert"),
            "licence given back": lambda client: self._change(client, 13, kind="Partner"),
            "seat made free": lambda client: self._change(client, 20, kind="Partner"),
            "phone given back": lambda client: self._leave(client, PHONES, 2),
            "other name": lambda client: self._change(client, 14, user="p14.new@contoso.example", display="New name"),
            "group renamed": lambda client: self._rename(client, "Sales", "Sales Nordic"),
            "project renamed": lambda client: self._rename(client, "Project Fjord", "Project Geiranger"),
            "group deleted": lambda client: self._close(client, "Board"),
        }

    # --- Wanted ---------------------------------------------------------------------------------------

    def licences(self, number):
        """What a person is to have: the services that are left out, by product id."""
        person, wanted = self.people[number], {}
        if person["kind"] in LICENCE:
            product, _, plan = LICENCE[person["kind"]]
            wanted[PRODUCTS[product]] = [plan]
        if number in self.groups[PHONES]["members"]:
            wanted[PRODUCTS[PHONE]] = []
        return wanted

    def staying(self):
        """Who is to have an account that can be used."""
        return [number for number in self.people if number not in self.blocked | self.gone]

    def differences(self, state):
        """What the tenant holds otherwise than it should, a line for each."""
        users = {user["onPremisesImmutableId"]: user for user in state["users"]}
        who = {user["id"]: user["onPremisesImmutableId"] for user in state["users"]}
        yield from self._of_people(users, who)
        yield from self._of_seats(users)
        yield from self._of_groups(state["groups"], users)
        allowed = {self.people[number]["id"] for number in self.people if number not in self.gone}
        yield from (f"{user['userPrincipalName']} is there" for key, user in users.items() if key not in allowed)
        if len(users) != len(state["users"]):
            yield "two accounts have one immutable id"

    def _of_people(self, users, who):
        for number in self.blocked:
            user = users.get(self.people[number]["id"])
            if user and user["accountEnabled"]:
                yield f"{name_of(number)} is not disabled"
        for number in self.staying():
            person = self.people[number]
            user = users.get(person["id"])
            if not user:
                yield f"{person['user']} is missing"
                continue
            boss = self.people[person["manager"]]["id"] if person["manager"] else None
            pairs = {
                "userPrincipalName": person["user"], "displayName": person["display"], "jobTitle": person["title"],
                "department": person["department"], "accountEnabled": True, "usageLocation": "NO",
            }
            found = {key: user.get(key) for key in pairs} | {"manager": who.get(user.get("manager"))}
            pairs["manager"] = boss
            if person["manager"] in self.blocked | self.gone:
                del pairs["manager"]
            yield from (
                f"{person['user']}: {key} is {found[key]}, not {value}" for key, value in pairs.items() if found[key] != value
            )
            yield from self._of_licences(number, user)

    def _of_licences(self, number, user):
        held = {one["skuId"]: sorted(one["disabledPlans"]) for one in user["assignedLicenses"]}
        wanted = self.licences(number)
        if PRODUCTS[SCARCE] in wanted and PRODUCTS[SCARCE] not in held:
            del wanted[PRODUCTS[SCARCE]]  # whether it is their turn, the seats tell
        if held != wanted:
            yield f"{self.people[number]['user']} has the licences {held}, not {wanted}"

    def _of_seats(self, users):
        holders = [user for user in users.values() if PRODUCTS[SCARCE] in {one["skuId"] for one in user["assignedLicenses"]}]
        wanted = min(SEATS, self.front())
        if len(holders) != wanted:
            yield f"{len(holders)} people have {SCARCE}, not {wanted}"

    def front(self):
        return sum(PRODUCTS[SCARCE] in self.licences(number) for number in self.staying())

    def _of_groups(self, groups, users):
        if sorted(group["displayName"] for group in groups) != sorted(group["name"] for group in self.groups.values()):
            yield f"the groups are {sorted(group['displayName'] for group in groups)}"
            return
        told = {self.people[number]["id"] for number in self.staying()}
        for wanted in self.groups.values():
            group = next(one for one in groups if one["displayName"] == wanted["name"])
            ids = {users[key]["id"]: key for key in users}
            found = {ids.get(member, member) for member in group["members"]} & told
            members = {self.people[number]["id"] for number in wanted["members"]} & told
            if found != members:
                missing, much = self._names(members - found), self._names(found - members)
                yield f"{wanted['name']}: missing {missing}, too many {much}"
            unified = "Unified" in (group.get("groupTypes") or [])
            if unified != wanted["name"].startswith("Project"):
                yield f"{wanted['name']} is a group of the wrong kind"

    def _names(self, ids):
        return sorted(person["user"] for person in self.people.values() if person["id"] in ids)

    def misdeeds(self, history):
        """What was done that nobody asked for, although it may have been mended since."""
        names = {person["id"]: person["user"] for person in self.people.values()}
        name = lambda key: names.get(key, key)
        yield from (f"{name(key)} was created {count} times" for key, count in history.created.items() if count > 1)
        stay = {self.people[number]["id"]: number for number in self.staying()}
        yield from (f"{name(key)} was deleted" for key in history.deleted if key in stay)
        yield from (f"{name(key)} was disabled" for key in history.disabled if key in stay)
        yield from (f"{name(key)} was given {sku} {count} times" for (key, sku), count in history.given.items() if count > 1)
        for (key, sku), count in history.taken.items():
            if key in stay and sku in self.licences(stay[key]):
                yield f"{sku} was taken from {name(key)}, who is to have it"
        for group, member in history.removed:
            kept = next((one for one in self.groups.values() if one["id"] in group), None)
            if kept and member in stay and stay[member] in kept["members"]:
                yield f"{name(member)} was removed from {kept['name']}"
        unwanted = [link for link, count in history.added.items() if count > 1]
        yield from (f"{name(member)} was added to {group} more than once" for group, member in unwanted)
