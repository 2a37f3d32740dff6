"""Independent programs judge our SAML and WS-Federation: xmlsec1, python3-saml, pysaml2 and node-saml.

They verify what we issue; we verify what they sign; libxml2 and we canonicalise the same documents. The documents come
from `saml_documents`, an example of the crate provost-saml, which lies beside the binary.

    python scripts/py/saml.py [path of the provost binary]
"""

import base64
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML
from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig

import provost
from tally import run

IDP = "https://hub.contoso.example/idp/contoso"
MICROSOFT = "urn:federation:MicrosoftOnline"
REPLY = "https://login.microsoftonline.com/login.srf"
SP = "https://hub.contoso.example/saml/m365/metadata"
ACS = "https://hub.contoso.example/saml/m365/acs"
REQUEST = "_8d5f0000000000000000000000000000000000aa"
# Characters that have to be escaped, and some of more than one byte.
NAME = "o'brien&sö<hne>\"@contoso.example"
IMMUTABLE = "3f2a-immutable"
DOCUMENTS = 1000

ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"
REQUESTED = "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest"
RESPONSE = "urn:oasis:names:tc:SAML:2.0:protocol:Response"
TOKEN = "urn:oasis:names:tc:SAML:1.0:assertion:Assertion"
ENTITY = "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor"


class World:
    """The documents, and where they are."""

    def __init__(self, tally, program, folder):
        self.tally = tally
        self.program = program
        self.folder = folder

    def documents(self, *words):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr}")
        return done.stdout

    def text(self, name):
        return (self.folder / name).read_text()

    def certificate(self):
        lines = self.text("certificate.pem").splitlines()
        return "".join(line for line in lines if not line.startswith("-"))

    def field(self):
        return base64.b64encode(self.text("response.xml").encode()).decode()

    def check(self, sentence, holds, detail=""):
        self.tally.check(sentence, holds, detail)


def xmlsec1(world):
    """The command of the XML Security Library, on libxml2 and OpenSSL."""

    def verified(path, attribute, element):
        words = ["--verify", "--pubkey-cert-pem", world.folder / "certificate.pem", f"--id-attr:{attribute}", element]
        return subprocess.run(["xmlsec1", *map(str, words), str(path)], capture_output=True, text=True, timeout=60)

    for name, attribute, element in [
        ("response.xml", "ID", ASSERTION),
        ("refusal.xml", "ID", RESPONSE),
        ("rstr.xml", "AssertionID", TOKEN),
        ("idp.xml", "ID", ENTITY),
        ("federation.xml", "ID", ENTITY),
        ("signed-sp.xml", "ID", ENTITY),
        ("signed-request.xml", "ID", REQUESTED),
    ]:
        done = verified(world.folder / name, attribute, element)
        world.check(f"xmlsec1 verifies {name}", done.returncode == 0, done.stderr)
        changed = world.folder / f"changed-{name}"
        changed.write_text(world.text(name).replace("contoso", "cont0so"))
        done = verified(changed, attribute, element)
        world.check(f"xmlsec1 refuses a changed {name}", done.returncode != 0, done.stdout)


def schemas(world):
    """The schemas of OASIS, which python3-saml carries."""
    for name, schema in [
        ("response.xml", "saml-schema-protocol-2.0.xsd"),
        ("refusal.xml", "saml-schema-protocol-2.0.xsd"),
        ("request.xml", "saml-schema-protocol-2.0.xsd"),
        ("signed-request.xml", "saml-schema-protocol-2.0.xsd"),
        ("logout.xml", "saml-schema-protocol-2.0.xsd"),
        ("idp.xml", "saml-schema-metadata-2.0.xsd"),
        ("sp.xml", "saml-schema-metadata-2.0.xsd"),
        ("signed-sp.xml", "saml-schema-metadata-2.0.xsd"),
    ]:
        found = OneLogin_Saml2_XML.validate_xml(world.text(name), schema)
        world.check(f"{name} is valid by the schema of OASIS", not isinstance(found, str), found)


