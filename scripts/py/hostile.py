"""A world in which every text is an attack: people, groups, administrators, reasons, and the answers of applications."""

import http.server
import json
import threading
import urllib.parse
from pathlib import Path

import httpx2

import provost
from process import Running
from scim import ENTERPRISE, GROUP, USER

# What pages are attacked with: as an element, as an attribute, as an address, as the end of a quotation. Each has the word
# that the browser's story looks for.
TEXTS = [
    "hostile <script>hurt('script')</script>",
    "hostile <img src=x onerror=hurt('image')>",
    "hostile \"><svg onload=hurt('svg')>",
    "hostile ' onfocus=hurt('focus') autofocus x='",
    "hostile javascript:hurt('address')",
    "hostile </textarea><iframe srcdoc='<script>parent.hurt(1)</script>'>",
    "hostile </title><base href=//contoso.invalid/>",
    "hostile {{7*7}} ${7*7} <%= 7*7 %> hurt('template')",
    "hostile &lt;b&gt; &#60;script&#62;hurt('entity')&#60;/script&#62;",
    "hostile <a href='javascript:hurt(2)'>x</a><form action=//contoso.invalid><button>x</button></form>",
    "hostile \u202e gnp.exe \u2028 <meta http-equiv=refresh content='0;url=//contoso.invalid/'>",
    "hostile <details open ontoggle=hurt('toggle')><summary>x</summary></details>",
    "hostile <style>@import '//contoso.invalid/x.css';</style><link rel=stylesheet href=//contoso.invalid/>",
    "hostile <math><mtext></form><form><mglyph><style></math><img src onerror=hurt('mutation')>",
    "hostile <template shadowrootmode=open><script>hurt('shadow')</script></template>",
    "hostile `-->\"'><video><source onerror=hurt('video')></video>",
    "=hostile+cmd|' /C calc'!A0",
]
# Names of things whose names are shorter.
NAMES = ["hostile <i>application", "hostile <u>second"]
# What would begin a line of its own in a log, or colour the terminal of whoever reads it.
BREAKS = "hostile\r\n{\"level\":\"ERROR\",\"hostile\":\"planted\"}\n\x1b[31m2000-01-01T00:00:00Z ERROR planted"


class Application(http.server.BaseHTTPRequestHandler):
    """An application that finds nobody."""

    def do_GET(self):
        schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
        self.answer(200, {"schemas": schemas, "totalResults": 0, "Resources": []})

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, status, body, kind="application/scim+json", **headers):
        text = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Refusing(Application):
    """Refuses everything, in every form that a refusal has, with a text that is an attack."""

    turn = 0

    def do_POST(self):
        self.body()
        type(self).turn += 1
        turn = self.turn
        text = TEXTS[turn % len(TEXTS)]
        error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": text}
        forms = [
            lambda: self.answer(400, {**error, "status": "400", "scimType": "invalidValue"}),
            lambda: self.answer(400, {**error, "status": text, "scimType": text}),
            lambda: self.answer(409, {"error": {"code": text, "message": text}}, "application/json"),
            lambda: self.answer(422, f"<!doctype html><title>{text}</title>{text}<script>hurt('page')</script>", "text/html"),
            lambda: self.answer(403, f"{text} {BREAKS}", "text/plain", x_request_id=urllib.parse.quote(text)),
            lambda: self.answer(400, {**error, "status": "400", "detail": f"{text} {BREAKS}"}),
            lambda: self.answer(307, "", location="javascript:hurt('location')//hostile"),
            lambda: self.answer(200, {"id": {"hostile": text}, "schemas": text}),
        ]
        forms[turn % len(forms)]()

    do_PATCH = do_PUT = do_DELETE = do_POST


class Lying(Application):
    """Takes everything, calls it by an id that is an attack, and says afterwards that other things are in it."""

    kept = {}

    def do_POST(self):
        sent = json.loads(self.body())
        key = f"{len(self.kept)} {TEXTS[len(self.kept) % len(TEXTS)]}"
        self.kept[key] = {**sent, "id": key}
        self.answer(201, self.kept[key])

    def do_GET(self):
        key = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path.rsplit("/", 1)[-1])
        if key in self.kept:
            return self.answer(200, changed(self.kept[key]))
        return super().do_GET()

    def do_PATCH(self):
        self.body()
        key = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path.rsplit("/", 1)[-1])
        self.answer(200, changed(self.kept.get(key, {"id": key})))

    do_PUT = do_PATCH


