"""Rights where a cluster keeps the resources: its API server is asked, and what it said holds for a moment.

How long is as with an API server's own authorisation webhooks, but shorter: what was allowed may have been taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from argosy.clock import Clock
from argosy.resources.meta import Document, Key
from argosy.resources.role import PolicyRule
from argosy.rules.authorization import Action, Subject
from argosy.store.rights_kept import KINDS

ALLOWED, REFUSED = 10.0, 5.0
"""Seconds for which an answer holds."""

MOST = 10_000
"""Answers that are remembered."""


class Reviewer(Protocol):
    """Asks a cluster."""

    async def allows(self, subject: Subject, action: Action) -> bool:
        """Raises what its connection raises."""
        ...


class ClusterRights:
    """An `Authorizer` that asks a cluster."""

    def __init__(self, reviewer: Reviewer, clock: Clock) -> None:
        self._reviewer = reviewer
        self._clock = clock
        self._answers: dict[tuple[Subject, Action], tuple[bool, float]] = {}

    async def allows(self, subject: Subject, action: Action) -> bool:
        """What was answered a moment ago, or is answered now."""
        key, now = (subject, action), self._clock.monotonic()
        answers = self._answers
        known = answers.get(key)
        if known is not None and now < known[1]:
            return known[0]
        allowed = await self._reviewer.allows(subject, action)
        answers.pop(key, None)
        if len(answers) >= MOST:
            answers.pop(next(iter(answers)))  # the oldest
        answers[key] = (allowed, now + (ALLOWED if allowed else REFUSED))
        return allowed

    async def rules(self, subject: Subject, namespace: str) -> Sequence[PolicyRule] | None:
        """Nobody can list what somebody else may do in a cluster."""
        return None

    def learn(self, document: Document) -> None:
        """What was answered before a role was written holds no more."""
        self.forget(document.key)

    def forget(self, key: Key) -> None:
        """What was answered before a role went holds no more."""
        if key.kind in KINDS:
            self._answers = {}  # another one: whoever waits for an answer now keeps it in the one that is gone

    async def run(self) -> None:
        """The cluster keeps itself up to date."""