def python3_saml(world):
    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {"entityId": MICROSOFT, "assertionConsumerService": {"url": REPLY}},
            "idp": {
                "entityId": IDP,
                "singleSignOnService": {"url": f"{IDP}/sso"},
                "x509cert": world.certificate(),
            },
            "security": {"wantAssertionsSigned": True, "rejectDeprecatedAlgorithm": True},
        }
    )
    asked = {"http_host": "login.microsoftonline.com", "script_name": "/login.srf", "https": "on", "post_data": {}}
    response = OneLogin_Saml2_Response(settings, world.field())
    world.check("python3-saml accepts the response", response.is_valid(asked, REQUEST), response.get_error())
    world.check("python3-saml reads the immutable id", response.get_nameid() == IMMUTABLE, response.get_nameid())
    found = response.get_attributes()
    world.check("python3-saml reads the user principal name", found.get("IDPEmail") == [NAME], found)
    other = OneLogin_Saml2_Response(settings, world.field())
    world.check("python3-saml refuses it for another request", not other.is_valid(asked, "_other"))

    parsed = OneLogin_Saml2_IdPMetadataParser.parse(world.text("idp.xml"))["idp"]
    world.check("python3-saml reads the metadata", parsed["entityId"] == IDP, parsed)
    world.check("python3-saml finds the certificate in it", parsed["x509cert"] == world.certificate(), parsed)
    world.check("python3-saml finds the address in it", parsed["singleSignOnService"]["url"] == f"{IDP}/sso", parsed)

    query = world.text("request.query")
    signed, signature = query.rsplit("&Signature=", 1)
    holds = OneLogin_Saml2_Utils.validate_binary_sign(
        signed, base64.b64decode(unquote(signature)), world.text("certificate.pem"), Constants.RSA_SHA256
    )
    world.check("python3-saml verifies the signature over our query", holds)
    # As it comes, it does not keep what came: it encodes the values once more.
    pairs = parse_qs(signed, strict_parsing=True)
    again = "&".join(f"{name}={OneLogin_Saml2_Utils.escape_url(value)}" for name, [value] in pairs.items())
    world.check("our query is the same when its values are encoded once more", again == signed, f"{again}\n{signed}")
    asked = OneLogin_Saml2_Utils.decode_base64_and_inflate(parse_qs(query)["SAMLRequest"][0])
    world.check("python3-saml inflates our query", asked.decode() == world.text("request.xml"))


def pysaml2(world):
    config = SPConfig().load(
        {
            "entityid": MICROSOFT,
            "xmlsec_binary": shutil.which("xmlsec1"),
            "allow_unknown_attributes": True,
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(REPLY, BINDING_HTTP_POST)]},
                    "want_assertions_signed": True,
                    "want_response_signed": False,
                    "allow_unsolicited": False,
                }
            },
            "metadata": {"local": [str(world.folder / "idp.xml")]},
        }
    )
    client = Saml2Client(config=config)
    response = client.parse_authn_request_response(world.field(), BINDING_HTTP_POST, {REQUEST: "/"})
    world.check("pysaml2 accepts the response", response is not None)
    world.check("pysaml2 reads the immutable id", response.name_id.text == IMMUTABLE, response.name_id)
    world.check("pysaml2 reads the user principal name", response.ava.get("IDPEmail") == [NAME], response.ava)
    try:
        client.parse_authn_request_response(world.field(), BINDING_HTTP_POST, {"_other": "/"})
        refused = False
    except Exception:  # each of its refusals is a class of its own
        refused = True
    world.check("pysaml2 refuses it for another request", refused)


def node_saml(world):
    given = {
        "response": world.field(),
        "certificate": world.text("certificate.pem"),
        "issuer": IDP,
        "audience": MICROSOFT,
        "reply": REPLY,
        "request": REQUEST,
    }
    script = provost.ROOT / "scripts" / "js" / "saml_verify.mjs"
    done = subprocess.run(["node", script], input=json.dumps(given), capture_output=True, text=True, timeout=60)
    if done.returncode:
        world.check("node-saml runs", False, done.stderr)
        return
    found = json.loads(done.stdout)
    world.check("node-saml accepts the response", "profile" in found["genuine"], found)
    profile = found["genuine"].get("profile", {})
    world.check("node-saml reads the immutable id", profile.get("nameID") == IMMUTABLE, profile)
    world.check("node-saml reads the user principal name", profile.get("IDPEmail") == NAME, profile)
    world.check("node-saml refuses a changed one", "error" in found["changed"], found)