def changed(kept):
    """What the application says that it has: the same with other texts."""
    number = len(kept.get("userName", ""))
    texts = {name: TEXTS[(number + place) % len(TEXTS)] for place, name in enumerate(["displayName", "title", "nickName"])}
    return {**kept, **texts}


def world(binary, folder, stack):
    """Makes it and serves it: the server, and a file with the link that signs in its owner, what else is to be opened,
    and the texts."""
    hub = provost.Hub(binary, folder)
    hub.init()
    configuration = Path(folder) / "provost.toml"
    configuration.write_text(configuration.read_text().replace("[log]\n", '[log]\nformat = "json"\n'))
    path, token = hub.add_provider("hostile provider <b>")
    for name, kind in zip(NAMES, (Refusing, Lying)):
        hub.connect_scim(name, f"http://127.0.0.1:{serve(kind, stack)}/scim", "secret")
    running = Running([binary, "serve", "--data", folder, "--listen", "127.0.0.1:0"], kept=1_000_000)
    stack.callback(running.stop)
    base = running.wait_for(lambda line: line[6:].strip() if line.startswith("ready ") else None, 30)
    with httpx2.Client(base_url=base + path, headers={"authorization": f"Bearer {token}"}, timeout=60) as client:
        for number, text in enumerate(TEXTS):
            member = _create(client, "/Users", _person(number, text))
            group = {"displayName": f"{text} {number}", "externalId": text, "members": [{"value": member}]}
            _create(client, "/Groups", {"schemas": [GROUP], **group})
        # What is refused is an attack too: it stands in the request log.
        for text in [*TEXTS, BREAKS]:
            client.get("/Users", params={"filter": f'userName eq "{text}'})
            client.get(f"/Users/{urllib.parse.quote(text, safe='')}", headers={"user-agent": urllib.parse.quote(text)})
    # The server carries it out by itself; with the first application every step fails with a text of its own.
    provost.until(lambda: hub.log_failures(NAMES[0]), 60)
    told = Path(folder) / "world.json"
    told.write_text(json.dumps({"link": hub.owner_link(base), "texts": TEXTS, "breaks": BREAKS, "lying": NAMES[1]}))
    return running, told


def serve(kind, stack):
    application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    stack.callback(application.shutdown)
    return application.server_port


def log(running, tally):
    """What the server has written: each line is one event of its own, and none has what would break out of it."""
    lines = [line for line in list(running.tail) if not line.startswith("ready ") and "/welcome?key=" not in line]
    events = [line for line in lines if line.startswith("{")]
    tally.check(f"the log has {len(events)} lines", len(events) >= 3, "\n".join(lines[:20]))
    wrong = [line for line in events if not is_event(line)]
    tally.check("each of them is an event with a time, a level and a source", not wrong, "\n".join(wrong[:10]))
    odd = [line for line in lines if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in line)]
    tally.check("none has a control character", not odd, "\n".join(map(repr, odd[:10])))
    planted = [line for line in lines if line.startswith(('{"level":"ERROR","hostile"', "2000-01-01", "hostile"))]
    tally.check("none was written by a text of others", not planted, "\n".join(planted[:10]))


def is_event(line):
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return False
    return all(name in event for name in ("timestamp", "level", "target"))


def _create(client, path, body):
    return client.post(path, json=body).raise_for_status().json()["id"]


def _person(number, text):
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": f"{text} {number}",
        "externalId": text,
        "displayName": text,
        "nickName": text,
        "title": text,
        "userType": text,
        "preferredLanguage": "en",
        "locale": "en-US",
        "timezone": "Europe/Oslo",
        "active": True,
        "name": {
            "givenName": text,
            "familyName": text,
            "middleName": text,
            "formatted": text,
            "honorificPrefix": text,
            "honorificSuffix": text,
        },
        "emails": [{"value": f"p{number}@contoso.example", "type": "work", "display": text, "primary": True}],
        "phoneNumbers": [{"value": text, "type": "mobile", "display": text}],
        "ims": [{"value": text, "type": "xmpp", "display": text}],
        "photos": [{"value": f"https://contoso.invalid/{urllib.parse.quote(text)}", "type": "photo", "display": text}],
        "entitlements": [{"value": text, "display": text, "type": text}],
        "roles": [{"value": text, "display": text, "type": text}],
        "addresses": [
            {
                "type": "work",
                "streetAddress": text,
                "locality": text,
                "region": text,
                "postalCode": text,
                "country": "NO",
                "formatted": text,
            }
        ],
        ENTERPRISE: {"department": text, "division": text, "costCenter": text, "organization": text, "employeeNumber": text},
    }
