"""API tokens of the embedded server: as good as the ServiceAccount they are bound to, until their Secret is deleted.

On a cluster the API server issues such tokens and knows them. Here the Secret keeps only a digest of the token, so that
neither reading Secrets nor a copy of the database gives one away. A token is 256 random bits: its digest needs no salt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from argosy.api.authentication.base import unauthorized
from argosy.clock import Clock, parse_rfc3339
from argosy.resources.meta import Key
from argosy.resources.names import TRUE, Annotation, EventActor, Label
from argosy.resources.secret import Secret
from argosy.store.base import Store
from argosy.store.principal import Principal
from argosy.store.typed import find

PREFIX = "argosy_"
"""What every token begins with, by which scanners for leaked secrets find it."""

TYPE = "kubernetes.io/service-account-token"
DIGEST = "token-sha256"
"""The key of the digest in the Secret."""

_BYTES = 32


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, and the digest to keep of it."""

    token: str
    digest: str


def issue(namespace: str, name: str) -> Issued:
    """A token for the Secret `namespace/name` to keep the digest of."""
    place = base64.urlsafe_b64encode(f"{namespace}/{name}".encode()).decode().rstrip("=")
    token = f"{PREFIX}{place}.{secrets.token_urlsafe(_BYTES)}"
    return Issued(token, digest(token))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def account(namespace: str, name: str) -> Principal:
    """Who acts as a ServiceAccount, with the names that Kubernetes has for it."""
    user = f"system:serviceaccount:{namespace}:{name}"
    groups = frozenset({"system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"})
    return Principal(f"{EventActor.KUBERNETES_USER}{user}", user=user, groups=groups)


class ApiTokens:
    """Knows the tokens that `issue` made and Secrets keep the digests of.

    Args:
        store: where they are kept; asked for every request, so that a deleted token is refused at once.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def principal(self, token: str) -> Principal | None:
        if not token.startswith(PREFIX):
            return None
        namespace, name = _place(token)
        kept = await find(self._store, Key("Secret", namespace, name))
        secret = kept.understood(Secret) if kept else None
        if secret is None or not self._is_good(secret, token):
            raise unauthorized("invalid token")
        bound = secret.metadata.annotations.get(Annotation.ACCOUNT_NAME, "")
        found = await find(self._store, Key("ServiceAccount", namespace, bound))
        if found is None or found.uid != secret.metadata.annotations.get(Annotation.ACCOUNT_UID):
            raise unauthorized("invalid token")
        return account(namespace, bound)

    def _is_good(self, secret: Secret, token: str) -> bool:
        meta = secret.metadata
        if secret.type != TYPE or meta.labels.get(Label.API_TOKEN) != TRUE or meta.deletion_timestamp:
            return False
        try:
            known = secret.values.get(DIGEST, b"")
            until = meta.annotations.get(Annotation.EXPIRES, "")
            is_expired = bool(until) and self._clock.now() >= parse_rfc3339(until)
        except ValueError:
            return False
        return hmac.compare_digest(known, digest(token).encode()) and not is_expired


def _place(token: str) -> tuple[str, str]:
    """The namespace and name of the Secret that a token is of. Raises Refused (401)."""
    encoded = token.removeprefix(PREFIX).partition(".")[0]
    try:
        place = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise unauthorized("invalid token") from None
    namespace, _, name = place.partition("/")
    if not namespace or not name:
        raise unauthorized("invalid token")
    return namespace, name
