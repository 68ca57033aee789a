"""What admission asks of a PromotionRequest: a Stage that selects Targets, and Targets that are there.

Behaviour follows Kargo's `pkg/webhook/kubernetes/promotionrequest/webhook.go`. Whether the Stage selects these Targets
is not asked: a request keeps what it selected when the request was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from argosy.errors import Invalid, Problem
from argosy.resources.meta import Json, Key
from argosy.resources.promotion_request import PromotionRequest
from argosy.resources.stage import Stage
from argosy.store.base import Query, Store
from argosy.store.typed import find_as


class PromotionRequestChecks:
    """Checks what PromotionRequests refer to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def check(self, data: Mapping[str, Any]) -> None:
        """Raises Invalid with every fault at once."""
        request = PromotionRequest.model_validate(data)
        problems = [*await self._stage_problems(request), *await self._target_problems(request)]
        if problems:
            raise Invalid(f"PromotionRequest {request.name!r} is invalid", problems)

    async def check_change(self, old: Mapping[str, Json], data: Mapping[str, Any]) -> None:
        """Raises Invalid as `check`; what refers to nothing new is not looked at, so that it can be let go."""
        if old.get("spec") != data.get("spec"):
            await self.check(data)

    async def _stage_problems(self, request: PromotionRequest) -> list[Problem]:
        name = request.spec.stage
        stage = await find_as(self._store, Key("Stage", request.namespace, name), Stage)
        if stage is None:
            message = f"Stage {name!r} does not exist in namespace {request.namespace!r}"
            return [Problem(message, "spec.stage", advice="Create it first.")]
        if stage.spec.targets is None:
            message = f"Stage {name!r} does not select Targets"
            return [Problem(message, "spec.stage", advice="Promote to it by a Promotion instead.")]
        return []

    async def _target_problems(self, request: PromotionRequest) -> list[Problem]:
        if not request.spec.targets:
            return []
        found = (await self._store.list(Query("Target", request.namespace))).documents
        return [*_missing(request, frozenset(document.key.name for document in found))]


def _missing(request: PromotionRequest, present: frozenset[str]) -> Iterator[Problem]:
    for index, target in enumerate(request.spec.targets):
        if target.name not in present:
            message = f"Target {target.name!r} does not exist in namespace {request.namespace!r}"
            yield Problem(message, f"spec.targets[{index}].name", advice="Create it first, or leave it out.")
