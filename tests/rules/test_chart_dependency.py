from __future__ import annotations

import pytest

from argosy.errors import Permanent
from argosy.rules.chart_dependency import Dependency, changes, commit_message, dependencies, version_updates
from argosy.rules.edit import Update

HOME = "https://charts.example.com"
CHART = f"""name: app
dependencies:
- name: db # ours
  version: 1.0
  repository: {HOME}
- {{name: web, version: ^2.0.0, repository: "oci://registry.example.com/charts"}}
- name: local
  repository: file://../local
"""
DB, WEB, LOCAL = dependencies(CHART.encode(), "Chart.yaml")


def test_dependencies_are_read_as_texts() -> None:
    assert Dependency("db", "1.0", HOME) == DB
    assert Dependency("web", "^2.0.0", "oci://registry.example.com/charts") == WEB
    assert (DB.is_fetched, WEB.is_fetched, LOCAL.is_fetched, LOCAL.is_local) == (True, True, False, True)
    assert dependencies(b"", "Chart.lock") == []
    assert dependencies(b"dependencies:\n", "Chart.lock") == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"a: [", "Chart.yaml: the file is no YAML", id="no YAML"),
        pytest.param(b"dependencies: 1\n", "no list of mappings", id="a number"),
        pytest.param(b"dependencies: [a]\n", "no list of mappings", id="texts"),
        pytest.param(b"a: *b\n", "Chart.yaml cannot be read", id="an alias of nothing"),
        pytest.param(b"[" * 100_000, "nested deeper", id="deep"),
        pytest.param(b"\xff", "UTF-8", id="no text"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(Permanent, match=says):
        dependencies(content, "Chart.yaml")


def test_the_first_dependency_of_name_and_repository_gets_the_version() -> None:
    current = [Dependency("db", "1.0.0", "oci://other"), DB, DB]
    assert version_updates(current, [Dependency("db", "2.0.0", HOME)]) == [Update("dependencies.1.version", "2.0.0")]
    assert version_updates(current, [DB]) == []


@pytest.mark.parametrize("wanted", [Dependency("db", "2", HOME + "/"), Dependency("DB", "2", HOME)])
def test_a_dependency_that_is_not_there_is_told_with_those_that_are(wanted: Dependency) -> None:
    with pytest.raises(Permanent, match=f"no dependency .* It has db from {HOME}"):
        version_updates([DB], [wanted])


def test_changes_are_told_by_name() -> None:
    before = [Dependency("a", "1"), Dependency("b", "1"), Dependency("c", "1")]
    after = [Dependency("a", "2"), Dependency("b", "1"), Dependency("d", "1")]
    told = changes(before, after)
    assert told == {"a": "1 -> 2", "d": "1", "c": "removed"}
    message = "Updated chart dependencies for ./app\n\n- a: 1 -> 2\n- c: removed\n- d: 1"
    assert commit_message("./app", told) == message
    assert commit_message("./app", {}) == ""
