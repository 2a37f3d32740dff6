#!/usr/bin/env python3
"""Measures signing in to Microsoft 365 through Provost: what one sign-in costs, how long it takes, how many there are a second.

  bench/signin.py [--provost PATH] [--people 1000] [--signins 20000] [--connections 16] [--rounds 3]

A sign-in is what the browser of somebody with a live session does: a real AuthnRequest with an id of its own comes by
HTTP-Redirect (or a request of WS-Federation), is kept, and is answered 303; the page that it leads to carries a signed
Response in a form. Both are written durably: the request when it comes, the assertion with its audit row before the
answer. Two HTTP requests, two commits and one RSA signature of 2,048 bits are one sign-in.

The people come by SCIM. The provider, its tenant's accounts, the links and the sessions are written into the database
file, because a tenant of that many people, and their devices, are not at hand. Each person signs in from a network of
their own, as the limits count by network and person.

The driver is this script, one process for each connection. It shares the processors with the server: `on 2` is two
divided by the server's processor time for a sign-in, what two processors would do with nothing else to do. Prints a line
a step, and checks at the end that the database holds a line for each assertion that came.
"""

import argparse
import base64
import contextlib
import hashlib
import json
import multiprocessing
import os
import re
import secrets
import shutil
import socket
import sqlite3
import statistics
import tempfile
import time
import urllib.parse
import urllib.request
import uuid
import zlib

from spine import hub, run

DOMAIN = "contoso.example"
APART = 1 << 40  # Keys that the server does not come to.
TICK = os.sysconf("SC_CLK_TCK")


def people(server, count):
    """Makes people by SCIM."""
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/scim+json"}
    for number in range(count):
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"p{number}@{DOMAIN}", "active": True}
        request = urllib.request.Request(server.base + "/Users", data=json.dumps(body).encode(), headers=headers, method="POST")
        urllib.request.urlopen(request).read()


def tenant(data):
    """A provider whose domain is proved, an account for each person that is linked, and a session for each; nobody
    serves meanwhile. Answers the provider's id and the cookies."""
    now = int(time.time() * 1000)
    provider, key, connection = uuid.uuid4(), APART, APART + 1
    with contextlib.closing(sqlite3.connect(os.path.join(data, "provost.db"))) as database:
        found = database.execute("SELECT key, id, workspace FROM object WHERE kind = 0 ORDER BY key").fetchall()
        workspace = found[0][2]
        database.execute(
            "INSERT INTO microsoft_365_provider VALUES (?, ?, ?, 'Office 365', '', 'User: UDI', ?, 'contoso', ?, 'verified',"
            " ?, 'active', ?, 'federation', 0, '', ?, ?, '{}', ?, 'bench', 1)",
            (key, provider.bytes, workspace, DOMAIN, str(uuid.uuid4()), now, now, now, connection, now))
        cookies = []
        for number, (person, public, _) in enumerate(found):
            name, account, immutable = f"p{number}@{DOMAIN}", str(uuid.uuid4()), str(uuid.UUID(bytes=public))
            cookie = secrets.token_urlsafe(32)
            cookies.append(cookie)
            database.execute(
                "INSERT INTO tenant_account (connection, id, name, name_key, label, mail, employee, immutable_id, enabled,"
                " guest, shared, synchronised, protected, seen, state, person, immutable_state, score, why, reason, owner,"
                " exempted, actor) VALUES (?, ?, ?, ?, ?, '', '', ?, 1, 0, 0, 0, 0, ?, 4, ?, 1, 0, '', '', '', 0, '')",
                (connection, account, name, name, name, immutable, now, person))
            database.execute("INSERT INTO tenant_person VALUES (?, ?, ?, 4, ?, 0, '', '', '', 0, '')", (connection, person, name, account))
            for sort, value in [("account", account), ("immutable", immutable)]:
                database.execute("INSERT INTO identifier VALUES (?, ?, ?, ?, ?)", (workspace, sort, value, person, now))
            database.execute(
                "INSERT INTO person_session (hash, key, workspace, person, method, csrf, created, seen, fresh, expires, address,"
                " agent) VALUES (?, ?, ?, ?, 'passkey', ?, ?, ?, ?, ?, '127.0.0.1', 'bench')",
                (hashlib.sha256(cookie.encode()).digest(), APART + 10 + number, workspace, person, secrets.token_urlsafe(32), now, now, now, now + 36_000_000))
        database.commit()
    return str(provider), cookies


