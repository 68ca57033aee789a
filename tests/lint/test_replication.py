"""What lint says of Secrets and ConfigMaps that ask to be replicated."""

from __future__ import annotations

import pytest

from argosy.lint.check import lint
from argosy.resources.manifest import parse_manifests

CREDENTIAL = "labels: {kargo.akuity.io/cred-type: generic}"


def told(kind: str, to: str, labels: str = "") -> list[tuple[str, int, str]]:
    """Rule, line and the first word of each finding."""
    annotation = f"kargo.akuity.io/replicate-to: {to}" if to else "a: b"
    text = (
        f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: x\n  namespace: shared\n  annotations:\n    {annotation}\n"
    )
    manifests, problems = parse_manifests(text + (f"  {labels}\n" if labels else ""), "file.yaml")
    return [(each.rule, each.line, each.message.split()[0]) for each in lint(manifests, problems)]


@pytest.mark.parametrize(
    ("kind", "to", "labels", "found"),
    [
        ("ConfigMap", '"*"', "", []),
        ("Secret", '"*"', CREDENTIAL, []),
        ("Secret", "", "", []),
        ("ConfigMap", "shop", "", [("idle-replication", 7, "'shop'")]),
        ("Secret", "all", CREDENTIAL, [("idle-replication", 7, "'all'")]),
        ("Secret", '"*"', "", [("idle-replication", 7, "a")]),
        ("Secret", '"*"', "labels: {a: b}", [("idle-replication", 7, "a")]),
    ],
)
def test_what_would_not_be_replicated(kind: str, to: str, labels: str, found: list[tuple[str, int, str]]) -> None:
    assert told(kind, to, labels) == found
