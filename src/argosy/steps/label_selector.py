"""Label selectors in the configuration of steps, as Kubernetes writes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from argosy.steps.base import Config

_NAME = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
LabelKey = Annotated[str, Field(pattern=rf"^([a-z0-9]([a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_NAME}$")]
"""The key of a label. Nothing else may be in a selector, where a comma would begin another requirement."""
LabelValue = Annotated[str, Field(pattern=rf"^({_NAME})?$")]
"""The value of a label."""


class LabelRequirement(Config):
    """A requirement on a label."""

    key: LabelKey
    """The label."""
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    """How the label is compared."""
    values: tuple[LabelValue, ...] = ()
    """The values for `In` and `NotIn`."""

    @model_validator(mode="after")
    def _values_fit(self) -> LabelRequirement:
        if (self.operator in ("In", "NotIn")) != bool(self.values):
            raise ValueError("In and NotIn need values, Exists and DoesNotExist take none")
        return self

    def __str__(self) -> str:
        """As kubectl writes it."""
        if self.values:
            return f"{self.key} {self.operator.lower()} ({','.join(self.values)})"
        return self.key if self.operator == "Exists" else f"!{self.key}"


class LabelSelector(Config):
    """Chooses by labels; at least one requirement."""

    match_labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels and the values they must have."""
    match_expressions: tuple[LabelRequirement, ...] = ()
    """Further requirements."""

    @model_validator(mode="after")
    def _selects(self) -> LabelSelector:
        if not self.match_labels and not self.match_expressions:
            raise ValueError("give matchLabels or matchExpressions")
        return self

    def __str__(self) -> str:
        """As kubectl writes it."""
        equal = [f"{key}={value}" for key, value in sorted(self.match_labels.items())]
        return ",".join([*equal, *map(str, self.match_expressions)])
