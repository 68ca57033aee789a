"""An Argo CD Application as it tells of itself: sources, operations, revisions, and whether its health can be trusted.

Read from the raw document, of which Argo CD owns the shape (`Application` of argoproj.io/v1alpha1). Behaviour follows
Kargo's `pkg/health/checker/builtin/argocd.go` and `pkg/promotion/runner/builtin/argocd_updater.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argosy.clock import parse_rfc3339
from argosy.resources.meta import Json
from argosy.resources.names import Annotation

REFRESH = "argocd.argoproj.io/refresh"
"""Annotation that asks Argo CD to look again (`normal` or `hard`); Argo CD takes it away when it has."""

PROMOTION_INFO = "kargo.akuity.io/promotion"
"""Name of the entry in an operation's `info` that says which Promotion asked for it."""

_ENDED = frozenset({"Succeeded", "Failed", "Error"})
_FAULTS = ("ComparisonError", "InvalidSpecError")


@dataclass(frozen=True, slots=True)
class Application:
    """A view of one Application; nothing is copied and nothing is changed."""

    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"Argo CD Application {self.name!r} in namespace {self.namespace!r}"

    @property
    def meta(self) -> Mapping[str, Any]:
        return self.data.get("metadata") or {}

    @property
    def name(self) -> str:
        return str(self.meta.get("name", ""))

    @property
    def namespace(self) -> str:
        return str(self.meta.get("namespace", ""))

    @property
    def spec(self) -> Mapping[str, Any]:
        return self.data.get("spec") or {}

    @property
    def status(self) -> Mapping[str, Any]:
        return self.data.get("status") or {}

    @property
    def sources(self) -> tuple[Mapping[str, Any], ...]:
        """`spec.sources`, or the one `spec.source`."""
        several, one = self.spec.get("sources") or (), self.spec.get("source")
        return tuple(several) if several else ((one,) if one else ())

    @property
    def requested(self) -> Mapping[str, Any] | None:
        """The operation that was asked for and has not ended: Argo CD takes it away at its end."""
        return self.data.get("operation") or None

    @property
    def operation(self) -> Mapping[str, Any] | None:
        """The state of the newest operation that Argo CD began; it stays when that has ended."""
        return self.status.get("operationState") or None

    @property
    def phase(self) -> str:
        """`Running`, `Terminating`, `Succeeded`, `Failed`, `Error`; empty without an operation."""
        return str((self.operation or {}).get("phase", ""))

    @property
    def has_ended(self) -> bool:
        """Whether the newest operation has ended, well or not."""
        return self.phase in _ENDED

    @property
    def begun_at(self) -> str:
        """When the newest operation began, as Argo CD wrote it; empty without one."""
        return str((self.operation or {}).get("startedAt", ""))

    @property
    def result(self) -> tuple[str, ...] | None:
        """The revisions that the newest operation brought, source by source; None while it does not say."""
        result = (self.operation or {}).get("syncResult")
        return _revisions(result) if result else None

    @property
    def compared(self) -> tuple[str, ...]:
        """The revisions that Argo CD compared the cluster with when it looked last, source by source."""
        return _revisions(self.status.get("sync") or {})

    @property
    def sync(self) -> str:
        """`Synced`, `OutOfSync` or `Unknown`."""
        return str((self.status.get("sync") or {}).get("status", ""))

    @property
    def health(self) -> str:
        """`Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing`, `Unknown`; empty before the first look."""
        return str((self.status.get("health") or {}).get("status", ""))

    @property
    def is_trusted(self) -> bool:
        """Whether health and sync status are from after the newest operation that has ended.

        Argo CD runs operations and judges health apart from each other, so right after an operation the health is the
        one from before. Both times are whole seconds: within the same second nobody can tell which came first, and
        another look is needed (Kargo trusts it). The state of an operation takes the place of the one before, whose end
        is not known any longer: then health must be from after the new one began, or that has to begin first.
        """
        state = self.operation
        if state is None:
            return self.requested is None
        since = self._time(state, "finishedAt") or self._time(state, "startedAt")
        reconciled = self._time(self.status, "reconciledAt")
        return since is None or (reconciled is not None and reconciled > since)

    @property
    def is_worth_a_look(self) -> bool:
        """Whether asking for another look would help where health is not trusted."""
        return self.operation is not None and not self.is_refreshing

    @property
    def is_refreshing(self) -> bool:
        """Whether somebody asked for another look, and Argo CD has not had it yet."""
        return REFRESH in (self.meta.get("annotations") or {})

    @property
    def faults(self) -> tuple[str, ...]:
        """Conditions that make anything else the Application says unreliable, as sentences."""
        conditions = [each for each in self.status.get("conditions") or () if each.get("type") in _FAULTS]
        return tuple(f"{self} has {each['type']!r} condition: {each.get('message', '')}" for each in conditions)

    @staticmethod
    def _time(where: Mapping[str, Any], name: str) -> datetime | None:
        try:
            return parse_rfc3339(str(where.get(name) or ""))
        except ValueError:
            return None


