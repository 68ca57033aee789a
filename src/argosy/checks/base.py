"""Health checks: the contract, the catalogue, and how the verdicts of several make one.

Behaviour follows Kargo's `pkg/health/aggregating_checker.go`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from argosy.errors import ArgosyError
from argosy.resources.meta import Json
from argosy.resources.promotion import HealthCheckStep
from argosy.resources.stage import Health, HealthState


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
    """Runs the checks a promotion registered. The catalogue maps their names, as in `healthChecks[].uses`."""

    catalogue: Mapping[str, Check] = field(default_factory=dict)

    async def assess(self, project: str, stage: str, checks: tuple[HealthCheckStep, ...]) -> Health:
        """The worst of all verdicts; Healthy when there is nothing to check."""
        subject = Subject(project, stage)
        verdicts = [await self._run(check, subject) for check in checks]
        state = HealthState.HEALTHY
        for verdict in verdicts:
            state = state.merge(verdict.state)
        if not checks:
            return Health(status=state)
        return Health(
            status=state,
            issues=tuple(issue for verdict in verdicts for issue in verdict.issues),
            config=[check.dump() for check in checks],
            output=[{check.uses: verdict.output} for check, verdict in zip(checks, verdicts, strict=True)],
        )

    async def _run(self, check: HealthCheckStep, subject: Subject) -> Verdict:
        known = self.catalogue.get(check.uses)
        if known is None:
            return Verdict(HealthState.UNKNOWN, (f"no health check is called {check.uses!r}",))
        try:
            return await known(check.config or {}, subject)
        except ArgosyError as error:
            return Verdict(HealthState.UNKNOWN, (f"{check.uses}: {error}",))
