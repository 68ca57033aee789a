"""Conditions of a status: set and removed by type, as Kubernetes' API conventions describe."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from argosy.resources.meta import Condition


class Conditions:
    """The conditions of one resource while they are worked out; `result` is what the status gets.

    A condition's time changes only when its status does.
    """

    def __init__(self, present: Iterable[Condition], *, generation: int, now: datetime) -> None:
        self._by_type = {condition.type: condition for condition in present}
        self._generation = generation
        self._now = now

    def set(self, type: str, status: bool | None, reason: str, message: str = "") -> None:
        """Set a condition; None is Unknown."""
        word = {True: "True", False: "False", None: "Unknown"}[status]
        before = self._by_type.get(type)
        since = before.last_transition_time if before is not None and before.status == word else self._now
        self._by_type[type] = Condition(
            type=type,
            status=word,
            reason=reason,
            message=message,
            observed_generation=self._generation,
            last_transition_time=since or self._now,
        )

    def remove(self, type: str) -> None:
        self._by_type.pop(type, None)

    def get(self, type: str) -> Condition | None:
        return self._by_type.get(type)

    @property
    def result(self) -> tuple[Condition, ...]:
        return tuple(self._by_type.values())
