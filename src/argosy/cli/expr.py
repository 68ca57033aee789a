"""`argosy expr`: evaluate an expression, or a stream of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import Any, BinaryIO, cast

import click
import orjson

from argosy.clock import SystemClock
from argosy.engine.functions import version
from argosy.errors import Invalid, Problem
from argosy.expressions import ExpressionError, evaluate_now, now_at
from argosy.expressions.errors import Fault
from argosy.expressions.numbers import MAX_INT, MIN_INT
from argosy.expressions.template import FUNCTIONS, render_now
from argosy.expressions.text import to_json

CHUNK = 1 << 16
LONGEST = 1 << 24
QUOTE = '"'

_LARGE = re.compile(rb"[0-9]{19}")


@click.command("expr")
@click.argument("expression", metavar="EXPR", required=False)
@click.option(
    "--env", "env_file", metavar="FILE", type=click.Path(), help="JSON or YAML with the variables; - is stdin."
)
@click.option("--template", is_flag=True, help="EXPR is a text with ${{ }}, and its result is read as in a manifest.")
@click.option("--raw", "-r", is_flag=True, help="Print a string without quotes.")
@click.option("--jsonl", is_flag=True, help="Evaluate each line of standard input instead.")
def command(expression: str | None, env_file: str | None, template: bool, raw: bool, jsonl: bool) -> None:
    """Evaluate an expression and print its value as JSON.

    The expression is written bare, without ${{ and }}. It has the functions of the language, quote(), unsafeQuote(),
    asYAML(), asJSON(), semverParse() and semverDiff(); functions that speak of Freight or steps exist in promotions
    only.

    With --jsonl, every line of standard input is {"expr": ..., "env": {...}}, and for every line one is written:
    {"result": ...} or {"error": {"kind": "syntax" or "runtime", "message": ..., "column": ...}}. Columns count from 1.
    A value that JSON has no form for, such as NaN, is a runtime error. A line that is empty, longer than 16 MiB or not
    such an object is a syntax error. A program can ask and wait: answers are sent before more input is waited for.

    \b
    argosy expr '1 + 2 * 3'
    argosy expr 'vars.tag | trimPrefix("v")' --env variables.yaml --raw
    argosy expr --template 'v${{ major }}' --env variables.json
    """
    if jsonl:
        if expression is not None or env_file is not None or raw:
            raise click.UsageError("--jsonl takes neither EXPR, --env nor --raw.")
        answer_all(cast(BufferedReader, sys.stdin.buffer), sys.stdout.buffer, template=template)
        return
    if expression is None:
        raise click.UsageError("the expression is missing.")
    text = evaluated(expression, variables(env_file), template=template, indent="  ")
    click.echo(f"{orjson.loads(text) if raw and text.startswith(QUOTE) else text}")


def evaluated(expression: str, env: dict[str, Any], *, template: bool = False, indent: str = "") -> str:
    """The value of an expression or a template, in JSON as Go writes it. Raises ExpressionError."""
    functions: dict[str, Callable[..., Any]] = {**FUNCTIONS, **version.of(), **now_at(SystemClock().now())}
    value = (render_now if template else evaluate_now)(expression, env, functions)
    try:
        return to_json(value, indent)
    except Fault as fault:
        raise ExpressionError(fault.problem, kind="runtime", source=expression, advice=fault.advice) from None


def variables(file: str | None) -> dict[str, Any]:
    """What a file of variables holds. Raises Invalid."""
    if file is None:
        return {}
    try:
        with click.open_file(file, "rb") as stream:
            env = _plain(stream.read(), file)
    except OSError as error:
        raise _unreadable(Problem(str(error.strerror), file=file)) from error
    if env is not None and not isinstance(env, dict):
        raise _unreadable(Problem("a map of names to values is needed", file=file))
    return env or {}


def _plain(content: bytes, file: str) -> Any:
    try:
        return _without_large(orjson.loads(content))
    except orjson.JSONDecodeError:
        import yaml
    try:
        read = _without_large(yaml.safe_load(content))
        return orjson.loads(orjson.dumps(read, option=orjson.OPT_NON_STR_KEYS))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = Problem("this is neither JSON nor YAML", file=file, line=mark.line + 1 if mark else 0)
        raise _unreadable(problem) from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _unreadable(Problem(f"this is no plain data: {error}", file=file)) from error


def _unreadable(problem: Problem) -> Invalid:
    return Invalid("the variables cannot be read", [problem])


def _without_large(value: Any) -> Any:
    """`value` with floats in place of whole numbers that do not fit into 64 bits, as Go reads them."""
    if isinstance(value, dict):
        return {key: _without_large(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_large(each) for each in value]
    return float(value) if isinstance(value, int) and not MIN_INT <= value <= MAX_INT else value


def answer_all(questions: BufferedReader, answers: BinaryIO, *, template: bool = False) -> None:
    """Write an answer for every line; all there are are sent before more is waited for."""
    for lines in _lines(questions):
        for line in lines:
            answers.write(answer(line, template=template) + b"\n")
        answers.flush()


def _lines(stream: BufferedReader) -> Iterator[list[bytes]]:
    """The lines that every look at `stream` completes. Of one that is too long, only so much is kept as tells."""
    begun: list[bytes] = []
    size = 0
    while chunk := stream.read1(CHUNK):
        *ended, rest = chunk.split(b"\n")
        if ended:
            yield [b"".join((*begun, ended[0])), *ended[1:]]
            begun, size = [], 0
        if size <= LONGEST:
            begun.append(rest)
            size += len(rest)
    if size:
        yield [b"".join(begun)]


def answer(line: bytes, *, template: bool = False) -> bytes:
    """The answer to one line, as a line of JSON without its end."""
    if len(line) > LONGEST:
        return _error("syntax", f"the line is longer than {LONGEST} bytes", 1)
    try:
        question = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _error("syntax", f"the line is not JSON: {error.msg}", error.colno)
    if not isinstance(question, dict) or not isinstance(question.get("expr"), str):
        return _error("syntax", 'the line is not an object with a string "expr"', 1)
    env = {} if question.get("env") is None else question["env"]
    if not isinstance(env, dict):
        return _error("syntax", '"env" is not an object', 1)
    if _LARGE.search(line):
        env = _without_large(env)
    try:
        return b'{"result":%s}' % evaluated(question["expr"], env, template=template).encode()
    except ExpressionError as error:
        message = f"{error.problem}. {error.advice}" if error.advice else error.problem
        return _error(error.kind, message, error.column)


def _error(kind: str, message: str, column: int) -> bytes:
    return orjson.dumps({"error": {"kind": kind, "message": message, "column": column}})
