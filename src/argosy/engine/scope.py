"""What the expressions of a promotion see: variables, outputs, and the functions over its Freight and steps.

Behaviour follows Kargo's `pkg/promotion/evaluator.go` and `pkg/expressions/function/functions.go`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argosy.engine.functions import Functions, artifact, status, version
from argosy.engine.functions.resource import Reader
from argosy.errors import Permanent
from argosy.expressions import ExpressionError, now_at, render, render_value
from argosy.resources.freight import Freight
from argosy.resources.meta import Json
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.rules.artifact import Cargo
from argosy.rules.criteria import go_struct
from argosy.rules.promotion import has_failures
from argosy.rules.promotion_template import split_alias, task_of

Env = dict[str, Any]


def general(cargo: Cargo, reader: Reader, now: datetime) -> Functions:
    """The functions that there are wherever Freight is in use: over it, over other resources, of versions and time."""
    return {**artifact.of(cargo), **reader.functions, **version.of(), **now_at(now)}


async def rendered(template: str, env: Env, functions: Functions, field: str) -> Any:
    """What a template stands for. Raises ExpressionError, which names the field."""
    try:
        return await render(template, env, functions)
    except ExpressionError as error:
        raise error.in_field(field) from error.__cause__


@dataclass(frozen=True, slots=True)
class Scope:
    """Evaluates what users wrote in one promotion.

    Attributes:
        promotion: with the status as it is now.
        stage: the Stage promoted to.
        freight: the Freight promoted.
        cargo: all Freight of the promotion.
        reader: reads other resources of the Project.
        now: what `now()` says.
        ui_base_url: for links; may be empty.
    """

    promotion: Promotion
    stage: Stage
    freight: Freight
    cargo: Cargo
    reader: Reader
    now: datetime
    ui_base_url: str

    async def skips(self, step: PromotionStep, alias: str) -> bool:
        """Whether the step is left out: its `if` is false, or without one a step before has failed.

        Raises Permanent when `if` is no boolean, ExpressionError when it cannot be computed.
        """
        if not step.if_:
            return has_failures(self.promotion.status.step_execution_metadata)
        env = await self.env(step, alias)
        value = await rendered(step.if_, env, self.functions(alias), "if")
        if not isinstance(value, bool):
            raise Permanent(
                f"the step's `if` must be true or false, but {step.if_!r} is {value!r}",
                advice="Compare something, for example ${{ outputs.step1.changed == true }}.",
            )
        return not value

    async def config(self, step: PromotionStep, alias: str) -> dict[str, Json]:
        """The step's configuration with every expression evaluated. Raises ExpressionError, Permanent."""
        if step.config is None:
            return {}
        env = await self.env(step, alias)
        config = await render_value(step.config, env, self.functions(alias), path="config")
        if not isinstance(config, dict):
            raise Permanent("the step's config is not an object of settings")
        return config

    async def env(self, step: PromotionStep, alias: str) -> Env:
        """The variables of an expression in `step`.

        Variables of Stage and template see no outputs and are evaluated first; those of the step see everything.
        """
        promoted = self.promotion.status
        base = {"ctx": self._context(alias)}
        variables: dict[str, Any] = {}
        functions = self._general
        for variable in self.promotion.spec.vars:
            known = {**base, "vars": variables}
            variables[variable.name] = await rendered(variable.value, known, functions, f"vars.{variable.name}")
        outputs = dict(promoted.state or {})
        records = {record.alias: go_struct(record) for record in promoted.step_execution_metadata}
        full: Env = {**base, "vars": variables, "outputs": outputs, "stepMetas": records}
        task = task_of(alias)
        if task:
            parts = {split_alias(key): value for key, value in outputs.items()}
            full["task"] = {"outputs": {own: value for (of, own), value in parts.items() if of == task}}
        for variable in step.vars:
            variables[variable.name] = await rendered(variable.value, full, functions, f"vars.{variable.name}")
        return full

    def functions(self, alias: str) -> Functions:
        """What `if` and config can call."""
        return {**self._general, **status.of(alias, self.promotion.status.step_execution_metadata)}

    @property
    def _general(self) -> Functions:
        """What variables can call, too: all but the functions of the steps before."""
        return general(self.cargo, self.reader, self.now)

    def _context(self, alias: str) -> dict[str, Json]:
        annotations = self.promotion.metadata.annotations
        return {
            "uiBaseUrl": self.ui_base_url,
            "project": self.promotion.namespace,
            "promotion": self.promotion.name,
            "stage": self.stage.name,
            "targetFreight": {
                "name": self.freight.name,
                "alias": self.freight.alias,
                "origin": {"name": self.freight.origin.name},
            },
            "meta": {
                "promotion": {
                    "actor": annotations.get(Annotation.CREATE_ACTOR, ""),
                    "rollback": annotations.get(Annotation.ROLLBACK, "") == "true",
                },
                "step": {"alias": alias},
            },
        }
