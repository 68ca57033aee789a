"""The program as a whole: commands are files, start quickly, and complete in shells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cli.conftest import PROGRAM, Cli
from tools.command_docs import FOLDER, pages

import argosy.cli
from argosy import __version__
from argosy.cli import COMMANDS, command


def test_the_command_is_the_file() -> None:
    folder = Path(argosy.cli.__file__).parent
    for name in COMMANDS:
        assert (folder / f"{name}.py").is_file()
        assert import_module(f"argosy.cli.{name}").command.name == name


def test_help_lists_every_command() -> None:
    text = CliRunner().invoke(command, ["--help"]).stdout
    assert all(f"  {name} " in text for name in COMMANDS)
    assert "Exit codes" in text


def test_an_unknown_command_is_guessed() -> None:
    result = CliRunner().invoke(command, ["promot"])
    assert result.exit_code == 2
    assert "Did you mean `promote`?" in result.stderr


def test_nothing_heavy_is_imported_for_the_version() -> None:
    script = (
        "import sys\nfrom argosy.cli import command\n"
        "try:\n    command(['version', '--client'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pydantic', 'httpx2', 'rich', 'yaml', 'sqlalchemy', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"Client Version: {__version__}\n"), done.stderr


def test_versions_of_both_ends_are_told(cli: Cli, tmp_path: Path) -> None:
    both = cli("version", "-o", "json")
    assert list(json.loads(both.stdout)) == ["client", "server"]
    alone = cli("version", ARGOSY_CONFIG=str(tmp_path / "none.yaml"))
    assert (alone.exit_code, alone.stdout) == (0, f"Client Version: {__version__}\n")
    unreachable = cli("version", "--server", "https://127.0.0.1:1")
    assert unreachable.exit_code == 1
    assert unreachable.stdout == f"Client Version: {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_program(shell: str) -> None:
    result = CliRunner().invoke(command, ["completion", shell], prog_name="argosy")
    assert result.exit_code == 0
    assert f"_ARGOSY_COMPLETE={shell}_complete" in result.stdout


def test_shells_complete_commands_options_and_kinds() -> None:
    for words, expected in (
        ("argosy pro", "promote"),
        ("argosy promote --fre", "--freight-alias"),
        ("argosy get war", "warehouses"),
    ):
        environment = {
            **os.environ,
            "_ARGOSY_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, check=False)
        assert expected in done.stdout


def test_a_reader_that_has_seen_enough_is_no_disaster(cli: Cli, pipeline: str) -> None:
    process = cli.start("get", "stages", "-A", "-o", "yaml")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) in (0, 1)


def test_an_interrupt_ends_with_130(cli: Cli, pipeline: str) -> None:
    process = cli.start("get", "stages", "-p", pipeline, "-w")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("NAME")
    time.sleep(0.2)
    process.send_signal(2)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in output


def test_the_reference_pages_are_current() -> None:
    written = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    assert written == pages(), "run `python tools/command_docs.py`"
