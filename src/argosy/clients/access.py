"""Who may do what in a cluster, and who we are there: its API server is asked."""

from __future__ import annotations

import orjson

from argosy.clients.kubernetes_connection import Connection
from argosy.rules.authorization import Action, Subject, access_review


class ClusterAccess:
    """Asks through a connection. Raises what the connection raises, Denied where we may not ask."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def allows(self, subject: Subject, action: Action) -> bool:
        """Whether somebody may do something."""
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        told = await self._connection.send("POST", path, content=orjson.dumps(access_review(subject, action)))
        return (told.get("status") or {}).get("allowed") is True

    async def own_name(self) -> str:
        """The user that we are."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        told = await self._connection.send("POST", path, content=orjson.dumps(review))
        return str(((told.get("status") or {}).get("userInfo") or {}).get("username") or "")
