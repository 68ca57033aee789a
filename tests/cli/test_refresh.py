"""`argosy refresh`: a look now, and what came of it."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Cli


def test_a_refresh_is_waited_for_and_its_outcome_told(
    cli: Cli, pipeline: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = cli("refresh", "stage", "dev", "-p", pipeline, "--wait", "--timeout", "60s")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("stage 'dev' refreshed\n")
    assert "  Ready=False: " in result.stdout
    assert [record for record in caplog.records if record.name == "asyncio"] == [], "a watch was left open"


def test_a_warehouse_that_cannot_discover_fails_the_refresh(cli: Cli, pipeline: str) -> None:
    result = cli("refresh", "warehouse", "app", "-p", pipeline, "--wait", "--timeout", "60s")
    assert result.exit_code == 1
    assert "could not discover" in result.stderr


def test_two_refreshes_at_once_are_both_answered(cli: Cli, pipeline: str) -> None:
    for _ in range(2):
        assert cli("refresh", "stage", "dev", "-p", pipeline, "--wait", "--timeout", "60s").exit_code == 0


def test_without_waiting_it_is_only_asked_for(cli: Cli, pipeline: str) -> None:
    assert cli("refresh", "warehouse", "app", "-p", pipeline).stdout == "warehouse 'app' refresh requested\n"


def test_what_cannot_be_refreshed_is_told(cli: Cli, pipeline: str) -> None:
    assert cli("refresh", "freight", "x", "-p", pipeline).exit_code == 2
    assert cli("refresh", "stage", "-p", pipeline).exit_code == 2
    assert cli("refresh", "projectconfig", "x", "-p", pipeline).exit_code == 2
    missing = cli("refresh", "stage", "none", "-p", pipeline)
    assert missing.exit_code == 1
    assert '"none"' in missing.stderr
