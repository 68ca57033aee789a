"""What the steps for Argo CD have in common: how they name Applications, and finding those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field, model_validator

from argosy.clients.argocd import Applications, subject
from argosy.errors import NotFound
from argosy.resources.meta import Json
from argosy.rules.argocd import Application
from argosy.steps.base import Config
from argosy.steps.label_selector import LabelSelector

POLL_EVERY = 300.0
"""Seconds between two looks where no change is told of; changes are, so this is for what gets lost."""


class AppChoice(Config):
    """One or more Applications."""

    name: str = ""
    """The name of the Application. Give either this or `selector`."""
    selector: LabelSelector | None = None
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
