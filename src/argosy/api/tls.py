"""The server's certificate, signed by a certificate authority of its own that clients trust by its kubeconfig."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from argosy.api.private_file import write_private
from argosy.clock import Clock
from argosy.errors import Unavailable

LOCAL = ("localhost", "127.0.0.1", "::1")
CA_DAYS, SERVER_DAYS = 3650, 365
RENEW_DAYS = 30
"""A certificate with fewer days left than this is made anew."""

LOOK_SECONDS = 12 * 3600.0
"""Seconds between two looks at how long the certificate still lasts."""

_SKEW = timedelta(hours=1)  # clients' clocks may be behind


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the certificates are, and the authority's own as PEM."""

    ca: bytes
    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """For a server: TLS 1.2 or newer, HTTP/1.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self.certificate, self.key)
        return context


def ensure_certificates(directory: Path, hosts: Collection[str], clock: Clock) -> Certificates:
    """The certificates in `directory`; what is missing, near its end or for other hosts is made anew.

    Args:
        directory: made when missing; keys in it are readable by their owner alone.
        hosts: names and addresses by which clients call the server, besides the local ones and the machine's.
        clock: says what is near its end.

    Raises:
        Unavailable: what is there cannot be read or written.
    """
    try:
        authority = _read(directory / "ca.crt", directory / "ca.key")
        if authority is None or _ends_soon(authority[0], clock.now()):
            authority = _authority(clock.now())
            _write(directory, "ca", *authority)
        names = tuple(dict.fromkeys((*LOCAL, *_machine(), *hosts)))
        server = _read(directory / "server.crt", directory / "server.key")
        if server is None or not _serves(server[0], authority[0], names, clock.now()):
            _write(directory, "server", *_server(authority, names, clock.now()))
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"the certificates in {directory} cannot be used: {error}",
            advice="Look at the folder's permissions, or remove the folder to make them anew.",
        ) from error
    pem = authority[0].public_bytes(serialization.Encoding.PEM)
    return Certificates(pem, directory / "server.crt", directory / "server.key")


async def keep_renewed(context: ssl.SSLContext, directory: Path, hosts: Collection[str], clock: Clock) -> None:
    """Give a server's context a new certificate whenever the one it has nears its end. Ends only when cancelled."""
    while True:
        await clock.sleep(LOOK_SECONDS)
        found = await asyncio.to_thread(ensure_certificates, directory, hosts, clock)
        context.load_cert_chain(found.certificate, found.key)


def _machine() -> tuple[str, ...]:
    """The name of this machine, if a certificate can hold it."""
    name = socket.gethostname()
    try:
        name.encode("idna")
    except UnicodeError:
        return ()
    return (name,) if name else ()


Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _read(certificate: Path, key: Path) -> Pair | None:
    """A certificate with its key; None when one is missing or they do not belong together. Raises ValueError."""
    if not certificate.exists() or not key.exists():
        return None
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    secret = serialization.load_pem_private_key(key.read_bytes(), password=None)
    if not isinstance(secret, ec.EllipticCurvePrivateKey) or secret.public_key() != found.public_key():
        return None
    return found, secret


def _write(directory: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    plain = serialization.NoEncryption()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    write_private(directory / f"{name}.key", key.private_bytes(encoding, form, plain))
    write_private(directory / f"{name}.crt", certificate.public_bytes(encoding))


def _ends_soon(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now < timedelta(days=RENEW_DAYS)


def _serves(certificate: x509.Certificate, ca: x509.Certificate, hosts: Collection[str], now: datetime) -> bool:
    """Whether a server's certificate is good for these hosts for a while yet."""
    if _ends_soon(certificate, now) or certificate.issuer != ca.subject:
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key_id = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    return set(names) >= {_name(host) for host in hosts} and key_id == _key_id(ca)


def _key_id(certificate: x509.Certificate) -> bytes:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def _name(host: str) -> x509.GeneralName:
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


def _authority(now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder("Argosy local authority", key.public_key(), now, CA_DAYS)
    certificate = (
        builder.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Argosy local authority")]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _server(authority: Pair, hosts: Collection[str], now: datetime) -> Pair:
    ca, ca_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder("Argosy", key.public_key(), now, SERVER_DAYS)
        .issuer_name(ca.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_name(host) for host in hosts]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return certificate, key
