"""What callers may do, and who they are: reviews that are answered and not kept.

Source: Kubernetes, `authorization.k8s.io/v1` and `authentication.k8s.io/v1`; `kubectl auth` asks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.body import read_object
from argosy.resources.meta import Json
from argosy.rules.authorization import Action, told
from argosy.store.principal import Principal, principal
from argosy.store.rights import Rights


@dataclass(frozen=True, slots=True)
class Review:
    """A kind of question."""

    group: str
    version: str
    plural: str
    kind: str

    @property
    def path(self) -> str:
        return f"/apis/{self.group}/{self.version}/{self.plural}"


AUTHORIZATION, AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"
ACCESS = Review(AUTHORIZATION, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview")
OTHERS = Review(AUTHORIZATION, "v1", "subjectaccessreviews", "SubjectAccessReview")
RULES = Review(AUTHORIZATION, "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview")
SELF = Review(AUTHENTICATION, "v1", "selfsubjectreviews", "SelfSubjectReview")
REVIEWS = (ACCESS, RULES, OTHERS, SELF)


class Access:
    """Answers reviews."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights

    @property
    def routes(self) -> list[Route]:
        """Where reviews are sent to."""
        endpoints = {ACCESS: self.own, RULES: self.rules, OTHERS: self.of_others, SELF: self.who}
        return [Route(review.path, endpoint, methods=["POST"]) for review, endpoint in endpoints.items()]

    async def own(self, request: Request) -> Response:
        """May the caller do this?"""
        data = await _question(request, ACCESS)
        return await self._allowed(data, principal.get())

    async def of_others(self, request: Request) -> Response:
        """May somebody else do this? Whoever asks needs the right to ask."""
        await self._rights.require("create", OTHERS.plural, group=OTHERS.group)
        data = await _question(request, OTHERS)
        spec = _part(data, "spec")
        user, groups = spec.get("user") or "", spec.get("groups") or []
        if not isinstance(user, str) or not isinstance(groups, list) or not (user or groups):
            raise Refused(400, "the review names nobody", advice="Set spec.user or spec.groups.")
        return await self._allowed(data, Principal(user, user=user, groups=frozenset(map(str, groups))))

    async def rules(self, request: Request) -> Response:
        """What may the caller do in a namespace?"""
        data = await _question(request, RULES)
        found, is_all = await self._rights.rules(str(_part(data, "spec").get("namespace") or ""), principal.get())
        of_resources, of_paths = told(found)
        status = {"resourceRules": of_resources, "nonResourceRules": of_paths, "incomplete": not is_all}
        return answer.json({**data, "status": status}, 201)

    async def who(self, request: Request) -> Response:
        """Who is the caller?"""
        data = await _question(request, SELF)
        caller = principal.get()
        info: dict[str, Json] = {"username": (caller.user or caller.actor) if caller else ""}
        if caller and caller.groups:
            info["groups"] = sorted(caller.groups)
        return answer.json({**data, "status": {"userInfo": info}}, 201)

    async def _allowed(self, data: dict[str, Json], who: Principal | None) -> Response:
        spec = _part(data, "spec")
        action = _action(_part(spec, "resourceAttributes"), _part(spec, "nonResourceAttributes"))
        return answer.json({**data, "status": {"allowed": await self._rights.allows(action, who)}}, 201)


def _action(resource: Mapping[str, Json], path: Mapping[str, Json]) -> Action:
    """What is asked about. Raises Refused (400) unless it is one thing."""
    if bool(resource) == bool(path):
        raise Refused(400, "the review asks about nothing, or about two things", advice="Set one kind of attributes.")
    if path:
        return Action(str(path.get("verb") or ""), path=str(path.get("path") or "/"))
    names = ("verb", "resource", "namespace", "name", "group", "subresource")
    return Action(*(str(resource.get(name) or "") for name in names))


async def _question(request: Request, review: Review) -> dict[str, Json]:
    data = await read_object(request)
    wanted = {"apiVersion": f"{review.group}/{review.version}", "kind": review.kind}
    if any(data.get(key, value) != value for key, value in wanted.items()):
        raise Refused(400, f"the body of the request is not a {review.kind}")
    return {**data, **wanted, "metadata": {"creationTimestamp": None}}


def _part(data: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}
