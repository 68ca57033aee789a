"""Warehouses: their filters and criteria."""

from __future__ import annotations

from collections.abc import Iterator

from argosy.lint.base import Finding, Manifests
from argosy.lint.expression import bare
from argosy.rules.commit_filter import COMMIT_FILTER, TAG_FILTER
from argosy.rules.criteria import CRITERIA


def findings(manifests: Manifests) -> Iterator[Finding]:
    for place in manifests.of("Warehouse"):
        for each in (place / "spec" / "subscriptions").items():
            strategy = (each / "git" / "commitSelectionStrategy").value or "NewestFromBranch"
            vocabulary = COMMIT_FILTER if strategy == "NewestFromBranch" else TAG_FILTER
            yield from bare(each / "git" / "expressionFilter", vocabulary)
        yield from bare(place / "spec" / "freightCreationCriteria" / "expression", CRITERIA)
