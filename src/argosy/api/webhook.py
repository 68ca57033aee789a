"""Admission webhooks: a cluster's API server asks here before it keeps what somebody wrote.

The rules are those of the embedded server (`store.admittance`). What refuses a request is told as there, so that
kubectl shows the same.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.body import parse_json, read_body
from argosy.errors import ArgosyError, Denied
from argosy.resources.kind import Kind
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.rules import webhook as rules
from argosy.rules.authorization import PROMOTING, Action, Subject, promoting
from argosy.rules.webhook import Caller, ControlPlane
from argosy.store.actor import actor
from argosy.store.admittance import Admittance

log = logging.getLogger(__name__)

Data = dict[str, Any]
MOST_BYTES = 16 << 20
"""An API server sends at most the old and the new form of one resource, each of some megabytes."""

_KINDS = {kind.singular: kind for kind in KINDS.values() if kind.group == KARGO} | {rules.REPLICA: KINDS["Secret"]}


class Authority(Protocol):
    """Who is asked whether somebody may promote."""

    async def allows(self, subject: Subject, action: Action) -> bool:
        """Raises as the connection to the cluster does."""
        ...


class Review:
    """What an API server asks: an `AdmissionReview` of version v1. Raises Refused (400) for what is none."""

    def __init__(self, body: Json, kind: Kind) -> None:
        request = body.get("request") if isinstance(body, dict) else None
        if not isinstance(request, dict) or not isinstance(request.get("uid"), str):
            raise Refused(400, "the body is no AdmissionReview with a request")
        self.kind = kind
        self.uid: str = request["uid"]
        self.operation = str(request.get("operation") or "")
        self.is_status = request.get("subResource") == "status"
        self.dry_run = request.get("dryRun") is True
        self.caller = Caller.of(_user(request))
        self.manager = str(_object(request.get("options")).get("fieldManager") or "")
        self.namespace = str(request.get("namespace") or "") if kind.namespaced else ""
        self.name = str(request.get("name") or "")
        self.new = self._document(request.get("object"))
        self.old = self._document(request.get("oldObject"))

    def _document(self, value: Json) -> Data:
        found = _object(value)
        if found and self.namespace:
            found = {**found, "metadata": {**_object(found.get("metadata")), "namespace": self.namespace}}
        return found

    @property
    def key(self) -> Key:
        return Key(self.kind.name, self.namespace, self.name)

    @property
    def before(self) -> Document | None:
        return Document.of(self.old) if self.old else None


class Webhooks:
    """Answers `/mutate/KIND` and `/validate/KIND`.

    Args:
        admit: the rules, and what they read.
        authority: says who may promote.
        control_plane: says whose writes pass, as they were admitted already.
    """

    def __init__(self, admit: Admittance, authority: Authority, control_plane: ControlPlane) -> None:
        self._admit = admit
        self._authority = authority
        self._control_plane = control_plane

    @property
    def app(self) -> Starlette:
        """The ASGI application; its `state.closing` is an event to set when the server ends."""
        routes = [
            Route(f"/validate/{rules.REPLICA}", self._endpoint(_validate_replica), methods=["POST"]),
            Route("/mutate/{kind}", self._endpoint(self._mutate), methods=["POST"]),
            Route("/validate/{kind}", self._endpoint(self._validate), methods=["POST"]),
            Route("/healthz", _live),
        ]
        app = Starlette(routes=routes)
        app.state.closing = asyncio.Event()
        return app

    def _endpoint(self, decide: Callable[[Review], Awaitable[list[Data]]]) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            kind = _KINDS.get(request.path_params.get("kind", rules.REPLICA))
            if kind is None:
                return answer.failure(Refused(404, "there are no webhooks for this kind"))
            try:
                review = Review(parse_json(await read_body(request, MOST_BYTES)), kind)
            except Refused as error:
                return answer.failure(error)
            return answer.json(await self._answer(review, decide))

        return serve

    async def _answer(self, review: Review, decide: Callable[[Review], Awaitable[list[Data]]]) -> Data:
        token = actor.set(review.caller.actor)
        try:
            changes = [] if self._control_plane.includes(review.caller, review.manager) else await decide(review)
            return _allowed(review, changes)
        except ArgosyError as error:
            return _refused(review, error)
        except Exception as error:
            log.error("a webhook failed unexpectedly", exc_info=error)
            return _refused(review, Refused(500, "an internal error occurred", advice="Look at the log of Argosy."))
        finally:
            actor.reset(token)

    async def _mutate(self, review: Review) -> list[Data]:
        """What must become of a document before it is kept, as a JSON patch. Raises what the rules refuse it with."""
        if self._passes(review):
            return []
        return rules.patch(review.new, await self._admit.complete(review.before, review.new))

    async def _validate(self, review: Review) -> list[Data]:
        """The last word on a document, after all webhooks that change it. Raises as `_mutate`, and Denied."""
        if review.kind.name in PROMOTING:
            await self._may_promote(review)
        if review.operation == "DELETE":
            if not review.caller.collects:  # what goes with its namespace is in nobody's way
                await self._admit.release(review.key)
        elif review.is_status:
            if not review.dry_run:
                await self._admit.tell(review.before, Document.of(review.new))
        elif not self._passes(review):
            await self._admit.complete(review.before, review.new)
            if review.operation == "CREATE":
                await self._effects(review)
        return []

    async def _effects(self, review: Review) -> None:
        if not review.dry_run:
            await self._admit.prepare(review.new)
            await self._admit.tell(None, Document.of(review.new))

    def _passes(self, review: Review) -> bool:
        """Whether nothing is to be said: no document, or one that is only let go."""
        return not review.new or rules.only_released(review.old, review.new)

    async def _may_promote(self, review: Review) -> None:
        """Who writes Promotions may promote to their Stages (`promotion/webhook.go` in Kargo). Raises Denied."""
        if review.caller.collects:
            return
        stage = str(_object((review.new or review.old).get("spec")).get("stage") or "")
        if await self._authority.allows(review.caller.subject, promoting(review.namespace, stage)):
            return
        raise Denied(
            f"{review.caller.name!r} may not {review.operation.lower()} Promotions to Stage {stage!r}",
            advice=f"Let a Role grant the verb `promote` on {review.namespace}'s stages.",
        )


async def _validate_replica(review: Review) -> list[Data]:
    """Only Argosy changes what it copies from shared namespaces (`replicatedresource/webhook.go` in Kargo).

    Raises Denied for everybody else, but for administrators of the cluster, and for what deletes a whole Namespace.
    """
    collects = review.operation == "DELETE" and review.caller.collects
    if collects or review.caller.is_administrator:
        return []
    raise Denied(
        "this is a copy that Argosy keeps up to date", advice="Change the Secret or ConfigMap that it is a copy of."
    )


def _allowed(review: Review, changes: list[Data]) -> Data:
    response: Data = {"uid": review.uid, "allowed": True}
    if changes:
        response |= {"patchType": "JSONPatch", "patch": base64.b64encode(orjson.dumps(changes)).decode()}
    return _review(response)


def _refused(review: Review, error: ArgosyError) -> Data:
    told = answer.status(error, review.kind, review.name)
    return _review({"uid": review.uid, "allowed": False, "status": told})


def _review(response: Data) -> Data:
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}


def _user(request: Data) -> Data:
    """Who asks. Raises Refused (400) for what is no UserInfo."""
    user = _object(request.get("userInfo"))
    if not isinstance(user.get("groups") or [], list) or not isinstance(user.get("extra") or {}, dict):
        raise Refused(400, "the request's userInfo has groups or extra of another form")
    return user


def _object(value: Json) -> Data:
    return value if isinstance(value, dict) else {}


async def _live(_: Request) -> Response:
    return Response("ok", media_type="text/plain")
