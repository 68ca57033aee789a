"""Stages: their variables, templates and verification arguments."""

from __future__ import annotations

from collections.abc import Iterator

from argosy.engine import vocabulary
from argosy.errors import suggestion
from argosy.expressions import Vocabulary
from argosy.lint.artifact import Subscriptions
from argosy.lint.base import Finding, Manifests, Place
from argosy.lint.expression import within
from argosy.lint.known import UNKNOWN, Knowledge
from argosy.lint.step import Steps, alias_of, with_variable


def findings(manifests: Manifests) -> Iterator[Finding]:
    """Everything about the templates of Stages, and of tasks that no Stage uses."""
    used: set[int] = set()
    for place in manifests.of("Stage"):
        yield from _stage(manifests, place, used)
    for kind in ("PromotionTask", "ClusterPromotionTask"):
        for place in manifests.of(kind):
            if id(place.manifest) not in used:
                yield from _alone(place)


def _stage(manifests: Manifests, place: Place, used: set[int]) -> Iterator[Finding]:
    key = place.manifest.key
    spec = place / "spec"
    known = Knowledge({}, {"stage": key.name, "project": key.namespace})
    for each in (spec / "vars").items():
        yield from within(each / "value", _variables(known))
        known = with_variable(known, each)
    args = vocabulary.VERIFICATION.extended(vars=dict.fromkeys(known.variables))
    yield from within(spec / "verification" / "args", args)
    template = spec / "promotionTemplate" / "spec"
    for each in (template / "vars").items():
        yield from within(each / "value", _variables(known))
        known = with_variable(known, each)
    subscriptions = Subscriptions.of(manifests, place)
    steps = Steps(known, later=_aliases(template))
    for index, each in enumerate((template / "steps").items()):
        alias = alias_of(each, index)
        if isinstance(each.value, dict) and each.value.get("task"):
            yield from _task(manifests, each, alias, steps, used)
        else:
            yield from steps.check(each, alias)
        yield from subscriptions.findings(each, steps.knowledge)


def _task(manifests: Manifests, place: Place, alias: str, steps: Steps, used: set[int]) -> Iterator[Finding]:
    """A reference to a task, and the task's steps as this template runs them."""
    steps.later.discard(alias)
    known = steps.knowledge
    names = vocabulary.STEP_VARIABLES.extended(vars=dict.fromkeys(known.variables), outputs=steps.outputs)
    yield from within(place / "vars", names, steps.told)
    task = _referenced(manifests, place)
    if task is None:
        yield _missing(manifests, place)
        steps.outputs[alias] = None
        return
    used.add(id(task.manifest))
    yield from _passed(place, task, known)
    for name, each in _named(task / "spec" / "vars").items():
        if name not in known.variables:
            known = with_variable(known, each)
    for each in (place / "vars").items():
        known = with_variable(known, each)
    inner = Steps(known, task=alias, outputs=steps.outputs, later=_aliases(task / "spec"))
    for index, each in enumerate((task / "spec" / "steps").items()):
        yield from inner.check(each, alias_of(each, index))


def _alone(place: Place) -> Iterator[Finding]:
    """A task that no Stage in these files uses: others may supply variables."""
    known = Knowledge({}, {})
    for each in (place / "spec" / "vars").items():
        known = with_variable(known, each)
    declared = dict.fromkeys(known.variables, UNKNOWN)  # a Stage may give them other values
    steps = Steps(Knowledge(declared, {}), open=True, task="task", later=_aliases(place / "spec"))
    for index, each in enumerate((place / "spec" / "steps").items()):
        yield from steps.check(each, alias_of(each, index))


def _variables(known: Knowledge) -> Vocabulary:
    return vocabulary.VARIABLES.extended(vars=dict.fromkeys(known.variables))


def _named(place: Place) -> dict[str, Place]:
    """The variables of a list, by name; what is none is told of where the manifest is checked."""
    listed = [each for each in place.items() if isinstance(each.value, dict)]
    return {name: each for each in listed if isinstance(name := each.value.get("name"), str)}


def _aliases(place: Place) -> set[str]:
    return {alias_of(each, index) for index, each in enumerate((place / "steps").items())}


def _referenced(manifests: Manifests, place: Place) -> Place | None:
    kind, name = _reference(place)
    return manifests.get(kind, place.manifest.key.namespace if kind == "PromotionTask" else "", name)


def _reference(place: Place) -> tuple[str, str]:
    task = place.value.get("task")
    reference = task if isinstance(task, dict) else {}
    return str(reference.get("kind") or "PromotionTask"), str(reference.get("name") or "")


def _missing(manifests: Manifests, place: Place) -> Finding:
    kind, name = _reference(place)
    near = suggestion(name, [each.manifest.key.name for each in manifests.of(kind)])
    return (place / "task").absent("unknown-task", kind, name, near)


def _passed(place: Place, task: Place, known: Knowledge) -> Iterator[Finding]:
    """Variables that a task needs and does not get, and those that it gets and does not know."""
    declared = {variable: each.value.get("value") for variable, each in _named(task / "spec" / "vars").items()}
    given = _named(place / "vars")
    name = task.manifest.key.name
    for variable, default in declared.items():
        if (
            not default
            and variable not in known.variables
            and not (variable in given and given[variable].value.get("value"))
        ):
            advice = f"Add `- name: {variable}` with a value to the step's vars."
            yield place.error("task-variable", f"task {name!r} needs a value for its variable {variable!r}", advice)
    for variable, where in given.items():
        if declared and variable not in declared:
            told = f"task {name!r} declares no variable {variable!r}"
            yield where.warning("task-variable", told, suggestion(variable, declared))
