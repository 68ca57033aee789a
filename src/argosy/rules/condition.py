"""Conditions of a status: set and removed by type, as Kubernetes' API conventions describe."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from argosy.resources.meta import Condition

LONGEST_MESSAGE = 32_768
"""Bytes that Kubernetes allows a condition's message."""

CUT = " ... (truncated)"


class Conditions:
    """The conditions of one resource while they are worked out; `result` is what the status gets.

    A condition's time changes only when its status does, also when it was removed in between and set again. Conditions
    keep their order, new ones come last, so that nothing differs when nothing has changed.
    """

    def __init__(self, present: Iterable[Condition], *, generation: int, now: datetime) -> None:
        self._before = {condition.type: condition for condition in present}
        self._by_type: dict[str, Condition | None] = dict(self._before)
        self._generation = generation
        self._now = now

    def set(self, type: str, status: bool | None, reason: str, message: str = "") -> None:
        """Set a condition; None is Unknown."""
        word = {True: "True", False: "False", None: "Unknown"}[status]
        before = self._before.get(type)
        since = before.last_transition_time if before is not None and before.status == word else self._now
        self._by_type[type] = Condition(
            type=type,
            status=word,
            reason=reason,
            message=_shortened(message),
            observed_generation=self._generation,
            last_transition_time=since or self._now,
        )

    def remove(self, type: str) -> None:
        if type in self._by_type:
            self._by_type[type] = None

    def get(self, type: str) -> Condition | None:
        return self._by_type.get(type)

    @property
    def result(self) -> tuple[Condition, ...]:
        return tuple(condition for condition in self._by_type.values() if condition is not None)


def _shortened(message: str) -> str:
    written = message.encode()
    if len(written) <= LONGEST_MESSAGE:
        return message
    return written[: LONGEST_MESSAGE - len(CUT)].decode(errors="ignore") + CUT
