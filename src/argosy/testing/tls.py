"""Certificates of authorities that nobody trusts yet, and a front that speaks TLS for a server that does not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

ISSUER = "argosy-testing"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate, which is its own authority, and its key, as files in PEM."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """For a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_identity(folder: Path, *names: str) -> Identity:
    """A new certificate for 127.0.0.1 and for some names of hosts, written into a folder."""
    key = rsa.generate_private_key(65537, 2048)
    made = Identity(folder / "tls.pem", folder / "tls.key")
    made.certificate.write_bytes(self_signed(key, *names).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    made.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return made


def self_signed(key: rsa.RSAPrivateKey, *names: str) -> x509.Certificate:
    """A certificate for 127.0.0.1, and for some names, that is its own authority."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([address, *map(x509.DNSName, names)]), critical=False)
        .sign(key, hashes.SHA256())
    )


@contextlib.asynccontextmanager
async def tls_front(url: str, identity: Identity) -> AsyncIterator[int]:
    """A port on loopback that speaks TLS and passes what it hears on to the server of `url`, until the block ends."""
    target = urlsplit(url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await relay(reader, writer, target.port or 80)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=identity.context())
    async with server:
        yield server.sockets[0].getsockname()[1]


async def relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    port: int,
    first: bytes = b"",
    *,
    most: int | None = None,
) -> None:
    """Pass on what either side says, after `first`, to a port on loopback and back, until either ends.

    With `most`, no more bytes than that come back.
    """
    with contextlib.suppress(OSError):
        there, back = await asyncio.open_connection("127.0.0.1", port)
        back.write(first)
        tasks = [asyncio.create_task(_copy(reader, back)), asyncio.create_task(_copy(there, writer, most))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            back.close()
            writer.close()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, most: int | None = None) -> None:
    left = float("inf") if most is None else most
    while left > 0 and (data := await source.read(int(min(1 << 16, left)))):
        target.write(data)
        left -= len(data)
        await target.drain()
