"""The console in Debian's Chromium, as its readers have it; see scripts/js/browser/.

- `signin`: the first owner, with a passkey, a password, codes and recovery codes; sessions; somebody who was invited;
- `people`: a person of the directory, from an administrator's link to a passkey and in; what they keep themselves; closed;
- `openid`: people sign in to an application, which is openid-client, a certified relying party that is none of ours;
- `relying_party`: administrators sign in with another system, which is oidc-provider, a certified provider that is none of ours;
- `look`: every page of the demo, and of an installation with nothing in it, in both themes, two widths, both languages,
  with and without script, with an accessibility checker; a picture of each is kept;
- `hostile`: people, groups and answers of targets whose every text is an attack;
- `s0`: Microsoft 365 as a provider: its guide, sections, lock, mode and end;
- `s1`: people move to Provost, and the domain is switched: window, onboarding, its end, cockpit, switch and roll-back;
- `identifiers`: who of the directory belongs to which account of Microsoft 365;
- `s2`: a connection to Microsoft 365 and its rule, from before it is set up to its end;
- `s3`, `s4`: an application of users, and one of users and groups: the vendor's half and its customer's, each with a
  Provost of its own.

    python scripts/py/browser.py [path of the provost binary] [--pictures FOLDER] [--only NAME]
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import contoso
import hostile
import provost
import vendor
from process import Running
from tally import Tally

SCRIPTS = provost.ROOT / "scripts" / "js" / "browser"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=provost.default_binary())
    parser.add_argument("--pictures", type=Path, default=provost.ROOT / "target" / "pictures")
    stories = {
        "signin": signin,
        "people": people,
        "openid": openid,
        "relying_party": relying_party,
        "look": look,
        "hostile": attacks,
        "s0": provider,
        "s1": moving,
        "identifiers": identifiers,
        "s2": microsoft_365,
        "s3": users_only,
        "s4": users_and_groups,
    }
    parser.add_argument("--only", choices=list(stories))
    given = parser.parse_args()
    passed = failed = 0
    for name, story in stories.items():
        if given.only in (None, name):
            with tempfile.TemporaryDirectory(prefix=f"provost-{name}-") as folder, contextlib.ExitStack() as stack:
                counts = story(given, Path(folder), stack)
            passed, failed = passed + counts[0], failed + counts[1]
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not passed else 0)


def signin(given, folder, stack):
    hub = provost.Hub(given.binary, folder)
    hub.init()
    running = Running([given.binary, "serve", "--data", folder, "--listen", "127.0.0.1:0"])
    stack.callback(running.stop)
    return node("signin.mjs", running.wait_for(provost.link, 60), *age(folder))


def people(given, folder, stack):
    hub = provost.Hub(given.binary, folder)
    hub.init()
    running = Running([given.binary, "serve", "--data", folder, "--listen", "127.0.0.1:0"])
    stack.callback(running.stop)
    return node("people.mjs", running.wait_for(provost.link, 60), *age(folder))


def openid(given, folder, stack):
    hub = provost.Hub(given.binary, folder)
    hub.init()
    config = hub.data / "provost.toml"
    # The application is on this machine, and is told there that somebody has signed out.
    config.write_text(config.read_text().replace("# allow_private_network = false", "allow_private_network = true"))
    hub.connect_scim("Wiki", "http://127.0.0.1:9/scim/v2", "none")
    for rule in hub.json("rule", "list", "Wiki"):
        hub.run("rule", "on", "Wiki", rule["name"], "--yes")
    running = Running([given.binary, "serve", "--data", folder, "--listen", "127.0.0.1:0"])
    stack.callback(running.stop)
    return node("openid.mjs", running.wait_for(provost.link, 60), given.binary, "--data", folder)


def relying_party(given, folder, stack):
    hub = provost.Hub(given.binary, folder)
    hub.init()
    config = hub.data / "provost.toml"
    # The provider is on this machine.
    config.write_text(config.read_text().replace("# allow_private_network = false", "allow_private_network = true"))
    running = Running([given.binary, "serve", "--data", folder, "--listen", "127.0.0.1:0"])
    stack.callback(running.stop)
    return node("relying_party.mjs", running.wait_for(provost.link, 60), *age(folder))


def look(given, folder, stack):
    running = Running([given.binary, "demo", "--json", "--data", folder / "demo"])
    stack.callback(running.stop)
    link = running.wait_for(provost.link, 300)
    # With a second workspace there is a choice of them.
    subprocess.run([given.binary, "init", "--workspace", "Contoso Labs", "--data", folder / "demo"], check=True, stdout=subprocess.DEVNULL)
    counts = node("look.mjs", link, given.pictures, *age(folder / "demo"))
    hub = provost.Hub(given.binary, folder / "empty")
    hub.init()
    server, base = hub.serve()
    stack.callback(server.stop)
    more = node("look.mjs", hub.owner_link(base), given.pictures / "empty")
    return counts[0] + more[0], counts[1] + more[1]


def attacks(given, folder, stack):
    running, told = hostile.world(given.binary, folder, stack)
    passed, failed = node("hostile.mjs", told)
    log = Tally("hostile")
    hostile.log(running, log)
    return passed + log.passed, failed + log.failed


def provider(given, folder, stack):
    return node("s0.mjs", contoso.world(given.binary, folder, stack))


def moving(given, folder, stack):
    told, certificate = contoso.public_world(given.binary, folder, stack)
    # What the story asks beside the browser goes through the same door, whose certificate nobody has issued.
    return node("s1.mjs", told, trusts=certificate)


def identifiers(given, folder, stack):
    return node("s1_identifiers.mjs", contoso.world(given.binary, folder, stack))


def microsoft_365(given, folder, stack):
    return node("s2.mjs", contoso.world(given.binary, folder, stack))


def users_only(given, folder, stack):
    return node("s3.mjs", vendor.world(given.binary, folder, stack, entra=True))


def users_and_groups(given, folder, stack):
    return node("s4.mjs", vendor.world(given.binary, folder, stack))


def age(folder):
    """The command that makes every sign-in there old."""
    return sys.executable, Path(__file__).with_name("age.py"), folder


def node(script, *words, trusts=None):
    """Runs a story and shows it; what it counted. Node and the browser would ask a proxy, if they are told to, even for
    what runs on this machine. `trusts`: the path of a certificate that node takes besides the public ones."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
    if trusts:
        environment["NODE_EXTRA_CA_CERTS"] = str(trusts)
    command = ["node", SCRIPTS / script, *(str(word) for word in words)]
    last = ""
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as story:
        for line in story.stdout:
            last = line.split()
            if line.endswith("failed\n") and len(last) == 4:
                continue
            print(line, end="", flush=True)
    counts = (int(last[0]), int(last[2])) if len(last) == 4 and last[3] == "failed" else (0, 1)
    return counts if story.returncode == 0 or counts[1] else (counts[0], 1)


if __name__ == "__main__":
    main()
