"""Encrypts Secrets whole, so that neither a copy of the database nor its change log tells them.

AES-256-GCM; the authenticated data binds kind, namespace, name, uid and the key's ID, so a sealed document cannot be
passed off as another. The labels of a Secret and its indexed fields (its type) stay readable: selectors need them.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
import threading
from pathlib import Path
from typing import NoReturn

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from argosy.errors import Unavailable
from argosy.failpoints import reach
from argosy.resources.meta import Key

PROTECTED = frozenset({"Secret"})
"""The kinds that are sealed."""

PREFIX = b"\x01"
"""How everything sealed begins; JSON never does."""

ID_LENGTH = 8
"""Characters of a key's ID, which follow the prefix."""

_NONCE_LENGTH = 12
_HEAD = 1 + ID_LENGTH + _NONCE_LENGTH

Ring = dict[str, bytes]


class Vault:
    """Seals and opens what is kept. Documents of other kinds pass through as they are. Safe to use from any thread."""

    def __init__(self, path: Path, ring: Ring) -> None:
        """`ring` maps key IDs to keys, oldest first; the last one seals."""
        self._path = path
        self._lock = threading.Lock()
        self._use(ring)

    def _use(self, ring: Ring) -> None:
        self._ring = ring
        self._ciphers = {name: AESGCM(key) for name, key in ring.items()}
        self._newest = next(reversed(ring))

    @classmethod
    def unlock(cls, path: Path, *, create: bool) -> Vault:
        """The vault whose key ring is the file `path`; with `create` a missing file is made.

        Raises Unavailable when the file is missing, readable by others, or no key ring.
        """
        try:
            return cls(path, _read(path))
        except FileNotFoundError as error:
            if not create:
                raise Unavailable(
                    f"the key file {path} is missing and the database holds encrypted Secrets",
                    advice="Put the key file back from your backup, or name it with its setting. Without it the "
                    "Secrets cannot be read.",
                ) from error
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, _new_key(), new=True)
        except OSError as error:
            raise Unavailable(f"the key file {path} cannot be made: {error.strerror}") from error
        return cls(path, _read(path))

    @property
    def newest(self) -> str:
        """The ID of the key that seals."""
        return self._newest

    def seal(self, key: Key, uid: str, raw: bytes) -> bytes:
        """What to keep for a document's JSON bytes."""
        if key.kind not in PROTECTED:
            return raw
        with self._lock:
            name, cipher = self._newest, self._ciphers[self._newest]
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        return PREFIX + name.encode() + nonce + cipher.encrypt(nonce, raw, _bound(key, uid, name))

    def open(self, key: Key, uid: str, stored: bytes) -> bytes:
        """The document's JSON bytes of what was kept. Raises Unavailable when it was tampered with or no key fits."""
        if key.kind not in PROTECTED:
            return stored
        if stored[:1] != PREFIX or len(stored) < _HEAD:
            _refuse(key, "it is not encrypted as it must be")
        name = stored[1 : 1 + ID_LENGTH].decode("ascii", "replace")
        cipher = self._ciphers.get(name)
        if cipher is None:
            _refuse(key, f"it was encrypted with key {name!r}, which the key file {self._path} does not hold")
        try:
            return cipher.decrypt(stored[1 + ID_LENGTH : _HEAD], stored[_HEAD:], _bound(key, uid, name))
        except InvalidTag:
            _refuse(key, "it was changed outside Argosy, or moved from another place")

    def add_key(self) -> str:
        """Make a new key that seals from now on; the older ones still open. Returns its ID."""
        with self._lock:
            ring = {**self._ring, **_new_key()}
            _write(self._path, ring)
            self._use(ring)
            return self._newest

    def drop_old_keys(self) -> None:
        """Forget all keys but the newest: call it when nothing sealed with them is left."""
        with self._lock:
            ring = {self._newest: self._ring[self._newest]}
            _write(self._path, ring)
            self._use(ring)


def _bound(key: Key, uid: str, name: str) -> bytes:
    return orjson.dumps([key.kind, key.namespace, key.name, uid, name])


def _refuse(key: Key, why: str) -> NoReturn:
    raise Unavailable(f"{key} cannot be decrypted: {why}", advice="Restore the database and the key file that fit.")


def _new_key() -> Ring:
    return {secrets.token_hex(ID_LENGTH // 2): AESGCM.generate_key(bit_length=256)}


def _read(path: Path) -> Ring:
    """Raises FileNotFoundError, and Unavailable for everything else."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode) or state.st_mode & 0o077 or state.st_uid != os.geteuid():
                raise Unavailable(
                    f"the key file {path} is open to others (mode {stat.S_IMODE(state.st_mode):04o})",
                    advice=f"Make it yours alone: chmod 600 {path}. If others may have read it, rotate the key.",
                )
            return _parse(file.read(), path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable(f"the key file {path} cannot be read: {error.strerror}") from error


def _parse(text: bytes, path: Path) -> Ring:
    try:
        ring = {item["id"]: base64.b64decode(item["key"], validate=True) for item in orjson.loads(text)["keys"]}
        if ring and all(len(name) == ID_LENGTH and len(key) == 32 for name, key in ring.items()):
            return ring
    except (orjson.JSONDecodeError, KeyError, TypeError, binascii.Error, ValueError):
        pass
    raise Unavailable(f"the file {path} is not a key ring of Argosy", advice="Restore it from your backup.")


def _write(path: Path, ring: Ring, *, new: bool = False) -> None:
    """Replace the file in one step, so that a crash leaves the old ring or the new one."""
    keys = [{"id": name, "key": base64.b64encode(key).decode()} for name, key in ring.items()]
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps({"keys": keys}, option=orjson.OPT_INDENT_2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        reach("store.keys")
        if new:
            os.link(draft, path)
        else:
            os.replace(draft, path)
    except FileExistsError:
        pass  # another process made the ring first, and that one is used
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
