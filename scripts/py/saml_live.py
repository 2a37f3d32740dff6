"""The real program as the identity provider of Microsoft 365, judged by programs that are none of ours.

A hub and a simulated Microsoft 365, each in a process of its own; somebody of the directory who signs in with a passkey.
python3-saml, pysaml2 and node-saml are configured with the metadata that the hub publishes, ask it as a relying party does,
and judge its answers; Microsoft 365 asks as Microsoft does, by SAML and by WS-Federation; xmlsec1 and Microsoft's own client
library look at what comes. Each of them has to refuse what was changed, is for somebody else, is over or was asked by nobody.

    python scripts/py/saml_live.py [path of the provost binary]
"""

import base64
import contextlib
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from html.parser import HTMLParser
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

from lxml import etree
from msal import wstrust_response
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID

import provost
import service
from passkey import Visitor
from process import Running, free_port
from tally import run

ORIGIN = "https://hub.contoso.example"
MICROSOFT = "urn:federation:MicrosoftOnline"
NAME = "Microsoft-365"
PROVIDER = f"/microsoft-365-providers/{NAME}"
# Characters that have to be escaped on the way.
RELAY = "estsredirect=2&a=\"<b>'+ü"
HOUR = 3600

RESPONSE = "urn:oasis:names:tc:SAML:2.0:protocol:Response"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"
TOKEN = "urn:oasis:names:tc:SAML:1.0:assertion:Assertion"
ENTITY = "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor"
SAML2 = "{urn:oasis:names:tc:SAML:2.0:assertion}"
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
BY_HAND = {"client_id": "00000000-0000-4000-8000-00000000c0de", "client_secret": "by-hand~secret"}
ROLES = ["User.ReadWrite.All", "Domain.ReadWrite.All", "Domain-InternalFederation.ReadWrite.All"]


