"""A device with one passkey, and the browser that it is used in: people sign in to the hub without Chromium.

Web Authentication Level 3, sections 5.8.1 (client data), 6.1 (authenticator data) and 6.5 (attestation "none").
"""

import base64
import hashlib
import json
import os
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from httpx2 import Client

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """A key on P-256 that is found without a name; its owner is always there."""

    def __init__(self, origin):
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.handle = b""

    def create(self, options):
        """What `navigator.credentials.create` answers."""
        asked = options["publicKey"]
        self.handle = decode(asked["user"]["id"])
        point = self.key.public_key().public_numbers()
        # EC2, ES256, P-256 (RFC 9053 section 7.1.1), in CBOR.
        cose = bytes.fromhex("a5010203262001215820") + point.x.to_bytes(32, "big")
        cose += bytes.fromhex("225820") + point.y.to_bytes(32, "big")
        data = self._data(asked["rp"]["id"], ATTESTED) + bytes(16)
        data += len(self.id).to_bytes(2, "big") + self.id + cose
        # {"fmt": "none", "attStmt": {}, "authData": data}
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
        return self._credential(
            {
                "attestationObject": encode(attestation),
                "clientDataJSON": encode(self._client("webauthn.create", asked)),
                "transports": ["internal"],
            }
        )

    def get(self, options):
        """What `navigator.credentials.get` answers."""
        asked = options["publicKey"]
        data, client = self._data(asked["rpId"], 0), self._client("webauthn.get", asked)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "authenticatorData": encode(data),
                "clientDataJSON": encode(client),
                "signature": encode(signed),
                "userHandle": encode(self.handle),
            }
        )

    def _data(self, host, flags):
        return hashlib.sha256(host.encode()).digest() + bytes([PRESENT | VERIFIED | flags]) + bytes(4)

    def _client(self, kind, asked):
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _credential(self, response):
        named = encode(self.id)
        return {"id": named, "rawId": named, "type": "public-key", "response": response, "clientExtensionResults": {}}


class Visitor:
    """Somebody with a browser and a device. The hub is reached at `base` and knows itself as `origin`, as it does behind a
    proxy; a browser sees the origin alone."""

    def __init__(self, base, origin):
        self.origin = origin
        self.home = ""
        self.device = Device(origin)
        self.http = Client(base_url=base, timeout=60)
        self.cookies = {}
        self.csrf = ""

    def send(self, method, path, headers=None, foreign=False, **more):
        """One request; `foreign`: a form of another site, to which a browser adds no cookie but those that say so."""
        path = path.removeprefix(self.origin)
        sent = {name: value for name, (value, line) in self.cookies.items() if not foreign or "SameSite=None" in line}
        if sent:
            headers = {**(headers or {}), "cookie": "; ".join(f"{name}={value}" for name, value in sent.items())}
        self.http.cookies.clear()
        answer = self.http.request(method, path, headers=headers, follow_redirects=False, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value, line
        if found := re.search(r'name="csrf" value="([^"]*)"', answer.text):
            self.csrf = found[1]
        return answer

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def _script(self, path, body):
        headers = {"origin": self.origin, "x-provost-csrf": self.csrf}
        answer = self.send("POST", path, headers, json=body)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def enrol(self, link):
        """Follows an administrator's link, makes a passkey, and is signed in."""
        self.home, key = link.removeprefix(self.origin).split("/enrol?key=")
        self.get(f"{self.home}/enrol?key={key}").raise_for_status()
        asked = {"key": key, "name": "This device"}
        begun = self._script(f"{self.home}/enrol/options", asked)
        answer = self.device.create(begun["options"])
        return self._script(f"{self.home}/enrol", {**asked, "ceremony": begun["ceremony"], "answer": answer})["to"]

    def sign_in(self, back=""):
        """Signs in with the passkey; where that leads. `back` is the handle of the address of the sign-in page."""
        self.get(f"{self.home}/sign-in?return={back}")
        begun = self._script(f"{self.home}/sign-in/options", {"return": back})
        answer = self.device.get(begun["options"])
        return self._script(f"{self.home}/sign-in", {"ceremony": begun["ceremony"], "answer": answer, "return": back})["to"]
