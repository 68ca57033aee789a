"""The screen: colours for people alone, nothing that moves a stranger's cursor, progress in both ways."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner
from rich.console import Console

from argosy.cli.output import TablePrinter, as_json, as_yaml
from argosy.cli.progress import Lines, draw
from argosy.cli.screen import has_colours, paint, paint_word, safe
from argosy.resources.promotion import Promotion


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_colours_are_for_terminals_unless_refused(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_colours(Terminal()) is expected
    assert has_colours(io.StringIO()) is False
    assert (paint("x", "red", stream=Terminal()) != "x") is expected
    assert (paint_word("Healthy", stream=Terminal()) != "Healthy") is expected
    assert paint_word("neutral", stream=Terminal()) == "neutral"


def test_control_characters_are_made_visible() -> None:
    assert safe("a\x1b[2Jb\x07c\td\n") == "a^[[2Jb\ufffdc\td\n"


def test_cells_stay_on_their_line(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"cells": ["x\nsecond", "\x1b[31mred", None, 5]}
    TablePrinter().show({"columnDefinitions": [{"name": name} for name in "abcd"], "rows": [row]})
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["x...", "^[[31mred", "5"]
    assert lines[0].index("D") == lines[1].index("5")
    assert len(lines) == 2


def test_rows_of_a_watch_stay_under_their_columns(capsys: pytest.CaptureFixture[str]) -> None:
    printer = TablePrinter()
    columns = [{"name": "Name"}, {"name": "Age"}, {"name": "Hidden", "priority": 1}]
    printer.show({"columnDefinitions": columns, "rows": [{"cells": ["longer-name", "1s", "h"]}]})
    printer.show({"columnDefinitions": None, "rows": [{"cells": ["x", "2s", "h"]}]})
    assert capsys.readouterr().out == "NAME          AGE\nlonger-name   1s\nx             2s\n"


def test_wider_rows_of_a_watch_keep_a_gap_between_their_cells(capsys: pytest.CaptureFixture[str]) -> None:
    printer = TablePrinter()
    columns = [{"name": "Name"}, {"name": "Status"}, {"name": "Age"}]
    printer.show({"columnDefinitions": columns, "rows": [{"cells": ["dev", "Ready", "1s"]}]})
    printer.show({"columnDefinitions": None, "rows": [{"cells": ["dev", "currently Pending", "2s"]}]})
    assert capsys.readouterr().out.splitlines()[-1] == "dev    currently Pending   2s"


def test_text_that_looks_like_something_else_is_quoted() -> None:
    assert as_yaml({"b": "true", "a": "1.10", "c": "no", "d": "plain", "e": "y", "f": "x\ny\n"}) == (
        'a: "1.10"\nb: "true"\nc: "no"\nd: plain\ne: "y"\nf: |\n  x\n  y\n'
    )
    assert as_json({"b": "<a> & b", "a": []}) == '{\n    "a": [],\n    "b": "\\u003ca\\u003e \\u0026 b"\n}'


PROMOTION = {
    "metadata": {"name": "dev.x.y", "namespace": "demo"},
    "spec": {
        "stage": "dev", "freight": "abcdef0123", "steps": [{"uses": "git-clone"}, {"uses": "git-push", "as": "push"}],
    },
    "status": {
        "phase": "Failed",
        "message": "no \x1b[2Jway",
        "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:09Z",
        "stepExecutionMetadata": [
            {"alias": "step-1", "status": "Succeeded"},
            {"alias": "push", "status": "Failed", "message": "rejected", "startedAt": "2026-01-01T00:00:01Z",
             "finishedAt": "2026-01-01T00:00:09Z"},
        ],
    },
}  # fmt: skip


def test_progress_in_lines_tells_each_end_once(capsys: pytest.CaptureFixture[str]) -> None:
    begun = {
        "phase": "Running",
        "stepExecutionMetadata": [{"alias": "step-1", "status": "Succeeded"}, {"status": "Running"}],
    }
    states = ({"phase": "Pending"}, begun, begun, PROMOTION["status"], PROMOTION["status"])
    with Lines() as shown:
        for status in states:
            shown.show(Promotion.model_validate({**PROMOTION, "status": status}))
    assert capsys.readouterr().err.splitlines() == [
        "dev: step-1 (git-clone): Succeeded",
        "dev: push (git-push): Failed (8s): rejected",
        "dev: Failed (9s): no ^[[2Jway",
    ]


def test_progress_is_drawn_with_every_step() -> None:
    running = {**PROMOTION, "status": {"phase": "Running", "stepExecutionMetadata": [{"status": "Running"}]}}
    console = Console(file=io.StringIO(), width=80, color_system=None)
    for document in (PROMOTION, running):
        console.print(draw({"dev.x.y": Promotion.model_validate(document)}))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("dev ← abcdef0", "✓   step-1 git-clone", "✗   push git-push", "rejected", "8s", "9s"):
        assert part in text
    assert "\x1b" not in text


def test_help_of_every_command_is_told_without_a_server() -> None:
    from argosy.cli import COMMANDS, command

    for name in COMMANDS:
        result = CliRunner().invoke(command, [name, "--help"], prog_name="argosy")
        assert result.exit_code == 0, name
        assert "\n\n" in result.stdout
