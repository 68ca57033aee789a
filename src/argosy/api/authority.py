"""Certificate authorities of our own, and the server certificates they sign."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_SKEW = timedelta(hours=1)  # clients' clocks may be behind

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
"""A certificate and its key."""


def read_pair(certificate: bytes, key: bytes) -> Pair | None:
    """A certificate with its key, both as PEM; None when they do not belong together. Raises ValueError."""
    found = x509.load_pem_x509_certificate(certificate)
    secret = serialization.load_pem_private_key(key, password=None)
    if not isinstance(secret, ec.EllipticCurvePrivateKey) or secret.public_key() != found.public_key():
        return None
    return found, secret


def certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption())


def new_authority(now: datetime, days: int, name: str = "Argosy local authority") -> Pair:
    """An authority that is good for some days, and may sign nothing but certificates of servers."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(name, key.public_key(), now, days)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def new_certificate(authority: Pair, hosts: Collection[str], now: datetime, days: int) -> Pair:
    """A server's certificate for some hosts: names and addresses."""
    ca, ca_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder("Argosy", key.public_key(), now, days)
        .issuer_name(ca.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([host_name(host) for host in hosts]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return certificate, key


def is_signed_by(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    """Whether a certificate names `ca` as what signed it."""
    issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    own = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return certificate.issuer == ca.subject and issuer == own


def host_name(host: str) -> x509.GeneralName:
    """A host as a certificate names it: an address, or a name of DNS."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())


def _builder(subject: str, public: ec.EllipticCurvePublicKey, now: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
