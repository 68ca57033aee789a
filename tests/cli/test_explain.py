"""`argosy explain`: what a person reads, on a real server; and that its advice can be followed."""

from __future__ import annotations

import json
import re
import shlex

import click
import pytest
from tests.cli.conftest import Cli

from argosy.cli import command
from argosy.rules.obstacle import Code
from argosy.rules.reason import WORDS


def test_a_stage_tells_what_its_candidates_wait_for(cli: Cli, pipeline: str, freight: str) -> None:
    told = cli("explain", "stage", "broken", "-p", pipeline)
    assert told.exit_code == 0, told.stderr
    assert (
        re.sub(r"\d+s ago", "1s ago", told.stdout)
        == f"""\
Stage broken: Stage has no current Freight

There now
  nothing

Could come
  wonky-wombat  app 1.2.3  found 1s ago  not yet
    it has not been in dev, where it must be verified first
      `argosy explain freight wonky-wombat --project {pipeline}` tells why it is not there
      `argosy approve --project {pipeline} --freight-alias wonky-wombat --stage broken` lets it in all the same.

Auto-promotion is not enabled: what comes here is promoted by somebody.
"""
    )


def test_freight_tells_why_it_is_not_elsewhere(cli: Cli, pipeline: str, freight: str) -> None:
    assert cli("promote", "-p", pipeline, "--freight", freight, "--stage", "dev", "--wait").exit_code == 0
    told = json.loads(cli("explain", "freight", "wonky-wombat", "-p", pipeline, "-o", "json").stdout)
    assert (told["freight"], told["alias"]) == (freight, "wonky-wombat")
    states = {each["stage"]: (each["state"], [why["code"] for why in each["reasons"]]) for each in told["stages"]}
    assert states["endless"] == ("available", [])
    assert list(states)[-1] == "broken", "what comes later is told later"
    assert cli("explain", "freight", freight, "-p", pipeline).stdout.startswith("Freight wonky-wombat of app, found ")


def test_what_does_not_exist_is_told(cli: Cli, pipeline: str) -> None:
    for words, told in (
        (("stage", "none"), "none"),
        (("freight", "none"), "no Freight of the name or alias 'none'"),
        (("stage", "dev", "--freight", "none"), "asks for no Freight 'none'"),
    ):
        result = cli("explain", *words, "-p", pipeline)
        assert result.exit_code == 1, words
        assert told in result.stderr
    assert cli("explain", "freight", "x", "--freight", "y", "-p", pipeline).exit_code == 2


@pytest.mark.parametrize("code", WORDS, ids=str)
def test_advice_names_commands_that_exist(code: Code) -> None:
    for line in re.findall(r"`argosy ([^`]+)`", WORDS[code][1]):
        words = shlex.split(line.replace("{option}", "--freight x"))
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, line
        known = {option for parameter in found.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, line
