"""`argosy rollback`: a Stage goes back, and stays there although auto-promotion is on."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Cli

NEWER = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {name: computed}
alias: newer-newt
discoveredAt: 2099-01-01T00:00:00Z
origin: {kind: Warehouse, name: app}
images: [{repoURL: 127.0.0.1:1/app, tag: 1.3.0, digest: "sha256:bbbb"}]
"""

CONFIG = """
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {name: PROJECT}
spec: {promotionPolicies: [{stageSelector: {name: dev}, autoPromotionEnabled: true}]}
"""


@pytest.fixture
def advanced(cli: Cli, pipeline: str, freight: str) -> str:
    """A Project whose Stage dev went from wonky-wombat to newer-newt, the latter by itself."""
    assert cli("apply", "-f", "-", "-p", pipeline, stdin=NEWER).exit_code == 0
    for alias in ("wonky-wombat", "newer-newt"):
        promoted = cli("promote", "-p", pipeline, "--freight-alias", alias, "--stage", "dev", "--wait")
        assert promoted.exit_code == 0, promoted.stderr
    assert cli("apply", "-f", "-", "-p", pipeline, stdin=CONFIG.replace("PROJECT", pipeline)).exit_code == 0
    return pipeline


def test_a_stage_goes_back_and_stays_there(cli: Cli, advanced: str) -> None:
    planned = cli("rollback", "dev", "-p", advanced, "--plan")
    assert planned.exit_code == 1
    assert planned.stdout.startswith("Promoting wonky-wombat to dev would do this:\n")
    assert "nothing was done" in planned.stderr
    assert len(cli("get", "promotions", "-p", advanced, "-o", "name").stdout.splitlines()) == 2
    back = cli("rollback", "dev", "-p", advanced, "--plan", "--yes", "--wait", "--timeout", "60s")
    assert back.exit_code == 0, back.stderr
    assert back.stdout.endswith(" created, back to wonky-wombat\n")
    assert cli("refresh", "stage", "dev", "-p", advanced, "--wait").exit_code == 0, "the Stage knows of the end"
    told = json.loads(cli("explain", "stage", "dev", "-p", advanced, "-o", "json").stdout)
    assert told["holds"][0]["alias"] == "wonky-wombat"
    (newer,) = told["candidates"]
    assert (newer["alias"], newer["available"], newer["automatic"]) == ("newer-newt", True, False)
    assert [why["code"] for why in newer["automaticReasons"]] == ["Held"]
    again = cli("rollback", "dev", "-p", advanced, "--to", "wonky-wombat")
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    forward = cli("rollback", "dev", "-p", advanced, "--to", "newer-newt", "-o", "json")
    assert json.loads(forward.stdout)["metadata"]["annotations"]["kargo.akuity.io/rollback"] == "true"


def test_what_cannot_be_gone_back_to_is_told(cli: Cli, pipeline: str) -> None:
    for words, told in (
        (("broken",), "nothing that Stage 'broken' could go back to"),
        (("none",), "none"),
        (("dev", "--to", "none"), "none"),
    ):
        result = cli("rollback", *words, "-p", pipeline)
        assert result.exit_code == 1
        assert told in result.stderr, result.stderr
