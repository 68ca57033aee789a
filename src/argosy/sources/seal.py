"""Seals: small secrets that outlive a process on disk, readable only with the key of the caches, kept elsewhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


def seal(key: bytes, text: str, about: str) -> str:
    """`text` encrypted, as ASCII. It opens only with the same `key` and the same `about`, which is not secret."""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + _cipher(key).encrypt(nonce, text.encode(), about.encode())).decode()


def unseal(key: bytes, sealed: str, about: str) -> str:
    """The text that was sealed. Raises ValueError when it was sealed otherwise, or was changed."""
    raw = base64.b64decode(sealed)
    try:
        return _cipher(key).decrypt(raw[:_NONCE], raw[_NONCE:], about.encode()).decode()
    except InvalidTag as error:
        raise ValueError("this was sealed with another key, or for something else") from error


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(hmac.new(key, b"argosy seal", hashlib.sha256).digest())
