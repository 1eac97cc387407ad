"""Certificates for a test: an authority of its own, servers on loopback and clients."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=1)
_SKEW = timedelta(minutes=5)
_LOOPBACK = x509.SubjectAlternativeName(
    [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
)
# etcd's JSON gateway calls the server back with the server's own certificate, as a client.
_USAGES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files: the authority, and what it signed."""

    ca: Path
    cert: Path
    key: Path


class Authority:
    def __init__(self, directory: Path, name: str = "authority") -> None:
        self._directory = directory
        self._name = _name(NameOID.COMMON_NAME, name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._ca = directory / f"{name}.pem"
        certificate = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self._ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self) -> Certificate:
        """For 127.0.0.1. As a client it has no common name, which etcd's JSON face demands."""
        return self._issue("server", NameOID.ORGANIZATION_NAME)

    def client(self) -> Certificate:
        """With a common name, which etcd's v2 API cannot do without."""
        return self._issue("client", NameOID.COMMON_NAME)

    def _issue(self, name: str, kind: x509.ObjectIdentifier) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(kind, name), self._name, key.public_key())
            .add_extension(_LOOPBACK, critical=False)
            .add_extension(_USAGES, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        stem = self._directory / name
        found = Certificate(self._ca, stem.with_suffix(".pem"), stem.with_suffix(".key"))
        found.cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        found.key.write_bytes(_pem(key))
        return found


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _LIFE)
    )


def _name(kind: x509.ObjectIdentifier, name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
