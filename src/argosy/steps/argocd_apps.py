"""What the steps for Argo CD have in common: how they name Applications, and finding those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field, model_validator

from argosy.clients.argocd import Applications, subject
from argosy.errors import NotFound
from argosy.resources.meta import Json
from argosy.rules.argocd import Application
from argosy.steps.base import Config

POLL_EVERY = 300.0
"""Seconds between two looks where no change is told of; changes are, so this is for what gets lost."""


class AppSelectorRequirement(Config):
    """A requirement on a label."""

    key: str = Field(min_length=1)
    """The label."""
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    """How the label is compared."""
    values: tuple[str, ...] = ()
    """The values for `In` and `NotIn`."""

    @model_validator(mode="after")
    def _values_fit(self) -> AppSelectorRequirement:
        if (self.operator in ("In", "NotIn")) != bool(self.values):
            raise ValueError("In and NotIn need values, Exists and DoesNotExist take none")
        return self

    def __str__(self) -> str:
        """As kubectl writes it."""
        if self.values:
            return f"{self.key} {self.operator.lower()} ({','.join(self.values)})"
        return self.key if self.operator == "Exists" else f"!{self.key}"


class AppSelector(Config):
    """Chooses Applications by their labels; at least one requirement."""

    match_labels: dict[str, str] = Field(default_factory=dict)
    """Labels and the values they must have."""
    match_expressions: tuple[AppSelectorRequirement, ...] = ()
    """Further requirements."""

    @model_validator(mode="after")
    def _selects(self) -> AppSelector:
        if not self.match_labels and not self.match_expressions:
            raise ValueError("give matchLabels or matchExpressions")
        return self

    def __str__(self) -> str:
        """As kubectl writes it."""
        equal = [f"{key}={value}" for key, value in sorted(self.match_labels.items())]
        return ",".join([*equal, *map(str, self.match_expressions)])


class AppChoice(Config):
    """One or more Applications."""

    name: str = ""
    """The name of the Application. Give either this or `selector`."""
    selector: AppSelector | None = None
    """Chooses Applications by label. Give either this or `name`."""
    namespace: str | None = Field(default=None, min_length=1)
    """The namespace of the Applications, by default that of Argo CD."""

    @model_validator(mode="after")
    def _one_of_both(self) -> AppChoice:
        if bool(self.name) == (self.selector is not None):
            raise ValueError("give either name or selector")
        return self

    def __str__(self) -> str:
        return self.name or f"those with {self.selector}"


async def find(choice: AppChoice, argocd: Applications) -> list[Application]:
    """The Applications that are meant, by name. Raises NotFound when there is none, and what the client raises."""
    namespace = choice.namespace or argocd.namespace
    if choice.selector is None:
        return [Application(await argocd.get(namespace, choice.name))]
    found = [Application(data) for data in await argocd.select(namespace, str(choice.selector))]
    if not found:
        raise NotFound(f"no Argo CD Application in namespace {namespace!r} has {choice.selector}")
    return found


def subjects(choices: Iterable[AppChoice], argocd: Applications) -> tuple[str, ...]:
    """What those who wait for these Applications should be told of."""
    return tuple(subject(choice.namespace or argocd.namespace, choice.name or "*") for choice in choices)


def listed(apps: Sequence[Application]) -> list[Json]:
    """The Applications as an output, from which the UI makes links."""
    return [{"name": app.name, "namespace": app.namespace} for app in apps]


def absent(choices: Iterable[AppChoice]) -> str:
    """That no Argo CD is configured, and whom that concerns."""
    return f"no Argo CD is configured (--argocd), for these Applications: {', '.join(map(str, choices))}"
