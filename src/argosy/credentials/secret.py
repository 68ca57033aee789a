"""Secrets: reading them, and choosing the one that is meant for a repository."""

from __future__ import annotations

import logging
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from argosy.errors import Invalid
from argosy.resources.meta import Json
from argosy.rules import git_url, image_url
from argosy.rules.pattern import regular_expression

_LOG = logging.getLogger(__name__)

CredentialFor = Literal["git", "image", "helm"]
"""The values of the label `kargo.akuity.io/cred-type` that name a kind of repository."""

_NORMALIZE: Mapping[CredentialFor, Callable[[str], str]] = MappingProxyType(
    {"git": git_url.normalize, "image": image_url.normalize, "helm": image_url.normalize_chart}
)


@dataclass(frozen=True, slots=True)
class SecretData:
    """A Secret's name, decoded values and annotations. The values show in no `repr`."""

    namespace: str
    name: str
    values: Mapping[str, str] = field(repr=False)
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)


def decode(document: Mapping[str, Json]) -> SecretData | None:
    """The Secret in a raw document; None when its data is missing or not base64 text."""
    meta = document.get("metadata") or {}
    try:
        values = {key: b64decode(text, validate=True).decode() for key, text in (document.get("data") or {}).items()}
    except (Base64Error, ValueError, TypeError, AttributeError):
        _LOG.warning("Secret %s/%s holds data that is not base64 text", meta.get("namespace"), meta.get("name"))
        return None
    annotations = meta.get("annotations") or {}
    return SecretData(meta.get("namespace", ""), meta.get("name", ""), values, annotations) if values else None


def normalized(kind: CredentialFor, url: str) -> str:
    """The spelling under which repositories of a kind are compared."""
    return _NORMALIZE[kind](url)


def choose(secrets: Iterable[SecretData], kind: CredentialFor, url: str) -> SecretData | None:
    """The first Secret whose `repoURL` is this repository, or a regular expression that finds something in it.

    As in Kargo (`pkg/credentials/kubernetes/database.go`): an expression is tried on the URL as written and as
    normalised, and one that cannot be read is passed over.
    """
    spellings = (url, normalized(kind, url))
    return next((secret for secret in secrets if _is_for(secret, kind, spellings)), None)


def _is_for(secret: SecretData, kind: CredentialFor, spellings: tuple[str, str]) -> bool:
    wanted = secret.values.get("repoURL")
    if wanted is None:
        return False
    if secret.values.get("repoURLIsRegex") != "true":
        return normalized(kind, wanted) == spellings[1]
    try:
        finds = regular_expression(wanted)
    except Invalid:
        _LOG.warning("Secret %s/%s: repoURL is not a regular expression (RE2)", secret.namespace, secret.name)
        return False
    return any(finds(spelling) for spelling in spellings)
