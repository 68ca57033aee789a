"""PromotionTask: steps that several Stages of a Project share."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from argosy.resources.constraint import Constraint
from argosy.resources.meta import Model, Resource
from argosy.resources.step import ALIASES, ExpressionVariable, PromotionStep, only_uses


class PromotionTaskSpec(Model):
    """Variables and steps of a task."""

    vars: tuple[ExpressionVariable, ...] = Field(
        (), description="Variables of the task with their defaults; the step that references the task may set others."
    )
    steps: tuple[PromotionStep, ...] = Field(
        min_length=1, description="The steps that take the place of the one that references the task."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (only_uses("task"), ALIASES)


class PromotionTask(Resource):
    """Steps that a Stage's promotion template can reference by name."""

    spec: PromotionTaskSpec = Field(description="Variables and steps.")
