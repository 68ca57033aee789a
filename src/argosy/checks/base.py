"""Health checks: the contract, the catalogue, and how the verdicts of several make one.

Behaviour follows Kargo's `pkg/health/aggregating_checker.go`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from argosy.errors import ArgosyError
from argosy.resources.meta import Json
from argosy.resources.promotion import HealthCheckStep
from argosy.resources.stage import Health, HealthState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found: a state, what is wrong in words for people, and details for machines."""

    state: HealthState
    issues: tuple[str, ...] = ()
    output: Json = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose health is asked for."""

    project: str
    stage: str


Check = Callable[[Mapping[str, Json], Subject], Awaitable[Verdict]]
"""A kind of check: configuration and Stage to a verdict. Raises ArgosyError when it cannot tell."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Runs the checks a promotion registered.

    Attributes:
        catalogue: the checks by name, as in `healthChecks[].uses`.
        concerns: by the same names, what of the outside world a configuration is about: subjects whose change is a
            reason to look again.
    """

    catalogue: Mapping[str, Check] = field(default_factory=dict)
    concerns: Mapping[str, Callable[[Mapping[str, Json]], Iterable[str]]] = field(default_factory=dict)

    def subjects(self, checks: tuple[HealthCheckStep, ...]) -> tuple[str, ...]:
        """What these checks are about."""
        known = [(self.concerns[check.uses], check.config or {}) for check in checks if check.uses in self.concerns]
        return tuple(subject for concern, config in known for subject in concern(config))

    async def assess(self, project: str, stage: str, checks: tuple[HealthCheckStep, ...]) -> Health:
        """The worst of all verdicts, with the issues and outputs of all; Healthy when there is nothing to check."""
        subject = Subject(project, stage)
        verdicts = [await self._run(check, subject) for check in checks]
        state = HealthState.HEALTHY
        for verdict in verdicts:
            state = state.merge(verdict.state)
        fields: dict[str, Json] = {"status": state.value}
        if issues := [issue for verdict in verdicts for issue in verdict.issues]:
            fields["issues"] = issues
        if output := [verdict.output for verdict in verdicts if verdict.output is not None]:
            fields["output"] = output
        return Health.model_validate(fields)

    async def _run(self, check: HealthCheckStep, subject: Subject) -> Verdict:
        known = self.catalogue.get(check.uses)
        if known is None:
            return Verdict(HealthState.UNKNOWN, (f"no health check is called {check.uses!r}",))
        try:
            return await known(check.config or {}, subject)
        except ArgosyError as error:
            return Verdict(HealthState.UNKNOWN, (f"{check.uses}: {error}",))
        except Exception as error:
            log.exception("health check %s of Stage %s/%s", check.uses, subject.project, subject.stage)
            return Verdict(HealthState.UNKNOWN, (f"{check.uses} broke: {type(error).__name__}: {error}",))
