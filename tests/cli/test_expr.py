"""`argosy expr`: one expression, or a stream of questions and answers."""

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argosy.cli import command
from argosy.cli.expr import CHUNK, LONGEST

JSONL = [sys.executable, "-c", "from argosy.cli import main; main()", "expr", "--jsonl"]


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


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('{"a": 1e3}', "1000"),
        ('{"a": 9223372036854775808}', "9223372036854776000"),
        ("a: 123456789012345678901234567890", "1.2345678901234568e+29"),
        ("a: 2026-05-01", '"2026-05-01"'),
        ("1: {2: x}", "null"),
        ("", "null"),
        ("[]", None),
    ],
)
def test_variables_are_what_json_and_yaml_make_of_them(tmp_path: Path, text: str, printed: str | None) -> None:
    (tmp_path / "env").write_text(text)
    result = expr("a", "--env", str(tmp_path / "env"))
    assert (result.exit_code, result.stdout) == ((0, f"{printed}\n") if printed else (1, ""))


def test_variables_come_from_standard_input() -> None:
    assert expr("a + b", "--env", "-", stdin="{a: 1, b: 2}").stdout == "3\n"


def test_a_fault_is_told_with_a_caret() -> None:
    result = expr("[1, upper(missing)]")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "line 1, column 5" in result.stderr
    assert " | [1, upper(missing)]\n | ....^" in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: [", "neither JSON nor YAML"),
        ("[1]", "a map of names"),
        ("a: !!binary aGk=\n", "no plain data"),
        (f"a: {'9' * 5000}", "no plain data"),
        ("&a [*a]", "no plain data"),
    ],
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
        {"expr": "a + 1", "env": {"a": 2}}, {"expr": "1 + )"}, "", {"expr": "  upper(a)"}, {"expr": "'é' + zz"}
    )
    assert given[0] == {"result": 3}
    assert given[1]["error"]["kind"] == "syntax"
    assert given[1]["error"]["column"] == 5
    assert given[2]["error"]["kind"] == "syntax"
    assert given[3]["error"]["kind"] == "runtime"
    assert given[3]["error"]["column"] == 3
    assert set(given[4]["error"]) == {"kind", "message", "column"}
    assert len(given) == 5


ODD = {
    "nothing": b"",
    "blanks": b" \t ",
    "no JSON": b"{",
    "half of it": b'{"expr": "1"',
    "more than it": b'{"expr": "1"} 2',
    "an array": b"[]",
    "null": b"null",
    "no expression": b"{}",
    "an expression that is a number": b'{"expr": 1}',
    "an environment that is an array": b'{"expr": "1", "env": []}',
    "bytes that are no text": b'{"expr": "\xff"}',
    "half of a pair": rb'{"expr": "\ud800"}',
    "a NUL after it": b'{"expr": "1"}\x00',
    "not a number": b'{"expr": "a", "env": {"a": NaN}}',
    "a number that no float holds": b'{"expr": "a", "env": {"a": 1e999}}',
    "brackets without an end": b"[" * 100_000,
    "a byte order mark": b'\xef\xbb\xbf{"expr": "1"}',
    "an expression that is too long": b'{"expr": "%s"}' % (b"1 + " * 50_000),
    "a line that is too long": b'{"expr": "1", "env": {"a": "%s"}}' % (b"x" * LONGEST),
}


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in ODD.items()])
def test_a_line_that_is_no_question_does_not_end_the_stream(line: bytes) -> None:
    result = expr("--jsonl", stdin=b'{"expr": "1"}\n%s\n{"expr": "2"}' % line)
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert (first, third) == ({"result": 1}, {"result": 2})
    assert second["error"]["kind"] == "syntax"


def test_the_last_key_of_several_counts() -> None:
    assert answers('{"expr": "a", "env": {"a": 1, "a": 2}}') == [{"result": 2}]


def test_whole_numbers_beyond_64_bits_are_floats() -> None:
    env = {"a": 2**63 - 1, "b": 2**63, "c": -(2**70)}
    assert answers({"expr": "map([a, b, c], type(#))", "env": env}) == [{"result": ["int", "float", "float"]}]
    result = expr("--jsonl", stdin='{"expr": "[a, b.c]", "env": {"a": 9223372036854775808, "b": {"c": [1]}}}')
    assert result.stdout == '{"result":[9223372036854776000,[1]]}\n'


@pytest.mark.parametrize("length", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_lines_may_end_anywhere_in_what_is_read(length: int) -> None:
    lines = [json.dumps({"expr": "len(a)", "env": {"a": "x" * size}}) for size in (length, 5, length)]
    assert answers(*lines) == [{"result": length}, {"result": 5}, {"result": length}]


def test_a_program_can_ask_and_wait() -> None:
    with subprocess.Popen(JSONL, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        for number in range(3):
            asked.stdin.write(b'{"expr": "%d + 1"}\n' % number)
            asked.stdin.flush()
            assert asked.stdout.readline() == b'{"result":%d}\n' % (number + 1)
        asked.stdin.close()
    assert asked.returncode == 0


def test_nobody_listening_ends_it_quietly() -> None:
    with subprocess.Popen(JSONL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            for _ in range(100):
                asked.stdin.write(b'{"expr": "1"}\n' * 1000)
        assert asked.stderr.read() == b""
        with contextlib.suppress(BrokenPipeError):
            asked.stdin.close()
    assert asked.returncode == 1


def test_an_interrupt_ends_it_while_it_waits() -> None:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # a shell's `&` ignores it
    command = [*JSONL[:2], heard + JSONL[2], *JSONL[3:]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        assert asked.stdin is not None
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdin.write(b'{"expr": "1"}\n')
        asked.stdin.flush()
        assert asked.stdout.readline() == b'{"result":1}\n'
        asked.send_signal(signal.SIGINT)
        assert asked.stderr.read() == b""
    assert asked.returncode == 130


def test_what_json_cannot_hold_is_a_runtime_error() -> None:
    for source in ("1.0 / x", "{(x): 1}"):
        assert answers({"expr": source, "env": {"x": 0}})[0]["error"]["kind"] == "runtime"


def test_numbers_are_written_as_go_writes_them() -> None:
    result = expr("--jsonl", stdin='{"expr": "[4.0 / 2, 2 ** 70, 9007199254740993]"}')
    assert result.stdout == '{"result":[2,1.1805916207174113e+21,9007199254740993]}\n'
