"""`argosy create`: Projects, and Freight of what a real Warehouse has discovered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from argosy.testing.git_repository import GitRepository


@pytest.fixture
def warehouse(cli: Cli, project: str, tmp_path: Path) -> list[str]:
    """The commits, newest first, of a repository that the Warehouse `code` of the Project watches."""
    repository = GitRepository.create(tmp_path / "code.git")
    commits = [repository.commit({"app.txt": f"{number}\n"}, message=f"Change {number}") for number in range(3)]
    manifest = (
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: {name: code}\nspec:\n"
        "  freightCreationPolicy: Manual\n"
        f"  subscriptions: [{{git: {{repoURL: '{repository.url}', branch: main}}}}]\n"
    )
    assert cli("apply", "-f", "-", "-p", project, stdin=manifest).exit_code == 0
    looked = cli("refresh", "warehouse", "code", "-p", project, "--wait", "--timeout", "60s")
    assert looked.exit_code == 0, looked.output
    return commits[::-1]


def test_freight_is_made_of_the_newest_or_of_what_is_wished(cli: Cli, project: str, warehouse: list[str]) -> None:
    flags = ("create", "freight", "-p", project, "--warehouse", "code")
    older = cli(*flags, "--with", f"code={warehouse[2][:8]}", "--alias", "the-first")
    assert older.exit_code == 0, older.stderr
    assert older.stdout.endswith(" created (the-first)\n")
    newest = json.loads(cli(*flags, "-o", "json").stdout)
    assert newest["commits"][0]["id"] == warehouse[0]
    assert newest["commits"][0]["message"] == "Change 2"
    assert newest["alias"]
    kept = cli("get", "freight", "-p", project, "-o", "jsonpath={.items[*].commits[0].id}").stdout
    assert set(kept.split()) == {warehouse[0], warehouse[2]}
    again = cli(*flags)
    assert again.exit_code == 1
    assert f"({newest['alias']})" in again.stderr


def test_a_dry_run_makes_nothing(cli: Cli, project: str, warehouse: list[str]) -> None:
    result = cli("create", "freight", "-p", project, "--warehouse", "code", "--dry-run", "-o", "json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["commits"][0]["id"] == warehouse[0]
    assert cli("get", "freight", "-p", project, "-o", "name").stdout == ""


def test_what_was_discovered_is_listed(cli: Cli, project: str, warehouse: list[str]) -> None:
    result = cli("create", "freight", "-p", project, "--warehouse", "code", "--list")
    head, *rows = result.stdout.splitlines()
    assert head.split() == ["TYPE", "REPOSITORY", "VERSION", "ID", "ABOUT"]
    assert [row.split()[2] for row in rows] == [commit[:12] for commit in warehouse]


def test_a_wish_that_cannot_be_met_creates_nothing(cli: Cli, project: str, warehouse: list[str]) -> None:
    result = cli("create", "freight", "-p", project, "--warehouse", "code", "--with", "code=feedbeef")
    assert result.exit_code == 1
    assert "was not discovered; newest first there is" in result.stderr
    assert cli("get", "freight", "-p", project, "-o", "name").stdout == ""


def test_a_warehouse_that_has_not_looked_has_nothing_to_give(cli: Cli, pipeline: str) -> None:
    result = cli("create", "freight", "-p", pipeline, "--warehouse", "app")
    assert result.exit_code == 1
    assert "argosy refresh warehouse app" in result.stderr


@pytest.mark.parametrize("wish", ["web", "=1", "web="])
def test_a_wish_has_two_sides(cli: Cli, wish: str) -> None:
    result = cli("create", "freight", "-p", "x", "--warehouse", "w", "--with", wish)
    assert result.exit_code == 2
    assert "REPOSITORY=VERSION" in result.stderr


def test_a_list_takes_no_wishes(cli: Cli) -> None:
    result = cli("create", "freight", "-p", "x", "--warehouse", "w", "--list", "--alias", "a")
    assert result.exit_code == 2


def test_a_project_is_made_with_its_namespace(cli: Cli) -> None:
    tried = cli("create", "project", "made-by-word", "--dry-run")
    assert tried.stdout == "project.kargo.akuity.io/made-by-word created (dry run)\n"
    made = cli("create", "project", "made-by-word")
    assert made.stdout == "project.kargo.akuity.io/made-by-word created\n"
    assert cli("get", "namespace", "made-by-word", "-o", "name").stdout == "namespace/made-by-word\n"
    again = cli("create", "project", "made-by-word")
    assert again.exit_code == 1
    assert "exists" in again.stderr
