"""`argosy expr`: one expression, or a stream of questions and answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argosy.cli import command


def expr(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(command, ["expr", *arguments], input=stdin)


def answers(*questions: Any) -> list[Any]:
    lines = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in questions)
    result = expr("--jsonl", stdin=lines)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["1 + 2 * 3"], "7"),
        (["7 / 2"], "3.5"),
        (["upper('a<b')"], '"A\\u003cB"'),
        (["--raw", "upper('a<b')"], "A<B"),
        (["{a: [1]}"], '{\n  "a": [\n    1\n  ]\n}'),
        (["semverParse('v1.2.3').IncMinor()"], '"1.3.0"'),
        (["date('2026-05-01')"], '"2026-05-01T00:00:00Z"'),
        (["now().Year() > 2000"], "true"),
        (["--template", "v${{ 1.10 }}"], '"v1.1"'),
        (["--template", "${{ '42' }}"], "42"),
        (["missing"], "null"),
    ],
)
def test_the_value_is_printed_as_json(arguments: list[str], printed: str) -> None:
    result = expr(*arguments)
    assert (result.exit_code, result.stdout) == (0, f"{printed}\n")


@pytest.mark.parametrize(
    ("name", "text"), [("env.json", '{"vars": {"tag": "v1"}}'), ("env.yaml", "vars:\n  tag: v1\n")]
)
def test_variables_come_from_a_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert expr("vars.tag", "--env", str(tmp_path / name), "-r").stdout == "v1\n"


def test_variables_come_from_standard_input() -> None:
    assert expr("a + b", "--env", "-", stdin="{a: 1, b: 2}").stdout == "3\n"


def test_a_fault_is_told_with_a_caret() -> None:
    result = expr("1 + upper(nil)")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "line 1, column 5" in result.stderr
    assert " | 1 + upper(nil)\n | ....^" in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [("a: [", "neither JSON nor YAML"), ("[1]", "a map of names"), ("a: !!binary aGk=\n", "no plain data")],
)
def test_variables_that_cannot_be_read_are_told(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "env").write_text(content)
    result = expr("1", "--env", str(tmp_path / "env"))
    assert result.exit_code == 1
    assert told in result.stderr
    assert str(tmp_path / "env") in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--jsonl", "1"], ["--jsonl", "--raw"], ["--jsonl", "--env", "x"]])
def test_what_does_not_go_together_is_refused(arguments: list[str]) -> None:
    assert expr(*arguments).exit_code == 2


def test_every_line_has_an_answer() -> None:
    given = answers(
        {"expr": "a + 1", "env": {"a": 2}}, {"expr": "1 +"}, "", {"expr": "  upper(1)"}, {"expr": "'é' + zz"}
    )
    assert given[0] == {"result": 3}
    assert given[1]["error"]["kind"] == "syntax"
    assert given[1]["error"]["column"] == 4
    assert given[2]["error"]["kind"] == "runtime"
    assert given[2]["error"]["column"] == 3
    assert set(given[3]["error"]) == {"kind", "message", "column"}
    assert len(given) == 4


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"expr": 1}', '{"expr": "1", "env": []}'])
def test_a_line_that_is_no_question_does_not_end_the_stream(line: str) -> None:
    first, second = answers(line, {"expr": "2"})
    assert first["error"]["kind"] == "syntax"
    assert second == {"result": 2}


def test_what_json_cannot_hold_is_a_runtime_error() -> None:
    for source in ("1.0 / x", "{(x): 1}"):
        assert answers({"expr": source, "env": {"x": 0}})[0]["error"]["kind"] == "runtime"


def test_numbers_are_written_as_go_writes_them() -> None:
    result = expr("--jsonl", stdin='{"expr": "[4.0 / 2, 2 ** 70, 9007199254740993]"}')
    assert result.stdout == '{"result":[2,1.1805916207174113e+21,9007199254740993]}\n'
