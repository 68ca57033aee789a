"""`argocd-update`: whether the Argo CD Applications that a promotion brought somewhere are there, and well.

The step of that name registers it. Behaviour follows Kargo's `pkg/health/checker/builtin/argocd.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from argosy.checks.base import Subject, Verdict
from argosy.clients.argocd import Applications, subject
from argosy.errors import ArgosyError, NotFound
from argosy.resources.meta import Json
from argosy.resources.stage import HealthState
from argosy.rules.argocd import Application
from argosy.rules.argocd_health import Finding, assess, output

NAME = "argocd-update"


@dataclass(frozen=True, slots=True)
class ArgoCdCheck:
    """A check (`checks.base.Check`); `applications` is None while no Argo CD is configured."""

    applications: Applications | None

    async def __call__(self, config: Mapping[str, Json], stage: Subject) -> Verdict:
        """The worst of all Applications; the output is what Kargo's interface reads."""
        if self.applications is None:
            issue = "no Argo CD is configured (--argocd), so the health of its Applications is not known"
            return Verdict(HealthState.UNKNOWN, (issue,))
        state, issues, told = HealthState.HEALTHY, list[str](), list[Json]()
        for app in config.get("apps") or ():
            namespace, name = str(app.get("namespace") or self.applications.namespace), str(app.get("name") or "")
            found, document = await self._look(self.applications, namespace, name, app.get("desiredRevisions") or ())
            state = state.merge(found.state)
            issues.extend(found.issues)
            told.append(output(namespace, name, document))
        return Verdict(state, tuple(issues), {"applicationStatuses": told})

    async def _look(
        self, applications: Applications, namespace: str, name: str, desired: Iterable[str]
    ) -> tuple[Finding, Application | None]:
        try:
            app = Application(await applications.get(namespace, name))
        except NotFound as error:
            return Finding(HealthState.UNKNOWN, (error.message,)), None
        except ArgosyError as error:
            return Finding(HealthState.UNKNOWN, (f"Argo CD Application {name!r} cannot be read: {error}",)), None
        found = assess(app, tuple(desired))
        if found.refresh:
            try:
                await applications.refresh(app, hard=True)
            except ArgosyError as error:
                more = f"a refresh of {app} cannot be asked for: {error}"
                return Finding(found.state, (*found.issues, more)), app
        return found, app

    def subjects(self, config: Mapping[str, Json]) -> list[str]:
        """The Applications that a configuration is about."""
        if self.applications is None:
            return []
        default = self.applications.namespace
        return [subject(str(app.get("namespace") or default), str(app.get("name"))) for app in config.get("apps") or ()]
