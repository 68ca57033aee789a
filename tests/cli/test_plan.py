"""`argosy plan`: its exit code says whether something would change, and nothing does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from argosy.testing.git_repository import GitRepository

DELIVER = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: deliver}
spec:
  requestedFreight:
  - {origin: {kind: Warehouse, name: app}, sources: {direct: true}}
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config: {repoURL: "REPO", checkout: [{branch: main, path: ./src}]}
      - uses: yaml-update
        config: {path: ./src/values.yaml, updates: [{key: tag, value: "${{ imageFrom('127.0.0.1:1/app').Tag }}"}]}
      - uses: git-commit
        config: {path: ./src, message: "\\e[31mdeliver"}
      - {uses: git-push, as: push, config: {path: ./src}}
"""


@pytest.fixture
def repository(cli: Cli, pipeline: str, tmp_path: Path) -> GitRepository:
    made = GitRepository.create(tmp_path / "config.git")
    made.commit({"values.yaml": "# kept\ntag: 1.0.0\n"})
    assert cli("apply", "-f", "-", "-p", pipeline, stdin=DELIVER.replace("REPO", made.url)).exit_code == 0
    return made


def test_changes_are_shown_and_exit_with_2(cli: Cli, pipeline: str, freight: str, repository: GitRepository) -> None:
    head = repository.head()
    result = cli("plan", "-p", pipeline, "--freight-alias", "wonky-wombat", "--stage", "deliver")
    assert result.exit_code == 2, result.stderr
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == "Promoting wonky-wombat to deliver would do this:"
    assert "~ push    git-push" in lines
    assert f"would push main of {repository.url}" in lines
    assert lines.index("-tag: 1.0.0") + 1 == lines.index("+tag: 1.2.3")
    assert "commit = (known after push)" in lines
    assert lines[-1] == "1 change would be made. Nothing was done."
    assert "\x1b" not in result.stdout
    assert repository.head() == head
    assert cli("get", "promotions", "-p", pipeline, "-o", "name").stdout == ""


def test_a_plan_for_machines(cli: Cli, pipeline: str, freight: str, repository: GitRepository) -> None:
    result = cli("plan", "-p", pipeline, "--freight", freight, "--stage", "deliver", "-o", "json")
    assert result.exit_code == 2
    plan = json.loads(result.stdout)
    assert plan["freight"] == {"name": freight, "alias": "wonky-wombat", "origin": "Warehouse/app"}
    push = plan["steps"][-1]
    assert (push["alias"], push["knownAfter"]) == ("push", ["commit"])
    assert push["changes"][0]["verb"] == "push"
    assert "+tag: 1.2.3" in push["changes"][0]["diff"]


def test_no_changes_exit_with_0(cli: Cli, pipeline: str, freight: str) -> None:
    result = cli("plan", "-p", pipeline, "--warehouse", "app", "--stage", "dev")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "Nothing would change.")


def test_a_promotion_that_would_fail_exits_with_1(cli: Cli, pipeline: str, freight: str) -> None:
    assert cli("approve", "-p", pipeline, "--freight", freight, "--stage", "broken").exit_code == 0
    result = cli("plan", "-p", pipeline, "--freight", freight, "--stage", "broken")
    assert result.exit_code == 1
    assert "! step-1  fail  would fail: not <today> & not ever" in result.stdout
    assert "The promotion would not succeed" in result.stdout


def test_what_cannot_be_promoted_cannot_be_planned(cli: Cli, pipeline: str, freight: str) -> None:
    result = cli("plan", "-p", pipeline, "--freight", freight, "--stage", "broken")
    assert result.exit_code == 1
    assert "not available" in result.stderr
    missing = cli("plan", "-p", pipeline, "--freight", freight, "--stage", "gone")
    assert missing.exit_code == 1
    assert "no Stage 'gone'" in missing.stderr


@pytest.mark.parametrize(
    "flags", [(), ("--freight", "a", "--freight-alias", "b"), ("--freight", "a", "--warehouse", "w")]
)
def test_one_thing_is_planned(cli: Cli, flags: tuple[str, ...]) -> None:
    assert cli("plan", "-p", "x", "--stage", "dev", *flags).exit_code == 2