class Form(HTMLParser):
    """The form of a page that carries an answer: where it goes, and its hidden fields."""

    def __init__(self, page):
        super().__init__()
        self.to, self.fields = "", {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form":
            self.to = found.get("action", "")
        if tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"]] = found.get("value", "")


class World:
    """The hub with its provider, the tenant, and Ada, who has a passkey."""

    def __init__(self, tally, binary, folder, stack):
        self.tally, self.folder = tally, folder
        self.check = tally.check
        self.hub = provost.Hub(binary, folder / "hub")
        self.hub.init()
        config = self.hub.data / "provost.toml"
        config.write_text(config.read_text().replace('# public_url = "https://provost.', 'public_url = "https://hub.'))
        path, scim = self.hub.add_provider("Entra")
        token = self.hub.json("api-token", "add", "acceptance", "--scope", "configure")["token"]
        tenant, self.tenant = provost.simulator(binary, "--control")
        stack.callback(tenant.stop)
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        running = Running([binary, "serve", "--data", self.hub.data, "--listen", f"127.0.0.1:{port}"])
        stack.callback(running.stop)
        running.wait_for(lambda line: line if line.startswith("ready ") else None, 60)
        self.http = service.http(f"{self.base}/api/v1", token)
        self.directory = service.http(self.base + path, scim)
        self.cloud = service.http(self.tenant["url"], "none")
        self.reply = f"{self.tenant['url']}/login.srf"
        self.federation = None
        self._set_up()

    def call(self, method, path, body=None):
        answer = self.http.request(method, path, json=body)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def graph(self, path, body, method="POST"):
        """What an administrator of the tenant does there by hand."""
        asked = {**BY_HAND, "grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        token = self.cloud.post(f"/{self.tenant['tenant']}/oauth2/v2.0/token", data=asked).raise_for_status().json()
        headers = {"authorization": f"Bearer {token['access_token']}"}
        answer = self.cloud.request(method, f"/v1.0{path}", json=body, headers=headers)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.text}")
        return answer.json() if answer.content else None

    def _set_up(self):
        applications = [{**BY_HAND, "display_name": "By hand", "roles": ROLES}]
        self.cloud.patch("/_sim/control/settings", json={"applications": applications}).raise_for_status()
        self.call("PUT", "/guides/move-microsoft-365/notes/register", {"note": "Registered"})
        settings = {key: self.tenant[key] for key in ("login_url", "graph_url")}
        entered = {"name": NAME, "domain": "contoso.example", "tenant_name": "contoso"}
        self.call("POST", "/microsoft-365-providers", {**entered, "settings": {**settings, "allow_private_network": True}})
        keys = ("client_id", "tenant", "client_secret")
        self.call("PUT", f"{PROVIDER}/provisioning", {key: self.tenant[key] for key in keys})
        self.call("PUT", f"{PROVIDER}/authentication", {})
        self.values = self.call("GET", PROVIDER)["values"]
        person = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@contoso.example"}
        made = self.directory.post("/Users", json={**person, "displayName": "Ada", "active": True}).raise_for_status()
        self.ada = made.json()["id"]
        account = {
            "userPrincipalName": "ada@contoso.example",
            "displayName": "Ada",
            "mailNickname": "ada",
            "accountEnabled": True,
            "onPremisesImmutableId": self.ada,
            "passwordProfile": {"password": "Quiet-Lantern-8241"},
        }
        account = self.graph("/users", account)["id"]
        self.call("POST", f"{PROVIDER}/identifiers/read", {})
        self.call("POST", f"{PROVIDER}/identifiers/link", {"person": self.ada, "account": account})
        self.visitor = Visitor(self.base, ORIGIN)
        link = self.call("POST", f"/people/{self.ada}/sign-in/links", {})["link"]
        self.visitor.enrol(link)

    # --- A browser's way -----------------------------------------------------------------------------

    def send(self, url, fields=None):
        """Takes a request to the hub as a browser of another site does, and goes on to the page with the answer."""
        headers = {"origin": "https://login.microsoftonline.com"} if fields else None
        method = "POST" if fields else "GET"
        answer = self.visitor.send(method, url, headers, foreign=bool(fields), **({"data": fields} if fields else {}))
        if answer.status_code != 303:
            raise RuntimeError(f"{method} {url}: {answer.status_code} {answer.text}")
        page = self.visitor.get(answer.headers["location"])
        if page.status_code == 303:
            back = parse_qs(urlsplit(page.headers["location"]).query)["return"][0]
            page = self.visitor.get(self.visitor.sign_in(back))
        form = Form(page.text)
        if page.status_code != 200 or not form.fields:
            raise RuntimeError(f"{url}: {page.status_code} {page.text}")
        return form

    def metadata(self):
        return self.visitor.get(self.values["metadata"]).raise_for_status().text


def certificates(metadata):
    """The certificates of a metadata document, in their order."""
    root = etree.fromstring(metadata.encode())
    found = root.iterfind(f".//{{urn:oasis:names:tc:SAML:2.0:metadata}}IDPSSODescriptor//{DSIG}X509Certificate")
    return ["".join(one.text.split()) for one in found]


def pem(certificate):
    lines = [certificate[at : at + 64] for at in range(0, len(certificate), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def text_of(response):
    return base64.b64decode(response).decode()


def changed(response, old, new):
    text = text_of(response)
    if old not in text:
        raise RuntimeError(f"{old} is not in {text}")
    return base64.b64encode(text.replace(old, new).encode()).decode()


# --- The judges ------------------------------------------------------------------------------------------


class XmlSec:
    """The command of the XML Security Library, on libxml2 and OpenSSL: it judges signatures, and nothing else."""

    def __init__(self, folder, certificate):
        self.folder = folder
        self.certificate = folder / "trusted.pem"
        self.certificate.write_text(pem(certificate))

    def verifies(self, text, attribute, element):
        path = self.folder / "document.xml"
        path.write_text(text)
        words = ["--verify", "--pubkey-cert-pem", self.certificate, f"--id-attr:{attribute}", element, path]
        done = subprocess.run(["xmlsec1", *map(str, words)], capture_output=True, text=True, timeout=60)
        return done.returncode == 0


class Party:
    """A relying party: `ask` gives an address and the fields of a form, or none; `take` gives who was signed in, or raises."""

    def __init__(self, world, metadata):
        self.world, self.metadata = world, metadata

    def ask(self, way):
        raise NotImplementedError

    def take(self, response, audience=None, ahead=0, other=False):
        raise NotImplementedError


class Python3Saml(Party):
    name = "python3-saml"

    def settings(self, audience=None):
        parsed = OneLogin_Saml2_IdPMetadataParser.parse(self.metadata)["idp"]
        # The address in the metadata is https; the simulated Microsoft 365 is on this machine.
        service_provider = {
            "entityId": audience or MICROSOFT,
            "assertionConsumerService": {"url": self.world.reply},
            "singleLogoutService": {"url": self.world.reply},
            "NameIDFormat": NAMEID_FORMAT_PERSISTENT,
        }
        security = {
            "wantAssertionsSigned": True,
            "wantMessagesSigned": False,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
        }
        return {"strict": True, "sp": service_provider, "idp": parsed, "security": security}

    def asked(self, query=None):
        to = urlsplit(self.world.reply)
        return {
            "https": "off",
            "http_host": to.netloc,
            "script_name": to.path,
            "get_data": dict(parse_qsl(query or "")),
            "post_data": {},
            "query_string": query or "",
        }

    def ask(self, way, **more):
        auth = OneLogin_Saml2_Auth(self.asked(), self.settings())
        url = auth.login(return_to=RELAY, **more)
        self.request = auth.get_last_request_id()
        if way == "redirect":
            return url, None
        # It sends by redirect only: the same message as a form.
        message = base64.b64encode(auth.get_last_request_xml().encode()).decode()
        return self.world.values["sign_in"], {"SAMLRequest": message, "RelayState": RELAY}

    def take(self, response, audience=None, ahead=0, other=False):
        judge = OneLogin_Saml2_Response(OneLogin_Saml2_Settings(self.settings(audience)), response)
        later = OneLogin_Saml2_Utils.now() + ahead
        with mock.patch.object(OneLogin_Saml2_Utils, "now", staticmethod(lambda: later)):
            judge.is_valid(self.asked(), "_other" if other else self.request, raise_exceptions=True)
        self.session = judge.get_session_index()
        return judge.get_nameid(), judge.get_attributes()["IDPEmail"][0]

    def leave(self):
        auth = OneLogin_Saml2_Auth(self.asked(), self.settings())
        url = auth.logout(RELAY, self.world.ada, self.session, None, NAMEID_FORMAT_PERSISTENT)
        self.leaving = auth.get_last_request_id()
        return url

    def left(self, query):
        settings = self.settings()
        settings["security"]["wantMessagesSigned"] = True
        auth = OneLogin_Saml2_Auth(self.asked(query), settings)
        auth.process_slo(keep_local_session=True, request_id=self.leaving)
        if auth.get_errors():
            raise ValueError(f"{auth.get_errors()} {auth.get_last_error_reason()}")


class PySaml2(Party):
    name = "pysaml2"

    def client(self, audience=None):
        path = self.world.folder / "published.xml"
        path.write_text(self.metadata)
        endpoints = {
            "assertion_consumer_service": [(self.world.reply, BINDING_HTTP_POST)],
            "single_logout_service": [(self.world.reply, BINDING_HTTP_REDIRECT)],
        }
        wanted = {"want_assertions_signed": True, "want_response_signed": False, "allow_unsolicited": False}
        config = SPConfig().load(
            {
                "entityid": audience or MICROSOFT,
                "xmlsec_binary": shutil.which("xmlsec1"),
                "allow_unknown_attributes": True,
                "service": {"sp": {"endpoints": endpoints, "name_id_format": [NAMEID_FORMAT_PERSISTENT], **wanted}},
                "metadata": {"local": [str(path)]},
            }
        )
        return Saml2Client(config=config)

    def ask(self, way):
        binding = BINDING_HTTP_REDIRECT if way == "redirect" else BINDING_HTTP_POST
        self.request, sent = self.client().prepare_for_authenticate(
            entityid=self.world.values["issuer"], relay_state=RELAY, binding=binding, sign=False
        )
        if way == "redirect":
            return dict(sent["headers"])["Location"], None
        form = Form("".join(sent["data"]))
        return form.to, form.fields

    def take(self, response, audience=None, ahead=0, other=False):
        now = time.time() + ahead
        known = {"_other" if other else self.request: "/"}
        with mock.patch("saml2.time_util.utc_now", lambda: int(now)):
            judge = self.client(audience).parse_authn_request_response(response, BINDING_HTTP_POST, known)
        self.session = judge.session_info()["session_index"]
        return judge.name_id.text, judge.ava["IDPEmail"][0]

    def leave(self):
        client = self.client()
        name = NameID(format=NAMEID_FORMAT_PERSISTENT, text=self.world.ada)
        self.leaving, request = client.create_logout_request(
            self.world.values["sign_out"], self.world.values["issuer"], name_id=name, session_indexes=[self.session]
        )
        sent = client.apply_binding(BINDING_HTTP_REDIRECT, str(request), self.world.values["sign_out"], RELAY)
        return dict(sent["headers"])["Location"]

    def left(self, query):
        # It does not verify the signature over a query by itself; python3-saml and node-saml do.
        response = self.client().parse_logout_request_response(dict(parse_qsl(query))["SAMLResponse"], BINDING_HTTP_REDIRECT)
        if not response.status_ok() or response.in_response_to != self.leaving:
            raise ValueError(f"{response.in_response_to} instead of {self.leaving}")


class NodeSaml(Party):
    name = "node-saml"

    def __init__(self, world, metadata, stack):
        super().__init__(world, metadata)
        script = provost.ROOT / "scripts" / "js" / "saml_party.mjs"
        self.process = subprocess.Popen(["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.callback(self.end)

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def say(self, act, **words):
        self.process.stdin.write(json.dumps({"do": act, **words}) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        if "error" in said:
            raise ValueError(said["error"])
        return said

    def set(self):
        values = {key: self.world.values[key] for key in ("issuer", "sign_in", "sign_out")}
        trusted = [pem(one) for one in certificates(self.metadata)]
        self.say("set", **values, audience=MICROSOFT, reply=self.world.reply, certificates=trusted)

    def ask(self, way):
        self.set()
        said = self.say("ask", way=way, relay=RELAY)
        if way == "redirect":
            return said["url"], None
        form = Form(said["form"])
        return form.to, form.fields

    def take(self, response, audience=None, ahead=0, other=False):
        self.set()
        more = {"audience": audience} if audience else {}
        if other:
            # What it took once it knows no more.
            with contextlib.suppress(ValueError):
                self.say("take", response=response, more=more, ahead=ahead, keep=False)
        said = self.say("take", response=response, more=more, ahead=ahead, keep=not other)
        self.session = said["session"]
        return said["name"], said["upn"]

    def leave(self):
        return self.say("leave", name=self.world.ada, session=self.session, relay=RELAY)["url"]

    def left(self, query):
        if not self.say("left", query=query)["left"]:
            raise ValueError("nobody has left")


def refuses(take):
    """Why something is refused; nothing when it is taken."""
    try:
        take()
    except Exception as error:  # each of their refusals is a class of its own
        return str(error) or type(error).__name__
    return ""


# --- The story -------------------------------------------------------------------------------------------


def published(world):
    """What everybody may read."""
    text = world.metadata()
    found = certificates(text)
    judge = XmlSec(world.folder, found[0])
    world.check("the metadata has one certificate", len(found) == 1, found)
    world.check("xmlsec1 verifies the metadata", judge.verifies(text, "ID", ENTITY), text)
    world.check("and refuses it with another address", not judge.verifies(text.replace("/saml\"", "/sam1\""), "ID", ENTITY))
    valid = OneLogin_Saml2_XML.validate_xml(text, "saml-schema-metadata-2.0.xsd")
    world.check("it is valid by the schema of OASIS", not isinstance(valid, str), valid)
    passive = world.visitor.get(world.values["ws_federation_metadata"]).raise_for_status().text
    world.check("xmlsec1 verifies the metadata of WS-Federation", judge.verifies(passive, "ID", ENTITY), passive)
    world.check("and refuses it changed", not judge.verifies(passive.replace("wsfed", "wsfedd"), "ID", ENTITY))
    listed = world.call("GET", f"{PROVIDER}/signing-keys")["signing_keys"]
    world.check("the interface says the same certificate", len(listed) == 1 and found[0] in json.dumps(listed), listed)


def signs_in(world, party, way):
    """There and back; then everything that must be refused."""
    url, fields = party.ask(way)
    form = world.send(url, fields)
    response = form.fields["SAMLResponse"]
    name = f"{party.name} by {way}"
    world.check(f"{name}: the answer goes to the pinned address, with what came", form.to == world.reply and form.fields.get("RelayState") == RELAY, f"{form.to} {form.fields.get('RelayState')}")
    try:
        found = party.take(response)
    except Exception as error:  # what they have against it is the finding
        world.check(f"{name}: accepted", False, f"{error}\n{text_of(response)}")
        return None
    world.check(f"{name}: accepted, and it is Ada", found == (world.ada, "ada@contoso.example"), found)
    return response


def refusals(world, party, response):
    digest = etree.fromstring(text_of(response).encode()).find(f".//{DSIG}DigestValue").text
    flipped = ("A" if digest[0] != "A" else "B") + digest[1:]
    wrong = {
        "with another name": lambda: party.take(changed(response, ">ada@contoso.example<", ">eve@contoso.example<")),
        "with another immutable id": lambda: party.take(changed(response, f">{world.ada}<", f">{world.ada[:-1]}x<")),
        "with one other letter in its digest": lambda: party.take(changed(response, digest, flipped)),
        "without its signature": lambda: party.take(bare(response)),
        "with a comment in the name": lambda: taken_whole(world, party, changed(response, ">ada@", ">a<!---->da@")),
        "for another audience": lambda: party.take(response, audience="urn:somebody-else"),
        "an hour later": lambda: party.take(response, ahead=HOUR),
        "an hour too early": lambda: party.take(response, ahead=-HOUR),
        "that nobody asked for, or a second time": lambda: party.take(response, other=True),
    }
    for sentence, take in wrong.items():
        why = refuses(take)
        world.check(f"{party.name} refuses it {sentence}", why)


def bare(response):
    root = etree.fromstring(text_of(response).encode())
    for one in list(root.iter(f"{DSIG}Signature")):
        one.getparent().remove(one)
    return base64.b64encode(etree.tostring(root)).decode()


def taken_whole(world, party, response):
    """A comment changes nothing that is signed; what must not be is that the name ends at it."""
    found = party.take(response)
    if found == (world.ada, "ada@contoso.example"):
        raise ValueError("the whole name was read")
    return found


def conformance(world, response):
    text = text_of(response)
    judge = XmlSec(world.folder, certificates(world.metadata())[0])
    world.check("xmlsec1 verifies the assertion", judge.verifies(text, "ID", ASSERTION), text)
    world.check("and refuses it changed by a byte", not judge.verifies(text.replace("ada@", "adb@"), "ID", ASSERTION))
    valid = OneLogin_Saml2_XML.validate_xml(text, "saml-schema-protocol-2.0.xsd")
    world.check("it is valid by the schema of OASIS", not isinstance(valid, str), valid)
    root = etree.fromstring(text.encode())
    classes = [one.text for one in root.iter(f"{SAML2}AuthnContextClassRef")]
    world.check("it says that a passkey is more than one factor", classes == ["http://schemas.microsoft.com/claims/multipleauthn"], classes)


def federate(world, protocol):
    """What Microsoft 365 is told about the hub, from the values and the metadata that it shows."""
    values = world.values
    told = {
        "@odata.type": "#microsoft.graph.internalDomainFederation",
        "displayName": "Contoso hub",
        "issuerUri": values["issuer"],
        "passiveSignInUri": values["sign_in" if protocol == "saml" else "ws_federation"],
        "signOutUri": values["sign_out"],
        "metadataExchangeUri": values["mex"],
        "preferredAuthenticationProtocol": protocol,
        "signingCertificate": certificates(world.metadata())[0],
    }
    path = "/domains/contoso.example/federationConfiguration"
    if world.federation:
        world.graph(f"{path}/{world.federation}", told, "PATCH")
    else:
        world.federation = world.graph(path, told)["id"]


def at_microsoft(world, protocol):
    """Ada signs in at the simulated Microsoft 365; gives the form that was carried there."""
    json_please = {"accept": "application/json"}
    start = world.cloud.get("/login.srf?login=ada@contoso.example", headers=json_please).raise_for_status().json()
    form = world.send(start["url"], start.get("fields") or None)
    world.check(f"Microsoft 365 is answered by {protocol}", form.to == world.reply, form.to)
    done = world.cloud.post("/login.srf", data=form.fields, headers=json_please).json()
    signed = done.get("signed_in") or {}
    is_ada = signed.get("user_principal_name") == "ada@contoso.example" and signed.get("mfa") == "federated"
    world.check(f"Microsoft 365 takes it by {protocol}, with its second factor", is_ada, done)
    again = world.cloud.post("/login.srf", data=form.fields, headers=json_please).json()
    world.check(f"and not twice by {protocol}", not again.get("signed_in"), again)
    return form


def by_saml(world):
    federate(world, "saml")
    form = at_microsoft(world, "SAML")
    judge = XmlSec(world.folder, certificates(world.metadata())[0])
    world.check("xmlsec1 verifies what Microsoft 365 was sent", judge.verifies(text_of(form.fields["SAMLResponse"]), "ID", ASSERTION))


def by_ws_federation(world):
    """The token of SAML 1.1, asked for as Microsoft does (WS-Federation 1.2 section 13)."""
    federate(world, "wsFed")
    at_microsoft(world, "WS-Federation")
    context = f"LoginOptions=3&estsredirect={'x' * 200}&q=\"<&>"
    query = {"wa": "wsignin1.0", "wtrealm": MICROSOFT, "wctx": context, "username": "ada@contoso.example", "wfresh": "0"}
    form = world.send(f"{world.values['ws_federation']}?{urlencode(query)}")
    world.check("the answer has the fields of WS-Federation", form.fields.get("wa") == "wsignin1.0" and form.fields.get("wctx") == context, form.fields)
    result = form.fields["wresult"]
    judge = XmlSec(world.folder, certificates(world.metadata())[0])
    world.check("xmlsec1 verifies the token of SAML 1.1", judge.verifies(result, "AssertionID", TOKEN), result)
    inside = result.partition("<saml:Assertion")[2]
    for what, old, new in [
        ("name", "ada@contoso.example", "eve@contoso.example"),
        ("immutable id", world.ada, world.ada[:-1] + "x"),
        ("audience", MICROSOFT, "urn:federation:Other"),
    ]:
        other = result.replace(old, new)
        world.check(f"and refuses it with another {what}", old in inside and not judge.verifies(other, "AssertionID", TOKEN), inside)
    read = wstrust_response.parse_response(result)
    world.check("Microsoft's client library finds the token", read["type"] == wstrust_response.SAML_TOKEN_TYPE_V1, read)
    alone = read["token"].decode()
    world.check("which verifies alone, as that library sends it on", judge.verifies(alone, "AssertionID", TOKEN), alone)


def wishes(world, party):
    """What an application may ask for: a new proof, and not to ask anybody."""
    subprocess.run([sys.executable, Path(__file__).with_name("age.py"), world.hub.data], check=True)
    asked = int(time.time())
    form = world.send(party.ask("redirect", force_authn=True)[0])
    found = party.take(form.fields["SAMLResponse"])
    root = etree.fromstring(text_of(form.fields["SAMLResponse"]).encode())
    proved = OneLogin_Saml2_Utils.parse_SAML_to_time(root.find(f".//{SAML2}AuthnStatement").get("AuthnInstant"))
    world.check("who has to prove it again has done so just now", found[0] == world.ada and proved >= asked, f"{proved} {asked}")
    world.visitor.cookies.pop(next(name for name in world.visitor.cookies if name.endswith("provost-me")))
    form = world.send(party.ask("redirect", is_passive=True)[0])
    text = text_of(form.fields["SAMLResponse"])
    judge = XmlSec(world.folder, certificates(world.metadata())[0])
    world.check("who may not be asked is not: the answer is signed, and has nobody in it", judge.verifies(text, "ID", RESPONSE) and "<saml:Assertion" not in text, text)
    why = refuses(lambda: party.take(form.fields["SAMLResponse"]))
    world.check(f"{party.name} reads that nobody is signed in", "NoPassive" in why, why)
    world.visitor.sign_in()


def rolls(world, parties):
    """A second key is published, then it signs, and who trusts both notices nothing."""
    world.call("POST", f"{PROVIDER}/signing-keys", {})
    both = world.metadata()
    first, second = certificates(both)
    judge = XmlSec(world.folder, first)
    world.check("the next certificate stands in the metadata, which the first key signs", first != second and judge.verifies(both, "ID", ENTITY))
    before = {party.name: party.metadata for party in parties}
    for party in parties:
        party.metadata = both
        signs_in(world, party, "redirect")
    world.call("POST", f"{PROVIDER}/signing-keys/swap", {})
    for party in parties:
        response = signs_in(world, party, "redirect")
        new = XmlSec(world.folder, second)
        world.check(f"{party.name}: it was the second key that signed", response and new.verifies(text_of(response), "ID", ASSERTION))
        party.metadata = before[party.name]
        why = refuses(lambda: party.take(response))
        world.check(f"{party.name}: who knows the first certificate only refuses it", why)
    world.call("POST", f"{PROVIDER}/signing-keys/retire", {})
    world.check("the first certificate is gone from the metadata", certificates(world.metadata()) == [second])
    for party in parties:
        party.metadata = world.metadata()


def leaves(world, party):
    """The application signs its person out, and is told by a message that it can verify."""
    response = signs_in(world, party, "post")
    if response is None:
        return
    url = party.leave()
    answer = world.visitor.get(url)
    to, _, query = answer.headers.get("location", "").partition("?")
    world.check(f"{party.name}: signing out leads back to the pinned address", answer.status_code == 303 and to == world.reply, f"{answer.status_code} {to} {answer.text[:300]}")
    why = refuses(lambda: party.left(query))
    world.check(f"{party.name}: it accepts the answer to its request to sign out", not why, f"{why}\n{query}")
    relay = dict(parse_qsl(query)).get("RelayState")
    world.check(f"{party.name}: which brings back what came", relay == RELAY, relay)
    other = resigned(query)
    if party.name != "pysaml2":
        why = refuses(lambda: party.left(other))
        world.check(f"{party.name}: and refuses it changed", why)
    home = world.visitor.get(world.visitor.home)
    world.check(f"{party.name}: she is signed out at the hub", home.status_code == 303 and "/sign-in" in home.headers["location"], home.status_code)
    world.visitor.sign_in()


def resigned(query):
    """The same answer under the same signature, but another id in it."""
    pairs = dict(parse_qsl(query))
    text = zlib.decompress(base64.b64decode(pairs["SAMLResponse"]), -15).decode()
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(text.replace('ID="_', 'ID="_0', 1).encode()) + packer.flush()
    pairs["SAMLResponse"] = base64.b64encode(packed).decode()
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())


def story(tally):
    # What a library refuses it also logs.
    logging.disable(logging.CRITICAL)
    binary = Path(sys.argv[1]) if len(sys.argv) > 1 else provost.default_binary()
    with tempfile.TemporaryDirectory(prefix="provost-saml-") as folder, contextlib.ExitStack() as stack:
        world = World(tally, binary, Path(folder), stack)
        published(world)
        metadata = world.metadata()
        parties = [Python3Saml(world, metadata), PySaml2(world, metadata), NodeSaml(world, metadata, stack)]
        for party in parties:
            for way in ("redirect", "post"):
                response = signs_in(world, party, way)
                if response and way == "post":
                    refusals(world, party, response)
                    conformance(world, response)
            leaves(world, party)
        wishes(world, parties[0])
        by_saml(world)
        by_ws_federation(world)
        rolls(world, parties)


if __name__ == "__main__":
    run("saml_live", story)
