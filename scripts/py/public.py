"""A name over https on this machine: a certificate that this suite's browser alone trusts, and certificates that nobody
should trust."""

import base64
import datetime
import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def _key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(key, name, begins, ends):
    """Its own issuer, for `localhost`; in days from today."""
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now + begins * DAY).not_valid_after(now + ends * DAY)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    return made.sign(key, hashes.SHA256())


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _secret(key):
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def door(folder):
    """What a server speaks TLS with: the paths of key and certificate, and the pin by which a browser knows it."""
    key = _key()
    certificate = _certificate(key, "localhost", -1, 30)
    paths = {"key": Path(folder) / "door.key", "certificate": Path(folder) / "door.pem"}
    paths["key"].write_text(_secret(key))
    paths["certificate"].write_text(_pem(certificate))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(public).digest()).decode()
    return {**{name: str(path) for name, path in paths.items()}, "pin": pin}


def wrong():
    """What somebody pastes in the place of Entra's certificate."""
    key = _key()
    return {
        "expired": _pem(_certificate(key, "Last year's", -400, -30)),
        "foreign": _pem(_certificate(key, "Another application's", -1, 1000)),
        "private": _secret(key),
    }
