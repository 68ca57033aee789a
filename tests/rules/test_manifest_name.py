from __future__ import annotations

import pytest

from argosy.errors import Permanent
from argosy.rules.manifest_name import Manifest, files, flat_names, kargo_names, kustomize_names, manifests


def told(api_version: str, kind: str, name: str, namespace: str = "") -> Manifest:
    return Manifest("", api_version, kind, namespace, name)


def test_documents_are_split_at_lines_of_dashes_only() -> None:
    text = "---\n# Source: a\nkind: A\n--- # next\nx: |\n  ---\n---\n\n---\r\nkind: B\n"
    assert [each.text for each in manifests(text)] == ["# Source: a\nkind: A\n", "x: |\n  ---\n", "kind: B\n"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b}\n",
            ("apps/v1", "Deployment", "b", "a"),
            id="all",
        ),
        pytest.param("kind: A\nmetadata: {name: 1}\n", ("", "A", "", ""), id="a name that is a number"),
        pytest.param('kind: A\nmetadata: {name: "1"}\n', ("", "A", "", "1"), id="a name that is a quoted number"),
        pytest.param("kind: [A]\nmetadata: x\n", ("", "", "", ""), id="other shapes"),
        pytest.param("- a\n", ("", "", "", ""), id="a list"),
        pytest.param("{ no yaml", ("", "", "", ""), id="no YAML"),
        pytest.param("[" * 5000, ("", "", "", ""), id="deep"),
    ],
)
def test_a_document_tells_what_it_is(text: str, says: tuple[str, ...]) -> None:
    [found] = manifests(text)
    assert (found.api_version, found.kind, found.namespace, found.name) == says


@pytest.mark.parametrize(
    ("manifest", "kargo", "kustomize", "flat"),
    [
        pytest.param(
            told("apps/v1", "Deployment", "App"),
            "deployment-app.yaml",
            "apps_v1_deployment_app.yaml",
            "apps-deployment-app.yaml",
            id="a group",
        ),
        pytest.param(
            told("v1", "Service", "app", "Prod"),
            "prod-service-app.yaml",
            "v1_service_app.yaml",
            "service-prod-app.yaml",
            id="a namespace",
        ),
        pytest.param(
            told("rbac.authorization.k8s.io/v1", "ClusterRole", "system:x"),
            "clusterrole-system:x.yaml",
            "rbac.authorization.k8s.io_v1_clusterrole_system:x.yaml",
            "rbac_authorization_k8s_io-clusterrole-system:x.yaml",
            id="dots in the group",
        ),
    ],
)
def test_names_of_files(manifest: Manifest, kargo: str, kustomize: str, flat: str) -> None:
    assert list(kargo_names([manifest])) == [kargo]
    assert list(kustomize_names([manifest])) == [kustomize]
    assert list(flat_names([manifest])) == [flat]


def test_kustomize_names_the_namespace_when_there_are_several() -> None:
    found = [told("v1", "A", "a", "one"), told("v1", "A", "a", "two"), told("v1", "A", "b"), told("v1", "Node", "n")]
    assert list(kustomize_names(found)) == ["one_v1_a_a.yaml", "two_v1_a_a.yaml", "v1_a_b.yaml", "v1_node_n.yaml"]


def test_what_is_no_object_is_numbered() -> None:
    found = [told("", "", ""), told("v1", "A", "a"), told("", "A", "")]
    assert list(flat_names(found)) == ["resource-0.yaml", "a-a.yaml", "resource-1.yaml"]


def test_of_two_objects_with_one_name_the_last_stays() -> None:
    found = [Manifest("first", "v1", "A", "", "a"), Manifest("second", "v2", "A", "", "a")]
    made = files(found, kargo_names)
    assert (made.content, made.twice) == ({"a-a.yaml": "second"}, ("a-a.yaml",))


@pytest.mark.parametrize("name", ["../../evil", "a/b", "a\\b", "a\0b", "x" * 300])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(Permanent, match="no name of a file"):
        files([told("v1", "A", name)], kargo_names)
