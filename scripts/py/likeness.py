"""One form for what three systems hold, so that they can be compared field by field."""

import json
import urllib.request

from scim import ENTERPRISE


def of_scim(users, groups, emails=True):
    """What a SCIM service holds."""
    names = {user["id"]: user["userName"] for user in users}
    return {
        "people": {user["userName"]: _scim_person(user, names, emails) for user in users},
        "groups": {
            group["displayName"]: sorted(
                _named(names, member["value"]) for member in group.get("members") or []
            )
            for group in groups
        },
    }


def _scim_person(user, names, emails):
    name = user.get("name") or {}
    enterprise = user.get(ENTERPRISE) or {}
    person = {
        "displayName": user.get("displayName"),
        "givenName": name.get("givenName"),
        "familyName": name.get("familyName"),
        "title": user.get("title"),
        "department": enterprise.get("department"),
        "manager": _named(names, (enterprise.get("manager") or {}).get("value")),
        "active": user.get("active", True),
    }
    if emails:
        person["emails"] = sorted(email["value"] for email in user.get("emails") or [])
    return person


def _named(names, key):
    """Ids differ between systems; names must not."""
    return key and names.get(key, f"unknown {key}")


def of_microsoft_365(state, ignored=frozenset()):
    """What the simulator holds; `ignored` are ids that were there before us."""
    users = [user for user in state["users"] if user["id"] not in ignored]
    names = {user["id"]: user["userPrincipalName"] for user in state["users"]}
    return {
        "people": {
            user["userPrincipalName"]: {
                "displayName": user.get("displayName"),
                "givenName": user.get("givenName"),
                "familyName": user.get("surname"),
                "title": user.get("jobTitle"),
                "department": user.get("department"),
                "manager": _named(names, user.get("manager")),
                "active": user.get("accountEnabled"),
            }
            for user in users
        },
        "groups": {
            group["displayName"]: sorted(_named(names, member) for member in group["members"])
            for group in state["groups"]
            if group["id"] not in ignored
        },
    }


def state_of(sim):
    """The simulator's own account of itself."""
    with urllib.request.urlopen(f"{sim['url']}/_sim/state", timeout=10) as answer:
        return json.load(answer)


def differences(expected, found):
    """Lines that say what differs; none when both are the same."""
    lines = []
    for kind in ("people", "groups"):
        for name in sorted(expected[kind].keys() | found[kind].keys()):
            want, have = expected[kind].get(name), found[kind].get(name)
            if want is None or have is None:
                lines.append(f"{kind} {name}: {'missing' if have is None else 'not expected'}")
            elif want != have:
                lines.append(f"{kind} {name}: {_changed(want, have)}")
    return lines


def _changed(want, have):
    if isinstance(want, list):
        return f"without {sorted(set(want) - set(have))}, with {sorted(set(have) - set(want))}"
    return ", ".join(f"{key} is {have[key]!r}, not {want[key]!r}" for key in want if want[key] != have[key])
