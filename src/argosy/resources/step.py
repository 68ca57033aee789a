"""Promotion steps as users write them: in a Stage's template, in a task, and in a Promotion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, StrictBool, StrictInt

from argosy.resources.constraint import Constraint, Fault, mappings, repeated
from argosy.resources.duration import Duration
from argosy.resources.meta import Json, Model
from argosy.resources.names import KUBERNETES_NAME, VARIABLE_NAME

RESERVED_ALIAS = re.compile(r"^(step|task)-[0-9]+$")


class ExpressionVariable(Model):
    """A variable that expressions can use as `vars.<name>`."""

    name: str = Field(
        min_length=1,
        pattern=VARIABLE_NAME,
        description="Name: letters, digits and underscores, not starting with a digit.",
    )
    value: str = Field("", description="Value, always text; expressions in it are evaluated.")


class PromotionTaskReference(Model):
    """Names the task whose steps take the place of this one."""

    name: str = Field(min_length=1, max_length=253, pattern=KUBERNETES_NAME, description="Name of the task.")
    kind: Literal["PromotionTask", "ClusterPromotionTask"] | None = Field(
        None, description="PromotionTask, in the same Project, when absent; or ClusterPromotionTask."
    )


class PromotionStepRetry(Model):
    """How long and how often a step may be tried."""

    timeout: Duration | None = Field(
        None,
        description="How long a step may keep running, counted from its first start and checked after each try. "
        "0 is forever; absent is the step's own default.",
    )
    error_threshold: StrictInt = Field(
        0,
        ge=0,
        le=2**32 - 1,
        description="How many errors end the Promotion; 1 means no second try. 0 or absent is the step's own default.",
    )


class PromotionStep(Model):
    """One step of a promotion."""

    uses: str = Field("", min_length=1, description="Kind of step, such as `git-clone`.")
    task: PromotionTaskReference | None = Field(
        None, description="A task whose steps take this step's place; instead of `uses`, in a Stage's template only."
    )
    as_: str = Field("", alias="as", description="Name by which later steps reach this step's outputs; must be unique.")
    if_: str = Field(
        "", alias="if", description="Expression that must be true for the step to run; else it is skipped."
    )
    continue_on_error: StrictBool = Field(
        False, description="Whether the promotion goes on, and can still succeed, when this step fails."
    )
    retry: PromotionStepRetry | None = Field(None, description="How long and how often to try.")
    vars: tuple[ExpressionVariable, ...] = Field(
        (), description="Variables for this step, stronger than those of the promotion."
    )
    config: Json = Field(
        None, description="Configuration that the kind of step defines; expressions may stand anywhere in it."
    )

    def alias(self, index: int) -> str:
        """The name other steps know it by: `as`, else `step-N` or `task-N` counted from 1. `index` counts from 0."""
        return self.as_ or f"{'task' if self.task is not None else 'step'}-{index + 1}"


def _aliases(spec: Mapping[str, Any]) -> Iterable[Fault]:
    aliases = [(i, str(s["as"]).strip()) for i, s in mappings(spec.get("steps")) if isinstance(s.get("as"), str)]
    for index, first, alias in repeated(aliases):
        yield Fault(
            f"step alias {alias!r} is also that of steps[{first}]",
            ("steps", index, "as"),
            "Give every step an alias of its own",
        )
    for index, alias in aliases:
        if RESERVED_ALIAS.match(alias):
            yield Fault(
                f"step alias {alias!r} is reserved for steps without one",
                ("steps", index, "as"),
                "Choose a name that tells what the step does",
            )


def _only_uses(spec: Mapping[str, Any]) -> Iterable[Fault]:
    for index, step in mappings(spec.get("steps")):
        if step.get("task") is not None:
            yield Fault(
                "a task cannot be referenced here",
                ("steps", index, "task"),
                "Only steps of a Stage's promotionTemplate may use `task`; write the steps out instead",
            )
        elif step.get("uses") is None:
            yield Fault("the step does not say what it uses", ("steps", index), "Add `uses: <kind of step>`")


def _uses_or_task(spec: Mapping[str, Any]) -> Iterable[Fault]:
    for index, step in mappings(spec.get("steps")):
        if step.get("uses") is not None and step.get("task") is not None:
            yield Fault(
                "a step has either `uses` or `task`, not both", ("steps", index), "Remove one, or make two steps of it"
            )
        elif step.get("uses") is None and step.get("task") is None:
            yield Fault(
                "the step says neither what it uses nor which task it stands for",
                ("steps", index),
                "Add `uses: <kind of step>` or `task: {name: <task>}`",
            )


def _task_alone(field: str, *, cel: bool = True) -> Constraint:
    """A step that stands for a task cannot have `field`. CEL cannot say it of all: `if` is a word of its own."""

    def check(spec: Mapping[str, Any]) -> Iterable[Fault]:
        for index, step in mappings(spec.get("steps")):
            if step.get("task") is not None and step.get(field) not in (None, ""):
                yield Fault(
                    f"a step that references a task cannot have `{field}`",
                    ("steps", index, field),
                    "Set it on the steps inside the task; pass values to a task through `vars`",
                )

    return Constraint(
        check,
        cel=f"!has(self.task) || !has(self.{field})" if cel else "",
        items="steps",
        message=f"a step that references a task cannot have {field}",
    )


ALIASES = Constraint(_aliases)
"""Aliases are unique and not of the form `step-N` or `task-N`."""


def only_uses(owner: str) -> Constraint:
    """Steps of a Promotion or a task name a kind of step and no task."""
    return Constraint(
        _only_uses,
        cel="has(self.uses) && !has(self.task)",
        items="steps",
        message=f"a step of a {owner} must have uses and must not reference a task",
    )


TEMPLATE_STEPS = (
    ALIASES,
    Constraint(
        _uses_or_task,
        cel="has(self.uses) ? !has(self.task) : has(self.task)",
        items="steps",
        message="a step must have either uses or task",
    ),
    _task_alone("continueOnError"),
    _task_alone("retry"),
    _task_alone("if", cel=False),
    _task_alone("config", cel=False),
)
"""What steps in a Stage's promotion template must obey."""
