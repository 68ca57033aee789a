"""`argosy get`: what kubectl would print, in the same forms, with exit codes that tell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from tests.cli.conftest import Cli

from argosy.testing.kubectl import Kubectl

FORMS = (
    "json",
    "yaml",
    "name",
    'jsonpath={range .items[*]}{.metadata.name}{"\\t"}{.spec.requestedFreight[0].origin.name}{"\\n"}{end}',
    "jsonpath={.items[?(@.metadata.name=='dev')].spec}",
    "jsonpath-as-json={.items[*].metadata.labels}",
    "jsonpath={..image}",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["stages", "warehouses", "freights"])
def test_lists_are_byte_for_byte_as_kubectl_prints_them(
    cli: Cli, kubectl: Kubectl, pipeline: str, form: str, kind: str
) -> None:
    _agree(
        lambda: cli("get", kind, "-p", pipeline, "-o", form).stdout,
        lambda: kubectl("get", kind, "-n", pipeline, "-o", form).out,
    )


def _agree(ours: Callable[[], str], theirs: Callable[[], str]) -> None:
    """Both are the same, asked at a moment when controllers change nothing in between."""
    for _ in range(20):
        before, found = theirs(), ours()
        if before == theirs():
            assert found == before
            return
    raise AssertionError("the resources never rest")


@pytest.mark.parametrize("form", ["json", "yaml", "name", "jsonpath={.spec}", "jsonpath-as-json={.status}"])
def test_one_resource_is_as_kubectl_prints_it(cli: Cli, kubectl: Kubectl, pipeline: str, form: str) -> None:
    _agree(
        lambda: cli("get", "warehouse", "app", "-p", pipeline, "-o", form).stdout,
        lambda: kubectl("get", "warehouse", "app", "-n", pipeline, "-o", form).out,
    )


@pytest.mark.parametrize("flags", [(), ("--no-headers",), ("-o", "wide")])
@pytest.mark.parametrize("kind", ["freights", "stages", "configmaps"])
def test_tables_are_as_kubectl_prints_them(
    cli: Cli, kubectl: Kubectl, pipeline: str, flags: tuple[str, ...], kind: str
) -> None:
    """All but the ages, which pass between the two."""
    _agree(
        lambda: re.sub(r"\d+s$", "", cli("get", kind, "-p", pipeline, *flags).stdout, flags=re.MULTILINE),
        lambda: re.sub(r"\d+s$", "", kubectl("get", kind, "-n", pipeline, *flags).out, flags=re.MULTILINE),
    )


def test_all_namespaces_have_a_column(cli: Cli, kubectl: Kubectl, pipeline: str) -> None:
    theirs, ours = kubectl("get", "freights", "-A").out, cli("get", "freight", "-A").stdout
    assert [row.split()[:3] for row in ours.splitlines()] == [row.split()[:3] for row in theirs.splitlines()]
    assert ours.startswith("NAMESPACE ")


def test_several_names_become_a_list_and_a_missing_one_an_error(cli: Cli, pipeline: str) -> None:
    result = cli("get", "stage", "dev", "none", "broken", "-p", pipeline, "-o", "json")
    assert result.exit_code == 1
    assert [item["metadata"]["name"] for item in json.loads(result.stdout)["items"]] == ["dev", "broken"]
    assert result.stderr.startswith("error: ")
    assert '"none"' in result.stderr


def test_kinds_may_be_written_in_every_way(cli: Cli, pipeline: str) -> None:
    expected = "stage.kargo.akuity.io/dev\nwarehouse.kargo.akuity.io/app\n"
    assert cli("get", "stage/dev", "warehouse/app", "-p", pipeline, "-o", "name").stdout == expected
    everything = cli("get", "all", "-p", pipeline).stdout
    assert "stage.kargo.akuity.io/dev" in everything
    assert "warehouse.kargo.akuity.io/app" in everything
    assert "freight.kargo.akuity.io/" in everything


def test_the_project_comes_from_flag_environment_or_context(cli: Cli, pipeline: str, project: str) -> None:
    assert cli("get", "stages", "-o", "name", ARGOSY_PROJECT=pipeline).stdout.startswith("stage.")
    assert cli("config", "set-project", pipeline).exit_code == 0
    assert cli("get", "stages", "-o", "name").stdout.startswith("stage.")
    assert cli("get", "stages", "-p", "other", "-o", "name", ARGOSY_PROJECT=pipeline).stdout == ""
    assert cli("config", "set-project", "").exit_code == 0
    assert cli("get", "stages").exit_code == 2


def test_selectors_choose(cli: Cli, pipeline: str) -> None:
    chosen = cli("get", "stages", "-p", pipeline, "-l", "tier=last", "-o", "name")
    assert chosen.stdout == "stage.kargo.akuity.io/broken\n"
    named = cli("get", "stages", "-p", pipeline, "--field-selector", "metadata.name=dev", "-o", "name")
    assert named.stdout == "stage.kargo.akuity.io/dev\n"
    assert cli("get", "stages", "-p", pipeline, "-l", "a=b,,=").exit_code == 1


def test_freight_is_found_by_alias_name_and_warehouse(cli: Cli, pipeline: str, freight: str) -> None:
    expected = f"freight.kargo.akuity.io/{freight}\n"
    for flags in (("--alias", "wonky-wombat"), ("--name", freight), ("--warehouse", "app"), ("--origin", "app")):
        assert cli("get", "freight", "-p", pipeline, *flags, "-o", "name").stdout == expected
    assert cli("get", "freight", "-p", pipeline, "--warehouse", "other", "-o", "name").stdout == ""


def test_nothing_found_is_no_error(cli: Cli, project: str) -> None:
    result = cli("get", "stages", "-p", project)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No resources found.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("get",), "no kind of resource is named"),
        (("get", "stagez", "-p", "x"), "Did you mean `stage`?"),
        (("get", "stages", "-p", "x", "-o", "xml"), "'xml' is none of"),
        (("get", "stages", "-p", "x", "-o", "jsonpath={.a"), "not closed"),
        (("get", "stage/dev", "qa", "-p", "x"), "'qa' is not TYPE/NAME"),
        (("get", "stages", "--alias", "a", "-p", "x"), "are for Freight"),
        (("get", "stages,warehouses", "-w", "-p", "x"), "--watch is for one kind"),
        (("get", "stage", "dev", "-A"), "across all namespaces"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_command_that_is_not_understood_exits_with_2(cli: Cli, arguments: tuple[str, ...], told: str) -> None:
    result = cli(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_names_from_strangers_reach_no_other_place(cli: Cli, pipeline: str) -> None:
    for name in ("../../secrets", "a%2f..%2fb", "x?watch=true", "\x1b[2J"):
        result = cli("get", "stage", name, "-p", pipeline)
        assert result.exit_code in (1, 2)
        assert "\x1b" not in result.output


def test_a_watch_prints_what_is_there_and_what_changes(cli: Cli, pipeline: str) -> None:
    watching = cli.start("get", "configmaps", "-p", pipeline, "-w", "-o", "name")
    assert watching.stdout is not None
    try:
        for number in range(2):
            config = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: seen-{number}}}\n"
            assert cli("apply", "-f", "-", "-p", pipeline, stdin=config).exit_code == 0
            assert watching.stdout.readline() == f"configmap/seen-{number}\n"
    finally:
        watching.terminate()
        watching.communicate(timeout=10)
