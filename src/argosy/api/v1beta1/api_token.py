"""API tokens over HTTP: made for a role, shown once, listed without what they are, deleted and useless at once.

As Kargo's (`pkg/server/rbac/roles.go`): each is a Secret of the type for tokens of ServiceAccounts. A cluster fills it
in; the embedded server issues the token itself and keeps its digest.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.authentication.api_token import DIGEST, TYPE, issue
from argosy.api.v1beta1.credential import REDACTED, encoded
from argosy.api.v1beta1.given import Given, Here
from argosy.api.v1beta1.listing import Asked, list_of, page
from argosy.api.v1beta1.scope import PROJECT, SYSTEM, Namespace, Verb, routes
from argosy.api.v1beta1.value import Body
from argosy.api.v1beta1.verb import NOTHING, delete
from argosy.api.view import list_meta
from argosy.clock import rfc3339
from argosy.errors import Conflict, Temporary
from argosy.resources.duration import Duration, parse_duration
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import TRUE, Annotation, Label
from argosy.resources.secret import Secret
from argosy.store.base import Operator, Requirement
from argosy.store.kubernetes import KUBERNETES

Role = Annotated[str, Path(description="Name of the role.")]
Name = Annotated[str, Path(alias="apitoken", description="Name of the token.")]
OfRole = Annotated[str, Query(alias="role", description="Only those of this role.")]

LONGEST = timedelta(days=3660)
_LABELED = Requirement(Label.API_TOKEN.value, Operator.IN, (TRUE,))
_PATIENCE = 10
_PAUSE = 0.2
_PUBLIC = ("ca.crt", "namespace")


class CreateAPITokenRequest(Body):
    """A new token."""

    name: str = Field("", description="Its name.")
    expiresIn: Duration = Field("", description="After which it is good no more, such as `720h`; never when empty.")  # noqa: N815


async def create_api_token(here: Here, namespace: Namespace, role: Role, body: CreateAPITokenRequest) -> Response:
    """Create an API token {}.

    The answer has the token under `data.token`, encoded with base64. It cannot be had again.
    """
    if not body.name:
        raise Refused(400, "name should not be empty")
    account = await _account(here, namespace, role)
    document = _document(account, body.name)
    is_clustered = here.backend.settings.store_url.startswith(KUBERNETES)
    if body.expiresIn:
        if is_clustered:
            raise Refused(400, "a cluster's tokens do not expire", advice="Delete it, or use `kubectl create token`.")
        document["metadata"]["annotations"][Annotation.EXPIRES.value] = _end(here, body.expiresIn)
    if is_clustered:
        await here.backend.store.create(document)
        return answer.json((await _filled(here, Key("Secret", namespace, body.name))).raw, 201)
    issued = issue(namespace, body.name)
    created = await here.backend.store.create({**document, "data": {DIGEST: encoded(issued.digest)}})
    return answer.json({**created.data, "data": {"token": encoded(issued.token)}}, 201)


async def _account(here: Given, namespace: str, role: str) -> Document:
    """The ServiceAccount of a role. Raises NotFound; Refused (400) for one of the system that is no role."""
    account = await here.backend.store.get(Key("ServiceAccount", namespace, role))
    is_of_system = namespace == here.backend.settings.system_namespace
    if is_of_system and (account.meta.get("labels") or {}).get(Label.SYSTEM_ROLE) != TRUE:
        raise Refused(
            400, f'ServiceAccount "{role}" in namespace "{namespace}" is not labeled as a system-level Kargo role'
        )
    return account


def _document(account: Document, name: str) -> dict[str, Any]:
    """The Secret, which goes when its account does."""
    key = account.key
    owner = {"apiVersion": "v1", "kind": "ServiceAccount", "name": key.name, "uid": account.uid}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": key.namespace,
            "labels": {Label.API_TOKEN.value: TRUE},
            "annotations": {
                Annotation.ACCOUNT_NAME.value: key.name,
                Annotation.ACCOUNT_UID.value: account.uid,
                Annotation.MANAGED.value: TRUE,
            },
            "ownerReferences": [owner],
        },
        "type": TYPE,
    }


def _end(here: Given, duration: str) -> str:
    seconds = parse_duration(duration)
    if not 0 < seconds <= LONGEST.total_seconds():
        raise Refused(400, "expiresIn must be more than nothing, and ten years at most")
    return rfc3339(here.clock.now() + timedelta(seconds=seconds))


async def _filled(here: Given, key: Key) -> Document:
    """The Secret once the cluster has put the token into it. Raises Temporary when that takes too long."""
    for _ in range(_PATIENCE):
        found = await here.backend.store.get(key)
        if (found.data.get("data") or {}).get("token"):
            return found
        await here.clock.sleep(_PAUSE)
    raise Temporary(f"the cluster has put no token into {key}", advice="Delete it; see whether its controllers run.")


async def list_api_tokens(here: Here, namespace: Namespace, asked: Asked, role: OfRole = "") -> Response:
    """List API tokens {}.

    By name, without what they are.
    """
    if role:
        await here.backend.store.get(Key("ServiceAccount", namespace, role))
    query = asked.query("Secret", namespace)
    found = await page(here, replace(query, labels=(*query.labels, _LABELED)), asked)
    items = [
        _redacted(document)
        for document in found.documents
        if _is_token(document) and role in ("", _annotations(document).get(Annotation.ACCOUNT_NAME))
    ]
    return answer.json({"apiVersion": "v1", "kind": "SecretList", "metadata": list_meta(found), "items": items})


async def get_api_token(here: Here, namespace: Namespace, name: Name) -> Response:
    """Get an API token {}.

    Without what it is.
    """
    found = await here.backend.store.get(Key("Secret", namespace, name))
    if not _is_token(found):
        raise Refused(400, f'Kubernetes Secret "{name}" in namespace "{namespace}" is not labeled as a Kargo API token')
    return answer.json(_redacted(found))


async def delete_api_token(here: Here, namespace: Namespace, name: Name) -> Response:
    """Delete an API token {}.

    From now on it lets nobody in.
    """
    found = await here.backend.store.get(Key("Secret", namespace, name))
    annotations = _annotations(found)
    faults = {
        "is not an API token": not _is_token(found),
        "belongs to no ServiceAccount": Annotation.ACCOUNT_NAME not in annotations,
        "is not managed by Kargo": annotations.get(Annotation.MANAGED) != TRUE,
    }
    for told, is_so in faults.items():
        if is_so:
            raise Conflict(f'Kubernetes Secret "{name}" in namespace "{namespace}" {told}')
    return await delete(here, found.key)


def _is_token(document: Document) -> bool:
    return document.data.get("type") == TYPE and (document.meta.get("labels") or {}).get(Label.API_TOKEN) == TRUE


def _annotations(document: Document) -> dict[str, str]:
    return document.meta.get("annotations") or {}


def _redacted(document: Document) -> dict[str, Json]:
    """What is told of a token, which is not the token."""
    kept: dict[str, str] = document.data.get("data") or {}
    shown = {key: kept[key] for key in _PUBLIC if key in kept}
    return {**document.data, "data": {**shown, "token": encoded(REDACTED)}}


_ALL, _ONE = "/api-tokens", "/api-tokens/{apitoken}"

router = routes(
    (PROJECT, SYSTEM),
    (
        Verb("POST", "/roles/{role}/api-tokens", "create_{}_api_token", create_api_token, Secret, 201),
        Verb("GET", _ALL, "list_{}_api_tokens", list_api_tokens, list_of("Secret")),
        Verb("GET", _ONE, "get_{}_api_token", get_api_token, Secret),
        Verb("DELETE", _ONE, "delete_{}_api_token", delete_api_token, None, NOTHING),
    ),
    ("Rbac", "Credentials"),
)
