"""The server's certificate, signed by a certificate authority of its own that clients trust by its kubeconfig."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from argosy.api.authority import (
    Pair,
    certificate_pem,
    host_name,
    is_signed_by,
    key_pem,
    new_authority,
    new_certificate,
    read_pair,
)
from argosy.api.private_file import write_private
from argosy.clock import Clock
from argosy.errors import Invalid, Unavailable

log = logging.getLogger(__name__)

LOCAL = ("localhost", "127.0.0.1", "::1")
CA_DAYS, SERVER_DAYS = 3650, 365
RENEW_DAYS = 30
"""A certificate with fewer days left than this is made anew."""

REREAD_SECONDS = 60.0
"""Seconds between two readings of a certificate that somebody else renews."""

LOOK_SECONDS = 12 * 3600.0
"""Seconds between two looks at how long the certificate still lasts."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the certificates are, and the authority's own as PEM."""

    ca: bytes
    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """For a server: TLS 1.2 or newer, HTTP/1.1. Raises OSError and ssl.SSLError for files of no use."""
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
            authority = new_authority(clock.now(), CA_DAYS)
            _write(directory, "ca", *authority)
        names = tuple(dict.fromkeys((*LOCAL, *_machine(), *hosts)))
        server = _read(directory / "server.crt", directory / "server.key")
        if server is None or not _serves(server[0], authority[0], names, clock.now()):
            _write(directory, "server", *new_certificate(authority, names, clock.now(), SERVER_DAYS))
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"the certificates in {directory} cannot be used: {error}",
            advice="Look at the folder's permissions, or remove the folder to make them anew.",
        ) from error
    return Certificates(certificate_pem(authority[0]), directory / "server.crt", directory / "server.key")


def given_certificates(certificate: str, key: str) -> Certificates:
    """Certificates that somebody else keeps. Raises Invalid when they cannot be used."""
    found = Certificates(b"", Path(certificate), Path(key or certificate))
    try:
        found.context()
    except (OSError, ssl.SSLError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise Invalid(
            f"the certificate {certificate} with its key {key or certificate} cannot be used: {told}",
            advice="Correct certificate_file and certificate_key_file.",
        ) from None
    return found


async def keep_reread(context: ssl.SSLContext, given: Certificates, clock: Clock) -> None:
    """Let a server's context follow files that somebody else renews. Ends only when cancelled."""
    while True:
        await clock.sleep(REREAD_SECONDS)
        try:
            context.load_cert_chain(given.certificate, given.key)
        except (OSError, ssl.SSLError) as error:
            log.warning("the certificate %s cannot be read again: %s", given.certificate, error)


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


def _read(certificate: Path, key: Path) -> Pair | None:
    """A certificate with its key; None when one is missing or they do not belong together. Raises ValueError."""
    if not certificate.exists() or not key.exists():
        return None
    return read_pair(certificate.read_bytes(), key.read_bytes())


def _write(directory: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    write_private(directory / f"{name}.key", key_pem(key))
    write_private(directory / f"{name}.crt", certificate_pem(certificate))


def _ends_soon(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now < timedelta(days=RENEW_DAYS)


def _serves(certificate: x509.Certificate, ca: x509.Certificate, hosts: Collection[str], now: datetime) -> bool:
    """Whether a server's certificate is good for these hosts for a while yet."""
    if _ends_soon(certificate, now) or not is_signed_by(certificate, ca):
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names) >= {host_name(host) for host in hosts}
