"""Freight creation criteria: an expression over what was discovered that must be true before Freight is made.

Behaviour follows `freightCreationCriteriaSatisfied` in Kargo's `pkg/controller/warehouses/warehouses.go`: repositories
are found by normalised URL and each function gives the newest artifact.
"""

from __future__ import annotations

from datetime import datetime

from argosy.errors import Invalid
from argosy.expressions import Value, Vocabulary, evaluate_now, now_at
from argosy.resources.artifact import ArtifactReference
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.meta import Json, Model
from argosy.rules.freight import chart_path
from argosy.rules.git_url import normalize as normalize_git
from argosy.rules.image_url import normalize as normalize_image

_GO_NAMES = {"id": "ID", "repoURL": "RepoURL"}
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")

CRITERIA = Vocabulary(
    functions={"commitFrom": (1, 1), "imageFrom": (1, 1), "chartFrom": (1, 2), "artifactFrom": (1, 1), "now": (0, 1)}
)
"""What the criteria can name."""


def go_struct(artifact: Model | None) -> Json:
    """Fields under the names that expressions use in Kargo, which are those of its Go types, such as `Tag`."""
    if artifact is None:
        return None
    written = artifact.model_dump(mode="json", by_alias=True)
    return {_GO_NAMES.get(name, name[:1].upper() + name[1:]): value for name, value in written.items()}


def truth(value: Value) -> bool | None:
    """A boolean, or a text or number that Go's `strconv.ParseBool` reads as one; None for anything else."""
    if isinstance(value, bool):
        return value
    written = str(value) if isinstance(value, str | int) else ""
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
        wanted = chart_path(url, name)
        results = [item for item in found.charts if chart_path(item.repo_url, item.name) == wanted and item.versions]
        return {"RepoURL": url, "Name": name, "Version": results[0].versions[0]} if results else None

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