class Line:
    """One connection that stays open: HTTP/1.1, as little of it as a measurement needs."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path, headers):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nhost: localhost:{self.port}\r\n{headers}\r\n".encode())
        held = b""
        while b"\r\n\r\n" not in held:
            held += self._more()
        head, body = held.split(b"\r\n\r\n", 1)
        length = int((re.search(rb"(?i)\r\ncontent-length: (\d+)", head) or [0, b"0"])[1])
        while len(body) < length:
            body += self._more()
        return int(head[9:12]), head, body

    def _more(self):
        part = self.socket.recv(65536)
        if not part:
            raise SystemExit("the server closed the connection")
        return part


def request(provider, passive):
    """What Microsoft 365 has a browser ask."""
    if passive:
        return f"/idp/{provider}/wsfed?wa=wsignin1.0&wtrealm=urn%3Afederation%3AMicrosoftOnline&wctx=estsredirect%3D2"
    instant = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    text = (
        f'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_{uuid.uuid4()}" Version="2.0" '
        f'IssueInstant="{instant}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">urn:federation:MicrosoftOnline'
        '</saml:Issuer><samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/></samlp:AuthnRequest>')
    packed = zlib.compress(text.encode(), 6)[2:-4]
    query = urllib.parse.urlencode({"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": "estsredirect=2"})
    return f"/idp/{provider}/saml?{query}"


def sign_in(line, provider, passive, number, cookie):
    """One sign-in of one person: milliseconds of its two requests."""
    browser = f"{number:064d}"
    headers = f"x-forwarded-for: 10.{number >> 8 & 255}.{number & 255}.7\r\ncookie: provost_federation={browser}; provost_me={cookie}\r\n"
    asked = request(provider, passive)
    began = time.perf_counter()
    status, head, body = line.get(asked, headers)
    middle = time.perf_counter()
    if status != 303:
        raise SystemExit(f"asked: {status} {body[:600]}")
    to = re.search(rb"(?i)\r\nlocation: (\S+)", head)[1].decode()
    status, _, body = line.get(to, headers)
    ended = time.perf_counter()
    field = b'name="wresult"' if passive else b'name="SAMLResponse"'
    if status != 200 or field not in body:
        raise SystemExit(f"gone on: {status} {body[:900]}")
    return (middle - began) * 1000, (ended - middle) * 1000


def sender(port, provider, passive, cookies, lane, lanes, count, start, answers):
    """One connection's share of the sign-ins."""
    line, took = Line(port), []
    start.wait()
    mine = range(lane, len(cookies), lanes)
    for number in range(count):
        person = mine[number % len(mine)]
        took.append(sign_in(line, provider, passive, person, cookies[person]))
    used = sum(os.times()[:2])
    answers.put((took, used))


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def step(label, server, provider, passive, cookies, lanes, count):
    """Signs in `count` times over `lanes` connections at a time, and says what was measured."""
    port = urllib.parse.urlsplit(server.base).port
    start, answers = multiprocessing.Barrier(lanes + 1), multiprocessing.Queue()
    share = max(1, count // lanes)
    made = [multiprocessing.Process(target=sender, args=(port, provider, passive, cookies, lane, lanes, share, start, answers)) for lane in range(lanes)]
    for process in made:
        process.start()
    start.wait()
    before, began = cpu(server.process.pid), time.perf_counter()
    found = [answers.get(timeout=600) for _ in made]
    seconds, used = time.perf_counter() - began, cpu(server.process.pid) - before
    for process in made:
        process.join()
    took = [sum(one) for answer in found for one in answer[0]]
    parts = [statistics.median(one[part] for answer in found for one in answer[0]) for part in (0, 1)]
    took.sort()
    each, driver = used / len(took), sum(answer[1] for answer in found) / len(took)
    print(f"{label:14} {lanes:3} connections {len(took):6} sign-ins {len(took) / seconds:7.0f}/s  median {took[len(took) // 2]:6.2f} ms"
          f" (asked {parts[0]:5.2f}, answered {parts[1]:5.2f})  p99 {took[int(len(took) * 0.99)]:7.2f} ms"
          f"  cpu {each * 1e6:5.0f} us (driver {driver * 1e6:4.0f})  on 2: {2 / each:5.0f}/s", flush=True)
    return len(took), each


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provost", default="target/release/provost")
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--signins", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="provost-bench-")
    data = os.path.join(folder, "data")
    os.makedirs(data)
    with open(os.path.join(data, "provost.toml"), "w") as config:
        # The driver speaks for a proxy: it says from which network a person comes.
        config.write('[server]\ntrusted_proxies = ["127.0.0.0/8"]\n')
    run(options.provost, "init", "--data", data)
    server = hub(options, data)
    people(server, options.people)
    server.stop()
    provider, cookies = tenant(data)
    server, total, costs = hub(options, data), 0, {}
    for number in range(options.rounds):
        for label, passive in [("SAML", False), ("WS-Federation", True)]:
            for lanes, count in [(1, min(1_000, options.signins)), (options.connections, options.signins)]:
                done, each = step(f"{label} {number + 1}", server, provider, passive, cookies, lanes, count)
                total += done
                costs.setdefault((label, lanes), []).append(each * 1e6)
    server.stop()
    for (label, lanes), values in costs.items():
        print(f"{label:14} {lanes:3} connections: {statistics.median(values):.0f} us of the server ({min(values):.0f}-{max(values):.0f})")
    with contextlib.closing(sqlite3.connect(os.path.join(data, "provost.db"))) as database:
        kept = database.execute("SELECT count(*) FROM federated_signin WHERE outcome = 'issued'").fetchone()[0]
    print(f"{total} assertions came, {kept} are written down")
    shutil.rmtree(folder)
    if kept != total:
        raise SystemExit("an assertion came that is not written down")


if __name__ == "__main__":
    main()
