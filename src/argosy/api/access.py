"""What the caller may do, and who the caller is: reviews that are answered and not kept."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.body import read_object
from argosy.resources.meta import Json
from argosy.store.actor import actor


@dataclass(frozen=True, slots=True)
class Review:
    """A kind of question about the caller."""

    group: str
    version: str
    plural: str
    kind: str

    @property
    def path(self) -> str:
        return f"/apis/{self.group}/{self.version}/{self.plural}"


ACCESS = Review("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview")
SELF = Review("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview")
RULES = Review("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview")
REVIEWS = (ACCESS, RULES, SELF)


async def review_access(request: Request) -> Response:
    """May the caller do this? Whoever has the token may do everything."""
    data = await _question(request, ACCESS)
    status: dict[str, Json] = {"allowed": True, "reason": "the token of this server allows everything"}
    return answer.json({**data, "status": status}, 201)


async def review_rules(request: Request) -> Response:
    """What may the caller do? Whoever has the token may do everything."""
    data = await _question(request, RULES)
    status: dict[str, Json] = {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }
    return answer.json({**data, "status": status}, 201)


async def review_self(request: Request) -> Response:
    """Who is the caller?"""
    data = await _question(request, SELF)
    return answer.json({**data, "status": {"userInfo": {"username": actor.get()}}}, 201)


async def _question(request: Request, review: Review) -> dict[str, Json]:
    data = await read_object(request)
    wanted = {"apiVersion": f"{review.group}/{review.version}", "kind": review.kind}
    if any(data.get(key, value) != value for key, value in wanted.items()):
        raise Refused(400, f"the body of the request is not a {review.kind}")
    return {**data, **wanted, "metadata": {"creationTimestamp": None}}
