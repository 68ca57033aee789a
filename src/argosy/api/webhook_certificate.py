"""The certificates of the webhooks: an authority that all replicas share in a Secret, and changes of it in time.

Each replica signs a certificate for itself. The Secret holds the signing authority (`ca.crt`, `ca.key`), its successor
while that is announced (`next.crt`, `next.key`, `announced`), and what it replaced (`old.crt`).
"""

from __future__ import annotations

import base64
import ssl
import tempfile
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509

from argosy.api.authority import Pair, certificate_pem, is_signed_by, key_pem, new_authority, new_certificate, read_pair
from argosy.clients.kubernetes_connection import Connection
from argosy.clock import Clock, parse_rfc3339, rfc3339
from argosy.errors import AlreadyExists, Conflict, NotFound, Unavailable
from argosy.rules.authority_rotation import AUTHORITY_DAYS, CERTIFICATE_DAYS, Authorities, Move, is_due, move

TRIES = 10
NAME = "Argosy webhooks"

Data = dict[str, Any]
Parts = dict[str, bytes]


class WebhookCertificates:
    """What a replica shows and what is to be trusted; `look` keeps both up to date.

    Args:
        connection: to the cluster.
        secret: namespace and name of the Secret; the namespace must be there.
        hosts: names and addresses by which the webhooks are called.
    """

    def __init__(self, connection: Connection, secret: tuple[str, str], hosts: Collection[str], clock: Clock) -> None:
        self._connection = connection
        self._namespace, self._name = secret
        self._hosts = tuple(hosts)
        self._clock = clock
        self._shown: Pair | None = None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])

    @property
    def ends(self) -> datetime | None:
        """When the certificate that is shown ends; None before the first look."""
        return self._shown[0].not_valid_after_utc if self._shown else None

    async def look(self) -> bytes:
        """Make what is missing or near its end; returns all authorities to trust, as PEM.

        Raises Unavailable when the Secret holds something else, or changes all the time.
        """
        for _ in range(TRIES):
            parts, version = await self._read()
            wanted = self._next(parts)
            if wanted is None:
                return self._show(parts)
            try:
                await self._write(wanted, version)
            except (AlreadyExists, Conflict):
                continue  # another replica was faster: what it wrote holds
        raise Unavailable(f"the Secret {self._namespace}/{self._name} changes all the time")

    def _next(self, parts: Parts) -> Parts | None:
        """What the Secret should hold instead; None when it is as it should be."""
        now = self._clock.now()
        signing = self._pair(parts, "ca")
        announced = parse_rfc3339(parts["announced"].decode()) if "announced" in parts else None
        ends = signing[0].not_valid_after_utc if signing else None
        match move(Authorities(ends, announced), now):
            case Move.MAKE:
                return _written("ca", new_authority(now, AUTHORITY_DAYS, NAME))
            case Move.ANNOUNCE:
                successor = _written("next", new_authority(now, AUTHORITY_DAYS, NAME))
                return {**parts, **successor, "announced": rfc3339(now).encode()}
            case Move.SWITCH:
                return {"ca.crt": parts["next.crt"], "ca.key": parts["next.key"], "old.crt": parts["ca.crt"]}
        return None

    def _show(self, parts: Parts) -> bytes:
        """Show a certificate that the signing authority signed; returns what to trust."""
        now = self._clock.now()
        signing = self._pair(parts, "ca")
        if signing is None:
            raise self._strange()
        shown = self._shown
        if shown is None or not is_signed_by(shown[0], signing[0]) or is_due(shown[0].not_valid_after_utc, now):
            self._shown = shown = new_certificate(signing, self._hosts, now, CERTIFICATE_DAYS)
            _load(self.context, shown)
        return b"".join(parts[name] for name in ("ca.crt", "next.crt", "old.crt") if _lasts(parts.get(name), now))

    def _pair(self, parts: Parts, name: str) -> Pair | None:
        if f"{name}.crt" not in parts:
            return None
        try:
            pair = read_pair(parts[f"{name}.crt"], parts.get(f"{name}.key", b""))
        except ValueError:
            pair = None
        if pair is None:
            raise self._strange()
        return pair

    def _strange(self) -> Unavailable:
        return Unavailable(
            f"the Secret {self._namespace}/{self._name} holds no authority with its key",
            advice="Delete it: it is made anew.",
        )

    async def _read(self) -> tuple[Parts, str]:
        """What the Secret holds, and its version; nothing and no version when it is missing."""
        try:
            found = await self._connection.send("GET", f"{self._collection}/{self._name}")
        except NotFound:
            return {}, ""
        data = found.get("data") or {}
        version = str((found.get("metadata") or {}).get("resourceVersion") or "")
        return {name: base64.b64decode(value) for name, value in data.items()}, version

    async def _write(self, parts: Mapping[str, bytes], version: str) -> None:
        """Raises AlreadyExists and Conflict when somebody else wrote in the meantime."""
        meta = {"name": self._name, "namespace": self._namespace}
        secret: Data = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": meta}
        secret["data"] = {name: base64.b64encode(value).decode() for name, value in parts.items()}
        if not version:
            await self._connection.send("POST", self._collection, content=orjson.dumps(secret))
            return
        secret["metadata"] = {**meta, "resourceVersion": version}
        await self._connection.send("PUT", f"{self._collection}/{self._name}", content=orjson.dumps(secret))

    @property
    def _collection(self) -> str:
        return f"/api/v1/namespaces/{self._namespace}/secrets"


def _written(name: str, pair: Pair) -> Parts:
    return {f"{name}.crt": certificate_pem(pair[0]), f"{name}.key": key_pem(pair[1])}


def _lasts(certificate: bytes | None, now: datetime) -> bool:
    return certificate is not None and x509.load_pem_x509_certificate(certificate).not_valid_after_utc > now


def _load(context: ssl.SSLContext, pair: Pair) -> None:
    """OpenSSL reads certificates from files only: one that is gone at once, and only its owner can read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shown.pem"
        path.touch(mode=0o600)
        path.write_bytes(key_pem(pair[1]) + certificate_pem(pair[0]))
        context.load_cert_chain(path)
