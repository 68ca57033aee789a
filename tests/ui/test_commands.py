"""The commands that pages show for their actions are commands that there are."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from tools.ui import SOURCE

from argosy.cli import command

SAID = sorted(
    {
        said
        for test in (SOURCE / "src").rglob("*.test.ts")
        for said in re.findall(r'"argosy ([a-z][^"]*)"', test.read_text("utf-8"))
    }
)


@pytest.mark.parametrize("said", SAID)
def test_what_pages_show_is_a_command(said: str) -> None:
    words = shlex.split(said)
    found: click.Command = command
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        inner = found.get_command(click.Context(found), words.pop(0))
        assert inner is not None, said
        found = inner
    found.make_context("argosy", words, resilient_parsing=False)


def test_there_are_such() -> None:
    assert len(SAID) > 10
