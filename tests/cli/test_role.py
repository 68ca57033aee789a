"""`argosy role`, `argosy grant` and `argosy revoke`, on a real server."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Cli


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_a_role_from_its_beginning_to_its_end(cli: Cli, project: str) -> None:
    made = cli(
        *("role", "create", "releasers", "-p", project, "--claim", "groups=releasers,devops"),
        *("--description", "who release", "--allow", "get,list:stages,freights"),
    )
    assert (made.exit_code, made.stdout) == (0, "role/releasers created\n"), made.stderr
    given = cli("grant", "-p", project, "--role", "releasers", "--verb", "promote", "--resource-type", "stages")
    assert (given.exit_code, given.stdout) == (0, "role/releasers updated\n"), given.stderr
    assert cli("grant", "-p", project, "--role", "releasers", "--claim", "email=jane@example.com").exit_code == 0
    taken = cli("revoke", "-p", project, "--role", "releasers", "--claim", "groups=devops")
    assert taken.exit_code == 0, taken.stderr
    assert (
        cli("revoke", "-p", project, "--role", "releasers", "--verb", "list", "--resource-type", "stages").exit_code
        == 0
    )
    shown = cli("role", "get", "releasers", "-p", project).stdout
    assert shown.splitlines()[:4] == [
        "Role releasers: who release",
        "",
        "Who has it",
        "  email=jane@example.com",
    ]
    assert ["get,", "promote", "stages.kargo.akuity.io"] in rows(shown)
    assert ["get,", "list", "freights.kargo.akuity.io"] in rows(shown)
    promoter = rows(cli("role", "get", "kargo-promoter", "-p", project).stdout)
    assert ["patch", "freights.kargo.akuity.io/status"] in promoter
    whole = json.loads(cli("role", "get", "releasers", "-p", project, "-o", "json").stdout)
    assert whole["kargoManaged"] is True
    parts = cli("role", "get", "releasers", "-p", project, "--as-resources").stdout
    assert "serviceAccount:" in parts
    assert "roleBindings:" in parts
    listed = rows(cli("role", "list", "-p", project).stdout)
    assert listed[0] == ["NAME", "WHO", "HAS", "IT", "RULES", "MANAGED"]
    assert ["releasers", "email=jane@example.com;", "groups=releasers", "2", "yes"] in listed
    assert "releasers\n" in cli("role", "list", "-p", project, "-o", "name").stdout
    gone = cli("role", "delete", "releasers", "none", "-p", project)
    assert (gone.exit_code, gone.stdout) == (1, "role/releasers deleted\n")


def test_kargos_way_to_create_a_role_works(cli: Cli, project: str) -> None:
    made = cli("create", "role", "other", "-p", project, "--claim", "sub=1", "-o", "json")
    assert json.loads(made.stdout)["claims"] == [{"name": "sub", "values": ["1"]}], made.stderr
    assert cli("role", "delete", "other", "-p", project).exit_code == 0


def test_what_is_given_of_a_role_is_replaced_and_the_rest_stays(cli: Cli, project: str) -> None:
    cli(
        "role", "create", "changing", "-p", project, "--claim", "sub=1", "--description", "old", "--allow", "get:stages"
    )
    done = cli(
        "role", "update", "changing", "-p", project, "--allow", "promote:stages:dev,test", "--allow", "get:freights"
    )
    assert (done.exit_code, done.stdout) == (0, "role/changing updated\n"), done.stderr
    role = json.loads(cli("role", "get", "changing", "-p", project, "-o", "json").stdout)
    assert role["claims"] == [{"name": "sub", "values": ["1"]}]
    assert [(rule["resources"], rule["verbs"], rule.get("resourceNames")) for rule in role["rules"]] == [
        (["freights"], ["get"], None),
        (["stages"], ["promote"], ["dev"]),
        (["stages"], ["promote"], ["test"]),
    ]
    assert cli("role", "update", "changing", "-p", project, "--claim", "sub=2", "--description", "").exit_code == 0
    role = json.loads(cli("role", "get", "changing", "-p", project, "-o", "json").stdout)
    assert (role["claims"], len(role["rules"])) == ([{"name": "sub", "values": ["2"]}], 3)
    assert "description" not in json.dumps(role["metadata"])
    assert cli("role", "update", "changing", "-p", project).exit_code == 2
    assert cli("role", "update", "changing", "-p", project, "--allow", "promote:stages:dev:x").exit_code == 2
    assert cli("role", "delete", "changing", "-p", project).exit_code == 0


def test_roles_of_the_installation(cli: Cli) -> None:
    found = json.loads(cli("role", "list", "--system", "-o", "json").stdout)["items"]
    assert isinstance(found, list)


WRONG = {
    "neither": ((), "either --claim"),
    "both": (("--claim", "sub=1", "--verb", "get", "--resource-type", "stages"), "either --claim"),
    "a verb alone": (("--verb", "get"), "go together"),
    "no claim": (("--claim", "groups"), "NAME=VALUE"),
    "a claim of nothing": (("--claim", "groups= ,"), "NAME=VALUE"),
}


@pytest.mark.parametrize("name", ["grant", "revoke"])
@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG)
def test_what_is_meant_must_be_said(cli: Cli, name: str, given: tuple[str, ...], told: str) -> None:
    done = cli(name, "-p", "any", "--role", "r", *given)
    assert done.exit_code == 2
    assert told in done.stderr


def test_mistakes_are_told_with_a_guess(cli: Cli, project: str) -> None:
    assert cli("role", "create", "x", "-p", project, "--allow", "stages").exit_code == 2
    done = cli("role", "create", "x", "-p", project, "--allow", "get:stage")
    assert done.exit_code == 1
    assert "Did you mean 'stages'?" in done.stderr
