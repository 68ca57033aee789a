"""Freight creation criteria: an expression over what was discovered that must be true before Freight is made.

Behaviour follows `freightCreationCriteriaSatisfied` in Kargo's `pkg/controller/warehouses/warehouses.go`: repositories
are found by normalised URL and each function gives the newest artifact.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from argosy.errors import Invalid
from argosy.expressions import Time, Value, Vocabulary, evaluate_now, now_at
from argosy.expressions.record import Record
from argosy.expressions.text import plain
from argosy.resources.artifact import ArtifactReference, Chart
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.meta import Json, Model
from argosy.rules.git_url import normalize as normalize_git
from argosy.rules.image_url import normalize as normalize_image
from argosy.rules.image_url import normalize_chart

_GO_NAMES = {"id": "ID", "repoURL": "RepoURL"}
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")

CRITERIA = Vocabulary(
    functions={"commitFrom": (1, 1), "imageFrom": (1, 1), "chartFrom": (1, 2), "artifactFrom": (1, 1), "now": (0, 1)}
)
"""What the criteria can name."""


def go_struct(model: Model | None) -> Record | None:
    """Fields under the names that expressions use in Kargo, which are those of its Go types, such as `Tag`."""
    if model is None:
        return None
    fields = {name: info.alias or name for name, info in type(model).model_fields.items()}
    written = {_GO_NAMES.get(alias, alias[:1].upper() + alias[1:]): alias for alias in fields.values()}
    return Record(dict(zip(written, (_go_value(getattr(model, name)) for name in fields), strict=True)), written)


def _go_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return Time.of(value)
    return list(value) if isinstance(value, tuple) else value


def truth(value: Value) -> bool | None:
    """A boolean, or a text or number that Go's `strconv.ParseBool` reads as one; None for anything else."""
    if isinstance(value, bool):
        return value
    written = plain(value) if isinstance(value, str | int | float) else ""
    return True if written in _TRUE else False if written in _FALSE else None


def go_artifact(artifact: ArtifactReference | None) -> Json:
    """As `go_struct`, for an artifact that is neither commit, image nor chart."""
    if artifact is None:
        return None
    return {
        "ArtifactType": artifact.artifact_type,
        "SubscriptionName": artifact.subscription_name,
        "Version": artifact.version,
        "Metadata": artifact.metadata or {},
    }


def satisfied(expression: str, found: DiscoveredArtifacts, now: datetime) -> bool:
    """Whether Freight may be made at a time.

    Raises ExpressionError, or Invalid when the result is neither true nor false.
    """
    if not expression.strip() or not (found.git or found.images or found.charts or found.results):
        return True

    def commit_from(url: str) -> Json:
        wanted = normalize_git(url)
        results = [item for item in found.git if normalize_git(item.repo_url) == wanted and item.commits]
        return go_struct(results[0].commits[0]) if results else None

    def image_from(url: str) -> Json:
        wanted = normalize_image(url)
        results = [item for item in found.images if normalize_image(item.repo_url) == wanted and item.references]
        return go_struct(results[0].references[0]) if results else None

    def chart_from(url: str, name: str = "") -> Json:
        wanted = normalize_chart(url)
        for item in found.charts:
            same = normalize_chart(item.repo_url).rstrip("/") == wanted.rstrip("/") and name in ("", item.name)
            if same and item.versions:
                return go_struct(Chart(repo_url=wanted, name=item.name, version=item.versions[0]))
        return None

    def artifact_from(subscription: str) -> Json:
        results = [item for item in found.results if item.name == subscription]
        return go_artifact(next((item.artifact_references[0] for item in results if item.artifact_references), None))

    functions = {
        "commitFrom": commit_from,
        "imageFrom": image_from,
        "chartFrom": chart_from,
        "artifactFrom": artifact_from,
        **now_at(now),
    }
    value = evaluate_now(expression, {}, functions)
    answer = truth(value)
    if answer is not None:
        return answer
    raise Invalid(
        f"the Freight creation criteria are neither true nor false but of type {type(value).__name__}",
        advice="Compare something, for example imageFrom('repo').Tag == commitFrom('url').Tag.",
    )
