"""What the expressions of a promotion see: variables, outputs, and the functions over its Freight and steps.

Behaviour follows Kargo's `pkg/promotion/evaluator.go` and `pkg/expressions/function/functions.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from argosy.errors import Permanent
from argosy.expressions import render, render_value
from argosy.resources.artifact import FreightOrigin
from argosy.resources.freight import Freight
from argosy.resources.meta import Json
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion, StepExecutionMetadata
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.rules.artifact import Cargo
from argosy.rules.criteria import go_struct
from argosy.rules.promotion import has_failures
from argosy.rules.promotion_template import SEPARATOR

Functions = Mapping[str, Callable[..., Any]]
Env = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Evaluates what users wrote in one promotion.

    Attributes:
        promotion: with the status as it is now.
        stage: the Stage promoted to.
        freight: the Freight promoted.
        cargo: all Freight of the promotion.
        ui_base_url: for links; may be empty.
    """

    promotion: Promotion
    stage: Stage
    freight: Freight
    cargo: Cargo
    ui_base_url: str

    async def skips(self, step: PromotionStep, alias: str) -> bool:
        """Whether the step is left out: its `if` is false, or without one a step before has failed.

        Raises Permanent when `if` is no boolean, ExpressionError when it cannot be computed.
        """
        if not step.if_:
            return has_failures(self.promotion.status.step_execution_metadata)
        env = await self.env(step, alias)
        value = await render(step.if_, env, self.functions(alias))
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
        status = self.promotion.status
        base = {"ctx": self._context(alias)}
        variables: dict[str, Any] = {}
        general = self._freight_functions()
        for variable in self.promotion.spec.vars:
            variables[variable.name] = await render(variable.value, {**base, "vars": variables}, general)
        outputs = dict(status.state or {})
        full: Env = {**base, "vars": variables, "outputs": outputs}
        task = task_of(alias)
        if task:
            inner = {key.split(SEPARATOR, 1)[1]: value for key, value in outputs.items() if task_of(key) == task}
            full["task"] = {"outputs": inner}
        for variable in step.vars:
            variables[variable.name] = await render(variable.value, full, general)
        return full

    def functions(self, alias: str) -> Functions:
        records = self.promotion.status.step_execution_metadata
        return {**self._freight_functions(), **_status_functions(alias, records)}

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

    def _freight_functions(self) -> Functions:
        cargo = self.cargo

        def commit_from(url: str, origin: Json = None) -> Json:
            return go_struct(cargo.commit(url, _origin(origin)))

        def image_from(url: str, origin: Json = None) -> Json:
            return go_struct(cargo.image(url, _origin(origin)))

        def chart_from(url: str, second: Json = None, third: Json = None) -> Json:
            name = second if isinstance(second, str) else ""
            return go_struct(cargo.chart(url, name, _origin(third if isinstance(second, str) else second)))

        return {
            "warehouse": _warehouse,
            "commitFrom": commit_from,
            "imageFrom": image_from,
            "chartFrom": chart_from,
        }


def _warehouse(name: str) -> Json:
    if not name:
        raise Permanent("warehouse() needs the name of a Warehouse")
    return {"Kind": "Warehouse", "Name": name}


def _origin(value: Json) -> FreightOrigin | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or value.get("Kind") != "Warehouse":
        raise Permanent("an origin is written as warehouse('name')")
    return FreightOrigin(kind="Warehouse", name=value["Name"])


def _status_functions(alias: str, records: Iterable[StepExecutionMetadata]) -> Functions:
    """`status(alias)` looks among the steps of the same task; what a step of a continued error did counts as done."""
    listed = list(records)

    def status(of: str) -> str:
        if not of:
            raise Permanent("status() needs the alias of a step")
        task = task_of(alias)
        wanted = f"{task}{SEPARATOR}{of}" if task else of
        return next((record.status for record in listed if record.alias == wanted), "")

    return {
        "always": lambda: True,
        "failure": lambda: has_failures(listed),
        "success": lambda: not has_failures(listed),
        "status": status,
    }


def task_of(alias: str) -> str:
    """The alias of the task that a step came from; empty for a step of the template itself."""
    task, separator, _ = alias.partition(SEPARATOR)
    return task if separator else ""
