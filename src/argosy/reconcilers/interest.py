"""Which Stages want to hear of what: learnt from each Stage when it is looked at, so that no event makes a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from argosy.resources.meta import Key
from argosy.resources.stage import Stage


def named_by(stage: Stage) -> dict[Key, str]:
    """What a Stage names, which must exist for it to work; each with a phrase for when it does not."""
    named: dict[Key, str] = {}
    for request in stage.spec.requested_freight:
        name = request.origin.name
        named[Key("Warehouse", stage.namespace, name)] = f"Warehouse {name!r} does not exist"
        for upstream in request.sources.stages:
            named[Key("Stage", stage.namespace, upstream)] = f"upstream Stage {upstream!r} does not exist"
    template = stage.spec.promotion_template
    for step in template.spec.steps if template is not None else ():
        if step.task is not None:
            kind = step.task.kind or "PromotionTask"
            key = Key(kind, stage.namespace if kind == "PromotionTask" else "", step.task.name)
            named[key] = f"{kind} {step.task.name!r} does not exist"
    return named


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
