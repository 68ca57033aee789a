"""The Namespace of a Project: adopted by its label, let go or kept."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.resources.meta import Document
from argosy.resources.project import Project
from argosy.rules.project import adoption, is_kept, is_ours, namespace_of

FINALIZER, KEEP = "kargo.akuity.io/finalizer", "kargo.akuity.io/keep-namespace"
OWNER = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "name": "p", "uid": "1"}
OTHER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "2"}


def namespace(**meta: Any) -> Document:
    return Document.of({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p", **meta}})


def test_a_namespace_that_is_made_needs_no_adoption() -> None:
    made = Document.of(namespace_of("p"))
    assert is_ours(made)
    assert adoption(made) is None


@pytest.mark.parametrize(
    ("meta", "patch"),
    [
        ({}, {"finalizers": [FINALIZER]}),
        ({"finalizers": ["a/b"]}, {"finalizers": ["a/b", FINALIZER]}),
        ({"finalizers": [FINALIZER], "ownerReferences": [OWNER]}, {"ownerReferences": None}),
        ({"finalizers": [FINALIZER], "ownerReferences": [OTHER, OWNER]}, {"ownerReferences": [OTHER]}),
    ],
    ids=["nobody's", "with another finalizer", "owned by the Project", "owned by others, too"],
)
def test_adoption_adds_what_is_missing_and_takes_away_what_is_dangerous(meta: Any, patch: Any) -> None:
    assert adoption(namespace(**meta)) == {"metadata": patch}


@pytest.mark.parametrize("labels", [{}, {"kargo.akuity.io/project": "false"}, {"kargo.akuity.io/alias": "true"}])
def test_a_namespace_without_the_label_is_somebody_elses(labels: dict[str, str]) -> None:
    assert not is_ours(namespace(labels=labels))


@pytest.mark.parametrize(
    ("on_project", "on_namespace", "kept"),
    [("true", "", True), ("", "true", True), ("", "", False), ("yes", "True", False)],
)
def test_a_namespace_is_kept_when_either_says_true(on_project: str, on_namespace: str, kept: bool) -> None:
    project = Project.model_validate({"metadata": {"name": "p", "annotations": {KEEP: on_project}}})
    assert is_kept(project, namespace(annotations={KEEP: on_namespace})) is kept
