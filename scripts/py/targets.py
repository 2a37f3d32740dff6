"""The engine drives two applications that are not ours, over both databases.

The applications are `scim2-server` (Python) and SCIMMY (JavaScript), from their registries; people and groups
come in by `scim2`. Each pair lives through an initial cycle, joiners, movers, disabled and restored people,
deletions, and changes made in the application behind Provost's back. After every chapter the application must
hold exactly what the directory holds, and a plan must hold no step.

    python scripts/py/targets.py [path of the provost binary]

SQLite always; PostgreSQL when PROVOST_TEST_POSTGRES names a server and PROVOST_TEST_PSQL its `psql`. With CI set,
both are required.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import provost
import scim
from likeness import differences, of_scim
from scim import ENTERPRISE, GROUP, USER, Client
from tally import run

# A change reaches the application within seconds, not at the next interval.
SECONDS = 60
NAMES = ["ada", "bjorn", "chloe", "daniel", "elif", "fatima", "gustav", "haruka", "ines", "jonas", "katrin", "luis"]
CONNECTION = "application"


class World:
    """A hub over one database, with one application."""

    def __init__(self, tally, binary, name, application, config, stack):
        self.tally, self.name = tally, name
        self.application = stack.enter_context(application(secrets.token_hex(16)))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="provost-targets-"))
        if config:
            Path(folder, "provost.toml").write_text(config)
        self.hub = provost.Hub(binary, folder)
        self.hub.init()
        path, token = self.hub.add_provider("Human resources")
        self.server, base = self.hub.serve()
        stack.callback(self.server.stop)
        self.client = Client(base + path, token)
        self.people, self.groups = {}, {}

    def check(self, sentence, holds, detail=""):
        return self.tally.check(f"{self.name}: {sentence}", holds, detail)

    def agree(self, chapter, ignored=frozenset()):
        """The application holds what the directory holds, soon; `ignored` were made there by hand."""
        started = time.monotonic()
        wanted = of_scim(self.client.all("user"), self.client.all("group"))
        lines = ["never compared"]
        while lines and time.monotonic() - started < SECONDS:
            lines = differences(wanted, self.held(ignored))
            if lines:
                time.sleep(0.2)
        took = time.monotonic() - started
        if not self.check(f"{chapter}: agrees after {took:.1f} s", not lines, "\n".join(lines)):
            self.tally.say("last words of provost serve:\n" + self.server.report())

    def held(self, ignored=frozenset()):
        users = [user for user in self.application.all("Users") if user["userName"] not in ignored]
        return of_scim(users, self.application.all("Groups"))

    def user(self, name):
        """The account of a person, as the application shows it."""
        return next(user for user in self.application.all("Users") if user["userName"] == address(name))

    def reconcile(self):
        """A reconcile; a cycle that the server runs at the same moment is waited for."""
        for _ in range(50):
            try:
                return self.hub.json("cycle", "run", CONNECTION, "--mode", "reconcile")
            except RuntimeError as error:
                if "another process" not in str(error) and "is running" not in str(error):
                    raise
                time.sleep(0.2)
        raise RuntimeError("the connection was never free")


def address(name):
    return f"{name}@contoso.example"


def joins(world, name):
    body = {
        "schemas": [USER, ENTERPRISE],
        "userName": address(name),
        "displayName": name.title(),
        "name": {"givenName": name.title(), "familyName": "Contoso"},
        "title": "Clerk",
        "active": True,
        "emails": [{"value": address(name), "type": "work", "primary": True}],
        ENTERPRISE: {"department": "Sales"},
    }
    world.people[name] = world.client.run("create", "user", body=body)["id"]


def founds(world, name, members):
    members = [{"value": world.people[member]} for member in members]
    body = {"schemas": [GROUP], "displayName": name, "members": members}
    world.groups[name] = world.client.run("create", "group", body=body)["id"]


def modify(world, kind, key, *words):
    world.client.run("modify", kind, key, *words)


def initial(world):
    """Everybody was there before the connection; one account was in the application before, made by hand."""
    for name in NAMES[:8]:
        joins(world, name)
    founds(world, "Research", NAMES[:3])
    founds(world, "Sales", NAMES[3:7])
    founds(world, "Board", [])
    by_hand = {"schemas": [USER], "userName": address("ada"), "displayName": "Made by hand", "active": True}
    world.application.request("POST", "Users", by_hand)
    world.hub.connect_scim(CONNECTION, world.application.url, world.application.token)
    world.agree("initial cycle")
    twins = [user for user in world.application.all("Users") if user["userName"] == address("ada")]
    world.check("an account that was there is adopted, not doubled", len(twins) == 1, twins)


def incremental(world):
    for name in NAMES[8:]:
        joins(world, name)
    modify(world, "user", world.people["elif"], "replace", "title", "Head of sales", "replace", f"{ENTERPRISE}:department", "Board office")
    modify(world, "user", world.people["fatima"], "remove", "title")
    for name, manager in [("bjorn", "ada"), ("fatima", "elif"), ("luis", "katrin")]:
        modify(world, "user", world.people[name], "add", f"{ENTERPRISE}:manager", f'{{"value": "{world.people[manager]}"}}')
    modify(world, "group", world.groups["Board"], "add", "members", f'[{{"value": "{world.people["elif"]}"}}, {{"value": "{world.people["ines"]}"}}]')
    modify(world, "group", world.groups["Sales"], "remove", f'members[value eq "{world.people["daniel"]}"]')
    modify(world, "group", world.groups["Research"], "replace", "displayName", "Research and development")
    world.agree("incremental cycle")


def disabled_and_restored(world):
    account = world.user("gustav")["id"]
    modify(world, "user", world.people["gustav"], "replace", "active", "false")
    world.agree("disable")
    world.check("a disabled account is kept", world.user("gustav")["active"] is False)
    modify(world, "user", world.people["gustav"], "replace", "active", "true")
    world.agree("restore")
    world.check("a restored account is the same one", world.user("gustav")["id"] == account)


def deleted(world):
    world.client.run("delete", "user", world.people.pop("jonas"))
    world.client.run("delete", "group", world.groups.pop("Board"))
    world.agree("delete")


def drift(world):
    """Changes behind our back are found and mended; what was never ours is left alone."""
    application, user = world.application, world.user
    application.patch(f"Users/{user('chloe')['id']}", ("replace", "title", "Changed by hand"))
    application.patch(f"Users/{user('haruka')['id']}", ("replace", "active", False))
    group = next(one for one in application.all("Groups") if one["displayName"] == "Sales")
    application.patch(f"Groups/{group['id']}", ("remove", f'members[value eq "{user("elif")["id"]}"]'))
    application.patch(f"Groups/{group['id']}", ("add", "members", [{"value": user("ada")["id"]}]))
    application.request("DELETE", f"Users/{user('katrin')['id']}")
    stranger = {"schemas": [USER], "userName": address("stranger"), "displayName": "Not ours", "active": True}
    application.request("POST", "Users", stranger)
    report = world.reconcile()
    world.check("a reconcile counts what drifted", report["drift"] >= 3, report)
    # An account that vanished is made again, and its manager and memberships follow.
    world.agree("drift", ignored={address("stranger")})
    left = user("stranger")
    world.check("an account that nobody owns is left alone", left["displayName"] == "Not ours" and left["active"] is True, left)
    unowned = world.hub.json("unowned", CONNECTION)
    world.check("and it is listed", address("stranger") in str(unowned), unowned)
    again = world.reconcile()
    world.check("a second reconcile finds nothing", again["drift"] == 0 and sum(again["applied"].values()) == 0, again)


def afterwards(world):
    plan = world.hub.plan(CONNECTION)
    world.check("a plan holds no step", provost.planned(plan) == 0, plan)
    world.server.stop()
    world.check("the server stops with status 0", world.server.process.returncode == 0, world.server.report())


@contextlib.contextmanager
def no_database():
    yield ""


@contextlib.contextmanager
def postgres_schema():
    """A schema of its own; gives the configuration that names it."""
    url, name = os.environ["PROVOST_TEST_POSTGRES"], f"targets_{secrets.token_hex(8)}"
    psql = lambda sql: subprocess.run([os.environ["PROVOST_TEST_PSQL"], "-q", url, "-c", sql], check=True)
    psql(f"CREATE SCHEMA {name}")
    try:
        yield f'[database]\nurl = "{url}{"&" if "?" in url else "?"}options=-csearch_path%3D{name}"\n'
    finally:
        psql(f"SET client_min_messages = warning; DROP SCHEMA {name} CASCADE")


def databases():
    found = {"SQLite": no_database}
    if "PROVOST_TEST_POSTGRES" in os.environ and "PROVOST_TEST_PSQL" in os.environ:
        found["PostgreSQL"] = postgres_schema
    return found


def story(tally):
    binary = sys.argv[1] if len(sys.argv) > 1 else provost.default_binary()
    found = databases()
    if "CI" in os.environ:
        tally.check("both databases are there", len(found) == 2, list(found))
    for database, configuration in found.items():
        for application in (scim.scim2_server, scim.scimmy):
            with contextlib.ExitStack() as stack:
                config = stack.enter_context(configuration())
                world = World(tally, binary, f"{application.__name__}, {database}", application, config, stack)
                for chapter in (initial, incremental, disabled_and_restored, deleted, drift, afterwards):
                    chapter(world)


if __name__ == "__main__":
    run("targets", story)