def _revisions(told: Mapping[str, Any]) -> tuple[str, ...]:
    several = told.get("revisions") or ()
    return tuple(map(str, several)) if several else (str(told.get("revision") or ""),)


def promotion_of(operation: Mapping[str, Any]) -> str:
    """The Promotion that asked for an operation; empty when somebody else did."""
    for info in operation.get("info") or ():
        if info and info.get("name") == PROMOTION_INFO:
            return str(info.get("value") or "")
    return ""


def initiator_of(operation: Mapping[str, Any]) -> str:
    """Who asked for an operation, for people."""
    by = operation.get("initiatedBy") or {}
    if by.get("username"):
        return str(by["username"])
    return "Argo CD itself" if by.get("automated") else "somebody"


def forbids(app: Application, project: str, stage: str) -> str:
    """Why a Stage may not change an Application, as a sentence; empty when it may."""
    return consent(str(app), app.meta, project, stage)


def consent(what: str, meta: Mapping[str, Any], project: str, stage: str) -> str:
    """Why a Stage may not change an object with this metadata, as a sentence about `what`; empty when it may.

    The annotation `kargo.akuity.io/authorized-stage` lists `<project>:<stage>`, parted by commas; patterns are refused,
    as Kargo does since 1.12 (`AuthorizedStages` in `pkg/api/stage.go`).
    """
    value = (meta.get("annotations") or {}).get(Annotation.AUTHORIZED_STAGE.value)
    if value is None:
        return f"{what} does not permit changes by Stage {stage!r} of Project {project!r}"
    allowed = []
    for entry in filter(None, (part.strip() for part in str(value).split(","))):
        there, colon, named = (part.strip() for part in entry.partition(":"))
        if not (colon and there and named) or "*" in entry:
            return (
                f"the annotation {Annotation.AUTHORIZED_STAGE.value} of {what} has the entry {entry!r}, "
                f"which is not of the form <project>:<stage>{' (patterns are not supported)' if '*' in entry else ''}"
            )
        allowed.append((there, named))
    if (project, stage) in allowed:
        return ""
    return f"{what} does not permit changes by Stage {stage!r} of Project {project!r}, only by {value!r}"


def concern(data: Mapping[str, Any]) -> Json:
    """What of an Application matters to those who wait for it: a change of anything else is passed over."""
    app = Application(data)
    operation, requested = app.operation or {}, app.requested
    return [
        app.meta.get("labels"),
        (app.meta.get("annotations") or {}).get(Annotation.AUTHORIZED_STAGE.value),
        app.is_refreshing,
        requested is None,
        operation.get("startedAt"),
        app.phase,
        app.result,
        app.is_trusted,
        app.sync,
        app.compared,
        app.health,
        app.faults,
    ]
