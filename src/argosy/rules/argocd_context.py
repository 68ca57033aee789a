"""Which Argo CD Applications a Promotion had to do with: for the Stage's annotation, and for events.

Behaviour follows Kargo's `pkg/api/argocd_context.go`: what steps gave as output, then what health checks name.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from argosy.resources.meta import Json
from argosy.resources.promotion import Promotion

STEPS = frozenset({"argocd-update", "argocd-wait"})


def applications_of(promotion: Promotion) -> tuple[tuple[str, str], ...]:
    """Namespace and name of each, in the order of the steps, without repetitions."""
    return tuple(dict.fromkeys(_named(promotion)))


def stage_note(promotion: Promotion) -> str | None:
    """The Stage's annotation `kargo.akuity.io/argocd-context`, from which the UI makes links; None for none."""
    found = [{"name": name, "namespace": namespace} for namespace, name in applications_of(promotion)]
    return orjson.dumps(found).decode() if found else None


def event_note(promotion: Promotion) -> str:
    """The annotation `event.kargo.akuity.io/applications`; empty for none."""
    found = [{"Namespace": namespace, "Name": name} for namespace, name in sorted(applications_of(promotion))]
    return orjson.dumps(found).decode() if found else ""


def _named(promotion: Promotion) -> Iterator[tuple[str, str]]:
    state = promotion.status.state or {}
    for index, step in enumerate(promotion.spec.steps):
        if step.uses in STEPS:
            yield from _listed((state.get(step.alias(index)) or {}).get("apps"))
    for check in promotion.status.health_checks:
        yield from _listed((check.config or {}).get("apps"))


def _listed(apps: Json) -> Iterator[tuple[str, str]]:
    for app in apps if isinstance(apps, list) else ():
        if isinstance(app, dict) and app.get("name"):
            yield str(app.get("namespace") or ""), str(app["name"])
