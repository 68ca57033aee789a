"""Whose a bearer token is, as the API server of a cluster knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from argosy.clients.kubernetes_connection import Connection

_PATH = "/apis/authentication.k8s.io/v1/tokenreviews"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody that a cluster knows."""

    name: str
    groups: frozenset[str]
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


async def review(connection: Connection, token: str) -> User | None:
    """Whose token it is; None when the cluster does not know it. Raises what the connection raises."""
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    told = await connection.send("POST", _PATH, content=orjson.dumps(asked))
    status: dict[str, Any] = told.get("status") or {}
    user: dict[str, Any] = status.get("user") or {}
    if status.get("authenticated") is not True or status.get("error") or not user.get("username"):
        return None
    extra = tuple((key, tuple(map(str, values or ()))) for key, values in (user.get("extra") or {}).items())
    groups = frozenset(str(group) for group in user.get("groups") or ())
    return User(str(user["username"]), groups, str(user.get("uid") or ""), extra)
