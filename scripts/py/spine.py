"""People come in by SCIM and go out to Microsoft 365 and to a SCIM application.

The client is `scim2` and the application `scim2-server`, neither of them ours; Microsoft 365 is the
simulator. After every chapter both targets must hold exactly what the directory holds.

    python scripts/py/spine.py [path of the provost binary]
"""

import contextlib
import json
import secrets
import sys
import tempfile
import time

import provost
from likeness import differences, of_microsoft_365, of_scim, state_of
from scim import ENTERPRISE, GROUP, USER, Client, scim2_server
from tally import run

# A change reaches every target within seconds, not at the next interval.
SECONDS = 30

PEOPLE = [
    ("ada", "Ada", "Berg", "Engineer", "Research"),
    ("bjorn", "Bjørn", "Ås", "Engineer", "Research"),
    ("chloe", "Chloé", "Dupont", "Analyst", "Finance"),
    ("daniel", "Daniel", "O'Neil", "Analyst", "Finance"),
    ("elif", "Elif", "Yılmaz", "Clerk", "Sales"),
    ("fatima", "Fatima", "Haddad", "Clerk", "Sales"),
    ("gustav", "Gustav", "Lindqvist", "Driver", "Logistics"),
    ("haruka", "Haruka", "Tanaka", "Driver", "Logistics"),
]


class World:
    """The hub between its client and its two targets."""

    def __init__(self, tally, binary, stack):
        self.tally = tally
        self.sim_process, self.sim = provost.simulator(binary)
        stack.callback(self.sim_process.stop)
        self.application = stack.enter_context(scim2_server(secrets.token_hex(16)))
        self.before = {thing["id"] for kind in ("users", "groups") for thing in state_of(self.sim)[kind]}

        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="provost-spine-"))
        self.hub = provost.Hub(binary, folder)
        self.hub.init()
        path, token = self.hub.add_provider("Human resources")
        self.hub.connect_microsoft_365("microsoft-365", self.sim)
        self.hub.connect_scim("application", self.application.url, self.application.token)
        self.server, base = self.hub.serve()
        stack.callback(self.server.stop)
        self.client = Client(base + path, token)
        tally.say(f"provost at {base}{path}, Microsoft 365 at {self.sim['url']}, application at {self.application.url}")

    def agree(self, chapter):
        """Both targets hold what the directory holds, soon."""
        started = time.monotonic()
        users, groups = self.client.all("user"), self.client.all("group")
        deadline = time.monotonic() + SECONDS
        apart = {"Microsoft 365": self._in_microsoft_365, "the SCIM application": self._in_application}
        lines = {}
        while apart and time.monotonic() < deadline:
            for name, compare in list(apart.items()):
                lines[name] = compare(users, groups)
                if not lines[name]:
                    took = time.monotonic() - started
                    self.tally.check(f"{chapter}: {name} agrees, {len(users)} people, {len(groups)} groups, {took:.1f} s", True)
                    del apart[name]
            time.sleep(0.2)
        for name in apart:
            self.tally.check(f"{chapter}: {name} agrees within {SECONDS} s", False, "\n".join(lines[name]))
        if apart:
            self.tally.say("last words of provost serve:\n" + self.server.report())

    def _in_microsoft_365(self, users, groups):
        found = of_microsoft_365(state_of(self.sim), self.before)
        return differences(of_scim(users, groups, emails=False), found)

    def _in_application(self, users, groups):
        found = of_scim(self.application.all("Users"), self.application.all("Groups"))
        return differences(of_scim(users, groups), found)


def joiners(world):
    """Half of them by options, half as JSON; two groups with members and one without."""
    ids = {}
    for at, (key, given, family, title, department) in enumerate(PEOPLE):
        address = f"{key}@contoso.example"
        body = {
            "schemas": [USER, ENTERPRISE],
            "userName": address,
            "externalId": f"hr-{at + 1:04}",
            "displayName": f"{given} {family}",
            "name": {"givenName": given, "familyName": family},
            "title": title,
            "active": True,
            "emails": [{"value": address, "type": "work", "primary": True}],
            ENTERPRISE: {"department": department, "employeeNumber": str(1000 + at)},
        }
        ids[key] = world.client.run("create", "user", *(_options(body) if at % 2 else []), body=None if at % 2 else body)["id"]
    groups = {}
    for name, members in [("Research", ["ada", "bjorn"]), ("Finance", ["chloe", "daniel", "ada"]), ("Board", [])]:
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": ids[key]} for key in members]}
        groups[name] = world.client.run("create", "group", body=body)["id"]
    world.agree("joiners")
    return ids, groups


