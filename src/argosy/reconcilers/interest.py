"""Which Stages want to hear of what: learnt from each Stage when it is looked at, so that no event makes a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from argosy.resources.meta import Key


class Interests:
    """Stages by what concerns them.

    Complete because every Stage is looked at once at the start and after every change of its spec, and learns before
    it reads: whatever happens to a subject later reaches it.
    """

    def __init__(self) -> None:
        self._subjects: dict[Key, frozenset[Key]] = {}
        self._stages: dict[Key, set[Key]] = defaultdict(set)

    def learn(self, stage: Key, subjects: Iterable[Key]) -> None:
        """From now on, `subjects` and nothing else concern `stage`."""
        wanted = frozenset(subjects)
        before = self._subjects.get(stage, frozenset())
        for subject in before - wanted:
            self._stages[subject].discard(stage)
            if not self._stages[subject]:
                del self._stages[subject]
        for subject in wanted - before:
            self._stages[subject].add(stage)
        if wanted:
            self._subjects[stage] = wanted
        else:
            self._subjects.pop(stage, None)

    def of(self, subject: Key) -> list[Key]:
        """The Stages that `subject` concerns, in order."""
        return sorted(self._stages.get(subject, ()))
