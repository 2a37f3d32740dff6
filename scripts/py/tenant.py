"""A simulated Microsoft 365 in a process of its own: what is ordered to go wrong there, what it holds, what was done."""

import collections
import contextlib
import json
from pathlib import Path

import provost
import service

# Shares of a hundred: what is lost of a request that comes alone, of a whole batch, of an entry that arrives in one.
# An entry is lost with its batch or by itself, which makes thirty in a hundred of all writes.
ALONE, BATCH, ENTRY, READ, SIGN_IN = 30, 12, 20, 10, 5
BEFORE, AFTER = {"do": "drop"}, {"do": "drop", "after": True}
# An entry has no connection to lose: another server says that the answer did not come in time.
SILENT, SILENT_AFTER = ({"do": "answer", "error": "gateway_timeout", "after": after} for after in (False, True))
FAILED, FAILED_AFTER = ({"do": "answer", "error": "internal_error", "after": after} for after in (False, True))
CUT = {"do": "cut", "bytes": 60}
WRITES = ("POST", "PATCH", "PUT", "DELETE")


def _faults():
    """Half of what is lost was carried out."""
    yield "POST /token", SIGN_IN, [{"do": "status", "status": 503}]
    yield "POST /$batch", BATCH, [BEFORE, AFTER, BEFORE, CUT, {"do": "missing_entry", "count": 2}, SILENT]
    for method in WRITES:
        yield f"{method} /**", ALONE, [BEFORE, BEFORE, AFTER, CUT]
    for method in WRITES:
        yield f"{method} /**", ENTRY, [SILENT, SILENT_AFTER, FAILED, FAILED_AFTER]
    yield "GET /**", READ, [BEFORE, AFTER, SILENT, {"do": "cut", "bytes": 300}]


class Tenant:
    """The process, its journal and its control interface."""

    def __init__(self, binary, port, journal, seed, delay):
        self.journal = Path(journal)
        self.running, self.facts = provost.simulator(binary, "--journal", self.journal, "--control", port=port)
        self.http = service.http(self.facts["url"], "none")
        self._control("PATCH", "settings", {"seed": seed, **delay})

    def loses_answers(self):
        for operation, percent, effects in _faults():
            effect = {"do": "one_of", "of": effects}
            self._control("POST", "faults", {"operation": operation, "when": {"percent": percent}, "effect": effect})

    def behaves(self):
        self._control("DELETE", "faults")

    def seats(self, product, number):
        self._control("PATCH", "settings", {"seats": {product: number}})

    def struck(self):
        """How many requests and entries met a rule of the faults, and how many of them were struck."""
        faults = self._control("GET", "faults")["faults"]
        return sum(one["met"] for one in faults), sum(one["struck"] for one in faults)

    def state(self):
        return self.http.get("/_sim/state").raise_for_status().json()

    def size(self):
        """Bytes of the journal: they grow with each change."""
        return self.journal.stat().st_size

    def changes(self):
        """Every change that was ever made, in order. One line is what one request did."""
        for line in self.journal.read_text().splitlines()[1:]:
            yield from json.loads(line)

    def _control(self, method, path, body=None):
        return self.http.request(method, f"/_sim/control/{path}", json=body).raise_for_status().json()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.http.close()
        self.running.stop()


class History:
    """What happened to each user and group, by the journal, so that nothing that was mended later is overlooked."""

    def __init__(self, changes):
        self.key = {}  # what each object was made for, by its number
        self.created = collections.Counter()
        self.deleted, self.disabled = set(), set()
        self.given, self.taken = collections.Counter(), collections.Counter()
        self.added, self.removed = collections.Counter(), collections.Counter()
        self._holds = collections.defaultdict(set)
        for change in changes:
            getattr(self, f"_{change['do']}", lambda _: None)(change)

    def _create(self, change):
        properties = change["properties"]
        key = properties.get("onPremisesImmutableId") or properties.get("uniqueName") or properties["displayName"]
        self.key[change["serial"]] = key
        self.created[key] += 1

    def _update(self, change):
        if change["properties"].get("accountEnabled") is False:
            self.disabled.add(self.key[change["serial"]])

    def _delete(self, change):
        self.deleted.add(self.key[change["serial"]])

    def _licenses(self, change):
        who, held = self.key[change["user"]], {one["sku_id"] for one in change["licenses"]}
        self.given.update((who, sku) for sku in held - self._holds[who])
        self.taken.update((who, sku) for sku in self._holds[who] - held)
        self._holds[who] = held

    def _member(self, change):
        link = self.key[change["group"]], self.key[change["member"]]
        (self.added if change["add"] else self.removed).update([link])