def theirs(world):
    """An assertion that libxml2 and OpenSSL sign, in the shape of Entra ID, and what we say to it."""
    folder = world.folder / "theirs"
    folder.mkdir()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Microsoft Azure Federated SSO Certificate")])
    now = datetime.now(timezone.utc).replace(microsecond=0)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1000))
        .sign(key, hashes.SHA256())
    )
    certificate = made.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    issuer = f"https://sts.windows.net/{uuid.uuid4()}/"
    at = now.strftime("%Y-%m-%dT%H:%M:%S.250Z")
    end = (now + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.250Z")
    assertion = f"""<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{uuid.uuid4()}" IssueInstant="{at}" Version="2.0"><Issuer>{issuer}</Issuer><Subject><NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">anna@contoso.example</NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="{end}" Recipient="{ACS}"/></SubjectConfirmation></Subject><Conditions NotBefore="{at}" NotOnOrAfter="{end}"><AudienceRestriction><Audience>{SP}</Audience></AudienceRestriction></Conditions><AttributeStatement><Attribute Name="a"><AttributeValue>1 &gt; 0 &amp; "x"</AttributeValue></Attribute></AttributeStatement><AuthnStatement AuthnInstant="{at}" SessionIndex="_1"><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion>"""

    def signed(algorithm, digest):
        inside = OneLogin_Saml2_Utils.add_sign(assertion, private, certificate, False, algorithm, digest)
        inside = inside.decode() if isinstance(inside, bytes) else inside
        # Line breaks and indents between the parts of a message are theirs to choose.
        return f"""<?xml version="1.0"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:unused="urn:unused" ID="_{uuid.uuid4()}" Version="2.0" IssueInstant="{at}" Destination="{ACS}" InResponseTo="{REQUEST}">
  <Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{issuer}</Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  {inside}
</samlp:Response>"""

    def verdict(text):
        (folder / "certificate.pem").write_text(certificate)
        (folder / "issuer.txt").write_text(issuer)
        (folder / "response.b64").write_text(base64.b64encode(text.encode()).decode())
        return world.documents("verify", folder, int(time.time()), REQUEST).strip()

    for algorithm, digest in [
        (Constants.RSA_SHA256, Constants.SHA256),
        (Constants.RSA_SHA384, Constants.SHA384),
        (Constants.RSA_SHA512, Constants.SHA512),
    ]:
        text = signed(algorithm, digest)
        found = verdict(text)
        world.check(f"we accept what xmlsec signs with {algorithm}", found == "accepted anna@contoso.example", found)
        found = verdict(text.replace("anna@", "admin@"))
        world.check(f"and refuse it changed, {algorithm}", found == "refused PRV-SAML-DIGEST", found)
    found = verdict(signed(Constants.RSA_SHA1, Constants.SHA1))
    world.check("we refuse SHA-1", found == "refused PRV-SAML-SHA1", found)


def canonicalisation(world):
    """Documents at random: libxml2 and we have the same canonical form."""
    seed = int(time.time())
    chance = random.Random(seed)
    texts = [document(chance) for _ in range(DOCUMENTS)]
    path = world.folder / "documents.txt"
    path.write_text("\n".join(base64.b64encode(text.encode()).decode() for text in texts))
    ours = [base64.b64decode(line).decode() for line in world.documents("canonical", path).split()]
    wrong = []
    for text, mine in zip(texts, ours, strict=True):
        wanted = etree.tostring(etree.fromstring(text.encode()), method="c14n", exclusive=True).decode()
        if mine != wanted:
            wrong.append(f"{text}\nlibxml2: {wanted}\nours:    {mine}")
    world.check(f"{len(texts)} documents have the canonical form of libxml2 (seed {seed})", not wrong, "\n".join(wrong[:2]))


PREFIXES = ["", "a", "b", "c"]
# None with `&`: libxml2 writes it as it is, which is no XML, and our reader refuses it.
URIS = ["urn:x", "urn:y", "http://example.net/q?a=b", "urn:a:b"]
CHARACTERS = ["x", " ", "\n", "\t", "&#13;", "&#10;", "&#9;", "&amp;", "&lt;", "&gt;", "'", "&quot;", "ü", "😀", "]]&gt;"]


def document(chance):
    return element(chance, {"": ""}, 0)


def element(chance, scope, depth):
    """An element whose prefixes are all declared; what is declared may be used, changed or never used."""
    scope = dict(scope)
    head = ""
    for prefix in PREFIXES:
        if chance.random() < 0.35:
            uri = chance.choice(URIS + [""]) if prefix == "" else chance.choice(URIS)
            scope[prefix] = uri
            head += f' xmlns{":" if prefix else ""}{prefix}="{uri}"'
    used = set()
    for _ in range(chance.randrange(4)):
        prefix = chance.choice([known for known in scope])
        name = chance.choice("pqrs")
        if (scope[prefix] if prefix else "", name) in used:
            continue
        used.add((scope[prefix] if prefix else "", name))
        head += f' {prefix}{":" if prefix else ""}{name}="{text(chance)}"'
    if chance.random() < 0.1:
        head += ' xml:lang="en"'
    prefix = chance.choice([known for known in scope])
    tag = f'{prefix}{":" if prefix else ""}{chance.choice("klmn")}'
    inside = ""
    for _ in range(chance.randrange(4) if depth < 5 else 0):
        inside += text(chance) if chance.random() < 0.5 else element(chance, scope, depth + 1)
    return f"<{tag}{head}>{inside}</{tag}>" if inside or chance.random() < 0.5 else f"<{tag}{head}/>"


def text(chance):
    return "".join(chance.choice(CHARACTERS) for _ in range(chance.randrange(6)))


def story(tally):
    binary = Path(sys.argv[1]) if len(sys.argv) > 1 else provost.default_binary()
    program = binary.parent / "examples" / "saml_documents"
    if not program.exists():
        raise RuntimeError(f"{program} is missing: cargo build -p provost-saml --example saml_documents")
    with tempfile.TemporaryDirectory() as folder:
        world = World(tally, program, Path(folder))
        world.documents("make", folder, int(time.time()), REQUEST, NAME)
        for part in [xmlsec1, schemas, python3_saml, pysaml2, node_saml, theirs, canonicalisation]:
            part(world)


if __name__ == "__main__":
    run("saml", story)
