"""`argosy promote` and `argosy abort`: exit code 0 means it happened."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Cli


def test_waiting_succeeds_when_the_promotion_succeeded(cli: Cli, pipeline: str, freight: str) -> None:
    result = cli("promote", "-p", pipeline, "--freight", freight, "--stage", "dev", "--wait", "--timeout", "60s")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("promotion.kargo.akuity.io/dev.")
    assert result.stdout.endswith(" created\n")
    step, end = result.stderr.splitlines()
    assert step.startswith("dev: out (compose-output): Succeeded (")
    assert end.startswith("dev: Succeeded (")
    phases = cli("get", "promotions", "--stage", "dev", "-p", pipeline, "-o", "jsonpath={.items[*].status.phase}")
    assert phases.stdout == "Succeeded"


def test_waiting_fails_when_the_promotion_failed(cli: Cli, pipeline: str, freight: str) -> None:
    assert cli("approve", "-p", pipeline, "--freight", freight, "--stage", "broken").exit_code == 0
    result = cli(
        "promote", "-p", pipeline, "--freight-alias", "wonky-wombat", "--stage", "broken", "--wait", "-o", "json"
    )
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"]["phase"] == "Failed"
    assert "not <today> & not ever" in result.stderr
    assert "argosy logs broken." in result.stderr


def test_a_timeout_has_an_exit_code_of_its_own_and_abort_ends_what_runs(cli: Cli, pipeline: str, freight: str) -> None:
    late = cli(
        "promote", "-p", pipeline, "--freight", freight, "--stage", "endless", "--wait", "--timeout", "1s", "-o", "name"
    )
    assert late.exit_code == 124
    assert "within 1 seconds" in late.stderr
    name = late.stdout.strip().partition("/")[2]
    aborted = cli("promote", "-p", pipeline, "--abort", "--name", name, "--wait", "--timeout", "60s")
    assert aborted.exit_code == 0, aborted.stderr
    assert aborted.stdout == f"promotion.kargo.akuity.io/{name} aborted\n"
    assert "promotion: Aborted: " in cli("logs", "-p", pipeline, name).stdout.splitlines()[-1]
    again = cli("abort", "-p", pipeline, name)
    assert again.exit_code == 1
    assert "already ended: Aborted" in again.stderr


def test_downstream_promotes_to_each_stage_that_takes_it_or_to_none(cli: Cli, pipeline: str, freight: str) -> None:
    early = cli("promote", "-p", pipeline, "--freight", freight, "--downstream-from", "dev")
    assert early.exit_code == 1
    assert "not available to broken" in early.stderr
    assert "broken: it has not been in dev, where it must be verified first. `argosy explain freight" in early.stderr
    assert cli("get", "promotions", "-p", pipeline, "-o", "name").stdout == ""
    assert cli("approve", "-p", pipeline, "--freight", freight, "--stage", "broken").exit_code == 0
    result = cli("promote", "-p", pipeline, "--freight", freight, "--downstream-from", "dev", "-o", "json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["spec"]["stage"] == "broken"
    none = cli("promote", "-p", pipeline, "--freight", freight, "--downstream-from", "broken")
    assert none.exit_code == 1
    assert "no Stage takes Freight" in none.stderr


def test_a_warehouse_stands_for_what_auto_promotion_would_choose(cli: Cli, pipeline: str, freight: str) -> None:
    result = cli("promote", "-p", pipeline, "--warehouse", "app", "--stage", "dev", "-o", "jsonpath={.spec.freight}")
    assert (result.exit_code, result.stdout) == (0, freight)


def test_what_does_not_exist_is_told(cli: Cli, pipeline: str, freight: str) -> None:
    for flags, told in (
        (("--freight-alias", "none", "--stage", "dev"), "lists aliases"),
        (("--freight", "none", "--stage", "dev"), "none"),
        (("--freight", freight, "--stage", "none"), "'none'"),
        (("--freight", freight, "--downstream-from", "none"), '"none"'),
        (("--abort", "--name", "none"), '"none"'),
    ):
        result = cli("promote", "-p", pipeline, *flags)
        assert result.exit_code == 1, flags
        assert told in result.stderr


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--stage", "a"),
        ("--freight", "f"),
        ("--freight", "f", "--freight-alias", "a", "--stage", "s"),
        ("--freight", "f", "--stage", "s", "--downstream-from", "t"),
        ("--warehouse", "w", "--downstream-from", "t"),
        ("--abort",),
        ("--name", "n", "--freight", "f", "--stage", "s"),
        ("--abort", "--name", "n", "--stage", "s"),
        ("--freight", "f", "--stage", "s", "--timeout", "soon"),
        ("--freight", "f", "--stage", "s", "--timeout", "-5s"),
    ],
    ids=lambda flags: " ".join(flags) or "nothing",
)
def test_flags_that_contradict_each_other_exit_with_2(cli: Cli, flags: tuple[str, ...]) -> None:
    result = cli("promote", "-p", "x", *flags)
    assert result.exit_code == 2, result.output
    assert "Error: " in result.stderr


def test_approval_is_for_stages_that_take_the_freight(cli: Cli, pipeline: str, freight: str) -> None:
    foreign = (
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {name: foreign}\nspec:\n  requestedFreight:\n"
        "  - {origin: {kind: Warehouse, name: other}, sources: {direct: true}}\n"
    )
    assert cli("apply", "-f", "-", "-p", pipeline, stdin=foreign).exit_code == 0
    refused = cli("approve", "-p", pipeline, "--freight", freight, "--stage", "foreign")
    assert refused.exit_code == 1
    assert "It asks for Warehouse/other" in refused.stderr
    flags = ("approve", "-p", pipeline, "--freight-alias", "wonky-wombat", "--stage", "broken")
    assert cli(*flags).stdout.endswith(" approved for broken\n")
    assert cli(*flags).stdout.endswith(" already approved for broken\n")
    assert cli("approve", "-p", pipeline, "--stage", "broken").exit_code == 2
