"""`argosy credentials` and `argosy update`: what is kept, what is shown, and what is never shown."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

GIT = ("--git", "--repo-url", "https://github.com/acme/config.git", "--username", "me")
SECRET = "s3cr3t-of-nobody"


def kept(cli: Cli, project: str, name: str) -> dict[str, str]:
    """The values of a Secret."""
    data = json.loads(cli("get", "secret", name, "-p", project, "-o", "json").stdout)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_credentials_of_a_repository(cli: Cli, project: str) -> None:
    made = cli("credentials", "create", "login", "-p", project, *GIT, "--password-stdin", stdin=f"{SECRET}\n")
    assert (made.exit_code, made.stdout) == (0, "secret/login created\n"), made.stderr
    assert kept(cli, project, "login")["password"] == SECRET
    changed = cli("credentials", "update", "login", "-p", project, "--username", "you", "--description", "of the team")
    assert changed.exit_code == 0, changed.stderr
    values = kept(cli, project, "login")
    assert (values["username"], values["password"]) == ("you", SECRET), "what is not said stays"
    shown = cli("credentials", "get", "login", "-p", project)
    assert re.split("  +", shown.stdout.splitlines()[1])[:5] == [
        "login",
        "git",
        "https://github.com/acme/config.git",
        "you",
        "of the team",
    ]
    whole = cli("credentials", "get", "login", "-p", project, "-o", "yaml").stdout
    assert SECRET not in whole + shown.stdout + made.output + changed.output
    assert cli("credentials", "delete", "login", "none", "-p", project).exit_code == 1
    assert "No credentials found" in cli("credentials", "list", "-p", project).stderr


def test_other_credentials(cli: Cli, project: str, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(SECRET)
    made = cli("create", "generic-credentials", "keys", "-p", project, "--set", "A=1=1", "--set-file", f"B={key}")
    assert made.exit_code == 0, made.stderr
    assert kept(cli, project, "keys") == {"A": "1=1", "B": SECRET}
    changed = cli("update", "generic-credentials", "keys", "-p", project, "--set", "C=3", "--unset", "A")
    assert changed.exit_code == 0, changed.stderr
    assert kept(cli, project, "keys") == {"B": SECRET, "C": "3"}
    described = cli("credentials", "update", "keys", "-p", project, "--description", "for steps")
    assert described.exit_code == 0, described.stderr
    listed = cli("credentials", "list", "-p", project)
    assert re.split("  +", listed.stdout.splitlines()[1])[:4] == ["keys", "generic", "B, C", "for steps"]
    assert json.loads(cli("credentials", "list", "-p", project, "-o", "json").stdout)["items"][0]["kind"] == "Secret"
    assert cli("credentials", "list", "-p", project, "-o", "name").stdout == "secret/keys\n"
    assert cli("credentials", "delete", "keys", "-p", project).stdout == "secret/keys deleted\n"


def test_shared_ones_and_those_of_the_system_are_elsewhere(cli: Cli) -> None:
    flags = ("--image", "--regex", "--repo-url", "^ghcr.io/acme/.*$", "--username", "me", "--password", SECRET)
    assert cli("credentials", "create", "acme", "--shared", *flags).exit_code == 0
    assert "^ghcr.io/acme/.*$ (regex)" in cli("credentials", "list", "--shared").stdout
    assert cli("credentials", "create", "hook", "--system", "--set", "secret=x").exit_code == 0
    assert "hook" in cli("credentials", "list", "--system").stdout
    assert cli("credentials", "delete", "acme", "--shared").exit_code == 0
    assert cli("credentials", "delete", "hook", "--system").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("create", "x"),
        ("create", "x", *GIT),
        ("create", "x", *GIT, "--password", "a", "--password-stdin"),
        ("create", "x", *GIT, "--password", "a", "--set", "a=b"),
        ("create", "x", "--git", "--username", "me", "--password", "a"),
        ("create", "x", "--set", SECRET),
        ("create", "x", "--system", *GIT, "--password", "a"),
        ("create", "x", "--shared", "--system", "--set", "a=b"),
        ("update", "x"),
        ("update", "x", "--username", "me", "--unset", "b"),
        ("delete",),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_exits_with_2(cli: Cli, words: tuple[str, ...]) -> None:
    flags = () if {"--shared", "--system"} & {*words} else ("-p", "a")
    result = cli("credentials", *words, *flags)
    assert result.exit_code == 2, result.output
    assert SECRET not in result.output


def test_freight_gets_another_alias(cli: Cli, pipeline: str, freight: str) -> None:
    named = cli("update", "freight", "-p", pipeline, "--old-alias", "wonky-wombat", "--new-alias", "frozen-tauntaun")
    assert named.stdout == f"freight.kargo.akuity.io/{freight} is called frozen-tauntaun\n", named.stderr
    assert cli("update", "freight", "-p", pipeline, "--name", freight, "--new-alias", "tame-tapir").exit_code == 0
    assert cli("get", "freight", "-p", pipeline, "-o", "jsonpath={.items[0].alias}").stdout == "tame-tapir"
    as_name = cli("update", "freight", "-p", pipeline, "--name", "tame-tapir", "--new-alias", "calm-crab")
    assert as_name.stdout == f"freight.kargo.akuity.io/{freight} is called calm-crab\n", as_name.stderr
    assert cli("update", "freight", "-p", pipeline, "--new-alias", "x").exit_code == 2
    assert cli("update", "freight", "-p", pipeline, "--name", "none", "--new-alias", "x").exit_code == 1


def test_a_config_map_is_made_and_changed(cli: Cli, project: str) -> None:
    made = cli("create", "configmap", "settings", "-p", project, "--set", "zone=a", "--set", "size=s")
    assert (made.exit_code, made.stdout) == (0, "configmap/settings created\n"), made.stderr
    changed = cli(
        "update", "configmap", "settings", "-p", project, "--set", "region=eu", "--unset", "zone", "-o", "json"
    )
    assert json.loads(changed.stdout)["data"] == {"region": "eu", "size": "s"}, changed.stderr
    assert cli("update", "configmap", "settings", "-p", project).exit_code == 2
