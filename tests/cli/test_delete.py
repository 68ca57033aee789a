"""`argosy delete`: gone when it returns."""

from __future__ import annotations

from tests.cli.conftest import PIPELINE, Cli


def test_stages_are_gone_when_it_returns(cli: Cli, pipeline: str) -> None:
    result = cli("delete", "stage", "dev", "broken", "-p", pipeline, "--timeout", "60s")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "stage.kargo.akuity.io/dev deleted\nstage.kargo.akuity.io/broken deleted\n"
    assert cli("get", "stages", "-p", pipeline, "-o", "name").stdout == "stage.kargo.akuity.io/endless\n"


def test_freight_is_deleted_by_alias(cli: Cli, pipeline: str, freight: str) -> None:
    result = cli("delete", "freight", "--alias", "wonky-wombat", "-p", pipeline)
    assert result.stdout == f"freight.kargo.akuity.io/{freight} deleted\n"


def test_files_name_what_to_delete(cli: Cli, pipeline: str) -> None:
    stages = "\n---\n".join(part for part in PIPELINE.split("\n---\n") if "kind: Freight" not in part)
    result = cli("delete", "-f", "-", "-p", pipeline, "--timeout", "60s", stdin=stages)
    assert result.exit_code == 0, result.stderr
    assert cli("get", "stages,warehouses", "-p", pipeline, "-o", "name").stdout == ""


def test_a_whole_project_goes(cli: Cli, pipeline: str) -> None:
    result = cli("delete", "project", pipeline, "--timeout", "60s")
    assert result.exit_code == 0, result.stderr
    assert pipeline not in cli("get", "projects").stdout


def test_what_is_gone_already_is_an_error_unless_told_otherwise(cli: Cli, pipeline: str) -> None:
    missing = cli("delete", "stage", "none", "dev", "-p", pipeline)
    assert missing.exit_code == 1
    assert missing.stdout == "stage.kargo.akuity.io/dev deleted\n"
    assert cli("delete", "stage", "none", "-p", pipeline, "--ignore-not-found").exit_code == 0


def test_nothing_is_deleted_by_mistake(cli: Cli, pipeline: str) -> None:
    for words in ((), ("stages",), ("all",), ("stage", "dev", "-f", "x.yaml"), ("stages", "--alias", "a")):
        assert cli("delete", *words, "-p", pipeline).exit_code == 2, words
    assert "dev" in cli("get", "stages", "-p", pipeline).stdout


def test_freight_in_use_is_refused_with_advice(cli: Cli, pipeline: str, freight: str) -> None:
    promoted = cli("promote", "-p", pipeline, "--freight", freight, "--stage", "dev", "--wait")
    assert promoted.exit_code == 0
    assert cli("refresh", "stage", "dev", "-p", pipeline, "--wait").exit_code == 0
    refused = cli("delete", "freight", freight, "-p", pipeline)
    assert refused.exit_code == 1
    assert "in use" in refused.stderr
