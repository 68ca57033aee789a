"""`argosy logs`, `argosy events` and `argosy describe`: what happened, told to people."""

from __future__ import annotations

import json
import time

import pytest
from tests.cli.conftest import Cli


@pytest.fixture
def promotion(cli: Cli, pipeline: str, freight: str) -> str:
    result = cli("promote", "-p", pipeline, "--freight", freight, "--stage", "dev", "--wait", "-o", "name")
    assert result.exit_code == 0, result.stderr
    return result.stdout.strip().partition("/")[2]


def test_logs_tell_every_step(cli: Cli, pipeline: str, promotion: str) -> None:
    result = cli("logs", promotion, "-p", pipeline)
    assert result.exit_code == 0
    assert " out: Succeeded\n" in result.stdout
    assert cli("logs", f"promotion/{promotion}", "-p", pipeline, "--follow").stdout == result.stdout


def test_logs_follow_until_the_promotion_has_ended(cli: Cli, pipeline: str, freight: str) -> None:
    made = cli("promote", "-p", pipeline, "--freight", freight, "--stage", "endless", "-o", "name")
    name = made.stdout.strip().partition("/")[2]
    following = cli.start("logs", "-f", "-p", pipeline, name)
    assert following.stdout is not None
    try:
        assert "git-clone" in following.stdout.readline()
        assert cli("abort", name, "-p", pipeline, "--wait", "--timeout", "60s").exit_code == 0
        following.communicate(timeout=30)
        assert following.returncode == 0
    finally:
        following.kill()
        following.communicate()


def test_logs_of_a_stage_are_those_of_its_newest_promotion(cli: Cli, pipeline: str, promotion: str) -> None:
    assert cli("logs", "--stage", "dev", "-p", pipeline).stdout == cli("logs", promotion, "-p", pipeline).stdout
    none = cli("logs", "--stage", "broken", "-p", pipeline)
    assert none.exit_code == 1
    assert "nothing was promoted" in none.stderr
    assert cli("logs", "-p", pipeline).exit_code == 2
    assert cli("logs", "none", "-p", pipeline).exit_code == 1


def test_events_come_oldest_first_and_can_be_chosen(cli: Cli, pipeline: str, promotion: str) -> None:
    rows = cli("events", "-p", pipeline).stdout.splitlines()
    assert rows[0].split() == ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    reasons = [row.split()[2] for row in rows[1:]]
    assert reasons.index("PromotionCreated") < reasons.index("PromotionSucceeded")
    chosen = cli("events", "-p", pipeline, "--for", f"promotion/{promotion}", "-o", "json")
    items = json.loads(chosen.stdout)["items"]
    assert {item["involvedObject"]["name"] for item in items} == {promotion}
    warned = cli("events", "-p", pipeline, "--types", "Warning", "--no-headers").stdout
    assert all(row.split()[1] == "Warning" for row in warned.splitlines())
    assert cli("events", "-p", pipeline, "--for", "dev").exit_code == 2


def test_a_stage_is_described_with_what_a_person_needs(cli: Cli, pipeline: str, promotion: str, freight: str) -> None:
    end, told = time.monotonic() + 30, ""
    while "Last Promotion:" not in told and time.monotonic() < end:  # the Stage notes it a moment after it has ended
        told = cli("describe", "stage", "dev", "-p", pipeline).stdout
    for part in ("Warehouse/app", "its Warehouse", "Last Promotion:", promotion, freight, "Conditions:", "image"):
        assert part in told, part


def test_other_kinds_are_described_too(cli: Cli, pipeline: str, promotion: str) -> None:
    told = cli("describe", "promotion", promotion, "-p", pipeline).stdout
    assert "compose-output" in told
    assert "PromotionSucceeded" in told
    told = cli("describe", "freight", "-p", pipeline).stdout
    assert "wonky-wombat" in told
    assert "127.0.0.1:1/app" in told
    told = cli("describe", "warehouse/app", "-p", pipeline).stdout
    assert "SemVer ^1" in told
    assert "only by hand" in told
    assert "Ready" in cli("describe", "project", pipeline).stdout


def test_a_secret_is_described_without_its_values(cli: Cli, project: str) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {word: hunter2}\n"
    assert cli("apply", "-f", "-", "-p", project, stdin=secret).exit_code == 0
    told = cli("describe", "secret", "login", "-p", project).stdout
    assert "7 bytes" in told
    assert "hunter2" not in told
    assert "aHVudGVyMg" not in told


def test_what_is_missing_is_told(cli: Cli, pipeline: str) -> None:
    result = cli("describe", "stage", "dev", "none", "-p", pipeline)
    assert result.exit_code == 1
    assert "Takes Freight" in result.stdout
    assert '"none"' in result.stderr
