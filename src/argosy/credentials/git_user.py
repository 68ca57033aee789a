"""The Git user: who makes commits when a step names nobody, and the key that signs them.

As in Kargo (`pkg/promotion/git_user_resolver.go`): `gitClient` of the ClusterConfig, which may name a Secret with a
signing key, before what the operator set.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from argosy.credentials.secret import decode
from argosy.errors import Permanent
from argosy.resources.cluster_config import GitClientConfig
from argosy.resources.meta import Json
from argosy.resources.names import CLUSTER_CONFIG_NAME

SYSTEM_NAMESPACE = "kargo-system-resources"
"""Where Secrets of the whole installation are: the name that Kargo's chart gives."""

_KEY = "signingKey"


@dataclass(frozen=True, slots=True)
class GitUser:
    """A name, an e-mail address, and a private key to sign with, empty for none; it shows in no `repr`."""

    name: str
    email: str
    signing_key: str = field(default="", repr=False)


Read = Callable[[str, str, str], Awaitable[Mapping[str, Json] | None]]


async def git_user(read: Read, fallback: GitUser, system_namespace: str = SYSTEM_NAMESPACE) -> GitUser:
    """Who commits now.

    Args:
        read: gives the document of a kind, a namespace and a name; None for one that is not there.
        fallback: what the operator set.

    Raises Permanent when the ClusterConfig is not understood, or the Secret that it names not there or without a key.
    """
    client = _client(await read("ClusterConfig", "", CLUSTER_CONFIG_NAME), fallback)
    if client is None:
        return fallback
    name, email = client.name, client.email
    reference = client.signing_key_secret.name if client.signing_key_secret is not None else ""
    if not reference:
        return GitUser(name, email, fallback.signing_key)
    secret = decode(await read("Secret", system_namespace, reference) or {})
    key = secret.values.get(_KEY, "") if secret else ""
    if not key:
        raise Permanent(
            f"the Secret {system_namespace}/{reference}, which the ClusterConfig names, holds no {_KEY}",
            advice=f"Make the Secret with a private key as {_KEY}, or take signingKeySecret out of the ClusterConfig.",
        )
    return GitUser(name, email, key)


def _client(config: Mapping[str, Json] | None, fallback: GitUser) -> GitClientConfig | None:
    """What a ClusterConfig says. Raises Permanent for one of another form, as looser definitions let in."""
    spec = (config or {}).get("spec") or {}
    try:
        client = dict(spec.get("gitClient") or {})
        names = {name: client.get(name) or getattr(fallback, name) for name in ("name", "email")}
        return GitClientConfig.model_validate({**client, **names}) if client else None
    except (AttributeError, TypeError, ValueError):  # ValidationError is a ValueError; it would quote what it was given
        raise Permanent(
            "gitClient of the ClusterConfig is not understood",
            advice="Correct it: it has name, email and signingKeySecret; `argosy lint` tells what is wrong with it.",
        ) from None
