"""Which versions of a chart a subscription wants, as Kargo's `pkg/helm/chart` chooses."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.errors import Invalid
from argosy.resources.warehouse import ChartSubscription
from argosy.rules.chart_version import best_first

CLASSIC = {"repoURL": "https://charts.example.com", "name": "app"}
OCI = {"repoURL": "oci://registry.example.com/charts/app"}

# subscription, listed, wanted
CASES = [
    ("the highest first", CLASSIC, "1.9.0 1.10.0 1.2.0", "1.10.0 1.9.0 1.2.0"),
    ("what is no version does not count", CLASSIC, "latest 1.0.0 1.0.0.1", "1.0.0"),
    ("a classic repository is tolerant", CLASSIC, "v1.1 1.0", "v1.1 1.0"),
    ("a tie is broken by the text", CLASSIC, "1.0 1.0.0 1.0.0+a 1.0.0+b", "1.0.0+b 1.0.0+a 1.0.0 1.0"),
    ("every version once", CLASSIC, "1.0.0 1.0.0", "1.0.0"),
    ("a prerelease counts without a constraint", CLASSIC, "1.0.0-rc.1 0.9.0", "1.0.0-rc.1 0.9.0"),
    ("not under a constraint that names none", {**CLASSIC, "semverConstraint": "<2"}, "1.0.0-rc.1 0.9.0", "0.9.0"),
    (
        "only what the constraint allows",
        {**CLASSIC, "semverConstraint": "^1.2"},
        "1.1.9 1.2.0 2.0.0 1.3.0",
        "1.3.0 1.2.0",
    ),
    ("no more than asked for", {**CLASSIC, "discoveryLimit": 2}, "1.0.0 1.1.0 1.2.0", "1.2.0 1.1.0"),
    ("a registry is strict, and wants no v", OCI, "v1.2.0 1.1 1.0.0 latest", "1.0.0"),
    ("a registry has _ for +", OCI, "1.0.0_build.5 1.0.0", "1.0.0+build.5 1.0.0"),
    ("nothing", OCI, "", ""),
]


@pytest.mark.parametrize(("fields", "listed", "wanted"), [pytest.param(*row[1:], id=row[0]) for row in CASES])
def test_versions_are_chosen_best_first(fields: dict[str, Any], listed: str, wanted: str) -> None:
    subscription = ChartSubscription.model_validate(fields)
    assert best_first(subscription, listed.split()) == tuple(wanted.split())


def test_a_constraint_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid, match="'latest' is not a version constraint"):
        best_first(ChartSubscription.model_validate({**CLASSIC, "semverConstraint": "latest"}), ["1.0.0"])