def _options(body):
    return [
        "--user-name", body["userName"],
        "--external-id", body["externalId"],
        "--display-name", body["displayName"],
        "--name", json.dumps(body["name"]),
        "--title", body["title"],
        "--active", "true",
        "--emails", json.dumps(body["emails"]),
        "--enterpriseuser", json.dumps(body[ENTERPRISE]),
    ]  # fmt: skip


def movers(world, ids, groups):
    """Changed by PATCH and by PUT; members come and go."""

    def modify(*words):
        world.client.run("modify", *words)

    modify("user", ids["elif"], "replace", "title", "Head of sales", "replace", f"{ENTERPRISE}:department", "Board office")
    modify("user", ids["fatima"], "remove", "title")
    for key, manager in [("bjorn", "ada"), ("fatima", "elif"), ("chloe", "daniel")]:
        modify("user", ids[key], "add", f"{ENTERPRISE}:manager", f'{{"value": "{ids[manager]}"}}')
    modify("user", ids["gustav"], "replace", 'emails[type eq "work"].value', "gustav.lindqvist@contoso.example")
    body = world.client.run("query", "user", ids["haruka"])
    body["displayName"], body["name"] = "Haruka Mori", {"givenName": "Haruka", "familyName": "Mori"}
    world.client.run("replace", "user", body=body)
    modify("group", groups["Board"], "add", "members", f'[{{"value": "{ids["elif"]}"}}, {{"value": "{ids["haruka"]}"}}]')
    modify("group", groups["Finance"], "remove", f'members[value eq "{ids["ada"]}"]')
    modify("group", groups["Research"], "replace", "displayName", "Research and development")
    world.agree("movers")
    modify("user", ids["chloe"], "remove", f"{ENTERPRISE}:manager")
    modify("user", ids["fatima"], "replace", f"{ENTERPRISE}:manager", f'{{"value": "{ids["ada"]}"}}')
    world.agree("other managers")


def leavers(world, ids, groups):
    """One is stopped, one comes back, one is removed with all memberships; a group goes."""
    client = world.client
    client.run("modify", "user", ids["daniel"], "replace", "active", "false")
    client.run("modify", "user", ids["gustav"], "replace", "active", "false")
    world.agree("stopped")
    client.run("modify", "user", ids["gustav"], "replace", "active", "true")
    client.run("delete", "user", ids["bjorn"])
    client.run("delete", "group", groups["Board"])
    world.agree("leavers")


def afterwards(world):
    """Nothing is left to do, and what was done can be told."""
    for name in ("microsoft-365", "application"):
        plan = world.hub.plan(name)
        world.tally.check(f"a plan for {name} holds no step", provost.planned(plan) == 0, plan)
    told = str(world.hub.explain("ada@contoso.example"))
    for name in ("microsoft-365", "application"):
        world.tally.check(f"explain names {name}", name in told, told)
    verdict = world.hub.verify_audit()
    world.tally.check("the audit log verifies", bool(verdict), verdict)
    world.server.stop()
    status = world.server.process.returncode
    world.tally.check("the server stops with status 0 when asked to", status == 0, f"status {status}\n{world.server.report()}")
    before = state_of(world.sim)["counters"]["writes"]
    for name in ("microsoft-365", "application"):
        world.hub.cycle(name)
    after = state_of(world.sim)["counters"]["writes"]
    world.tally.check("another cycle writes nothing", before == after, f"{after - before} writes")


def story(tally):
    binary = sys.argv[1] if len(sys.argv) > 1 else provost.default_binary()
    with contextlib.ExitStack() as stack:
        world = World(tally, binary, stack)
        ids, groups = joiners(world)
        movers(world, ids, groups)
        leavers(world, ids, groups)
        afterwards(world)


if __name__ == "__main__":
    run("spine", story)
