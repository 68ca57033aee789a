"""Promotion templates: steps with aliases, tasks replaced by their steps.

Behaviour follows `InflateSteps` in Kargo's `pkg/api/promotion.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from argosy.errors import Invalid, Problem
from argosy.resources.step import ExpressionVariable, PromotionStep, PromotionTaskReference

SEPARATOR = "::"

Tasks = Mapping[PromotionTaskReference, tuple[Sequence[ExpressionVariable], Sequence[PromotionStep]]]
"""Variables and steps of each task that is referenced."""


def task_of(alias: str) -> str:
    """The alias of the task that a step came from; empty for a step of the template itself."""
    return split_alias(alias)[0]


def split_alias(alias: str) -> tuple[str, str]:
    """The alias of the task that a step came from, and its own there.

    The first is empty for a step of the template itself, and when there is more than one `::`, as in Kargo.
    """
    parts = alias.split(SEPARATOR)
    return (parts[0], parts[1]) if len(parts) == 2 else ("", alias)


def references(steps: Iterable[PromotionStep]) -> list[PromotionTaskReference]:
    """The tasks that `steps` need, each once."""
    return list(dict.fromkeys(step.task for step in steps if step.task is not None))


def inflate(
    steps: Sequence[PromotionStep], variables: Sequence[ExpressionVariable], tasks: Tasks
) -> tuple[PromotionStep, ...]:
    """Every step with its alias, and the steps of tasks in place of the references to them.

    Raises Invalid, naming every variable of a task that nobody gave a value.
    """
    given = {variable.name for variable in variables if variable.value}
    inflated: list[PromotionStep] = []
    problems: list[Problem] = []
    for index, step in enumerate(steps):
        alias = step.alias(index)
        if step.task is None:
            inflated.append(step.model_copy(update={"as_": alias}))
            continue
        declared, inner = tasks[step.task]
        problems.extend(_missing(step, declared, given, f"spec.promotionTemplate.spec.steps[{index}].vars"))
        passed = (*_defaults(declared, given), *step.vars)
        inflated.extend(
            item.model_copy(update={"as_": f"{alias}{SEPARATOR}{item.alias(number)}", "vars": (*passed, *item.vars)})
            for number, item in enumerate(inner)
        )
    if problems:
        raise Invalid("the promotion template cannot be used", problems)
    return tuple(inflated)


def _defaults(declared: Iterable[ExpressionVariable], given: set[str]) -> list[ExpressionVariable]:
    """Defaults of a task's variables, but those that the Stage or template sets: they are stronger."""
    return [variable for variable in declared if variable.name not in given and variable.value]


def _missing(step: PromotionStep, declared: Iterable[ExpressionVariable], given: set[str], field: str) -> list[Problem]:
    passed = {variable.name for variable in step.vars if variable.value}
    return [
        Problem(
            f"the task {step.task.name if step.task else ''!r} needs a value for its variable {variable.name!r}",
            field,
            advice=f"Add `- name: {variable.name}` with a value to the step's vars, or to those of the Stage.",
        )
        for variable in declared
        if variable.name not in given and not variable.value and variable.name not in passed
    ]
