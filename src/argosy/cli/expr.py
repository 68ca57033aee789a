"""`argosy expr`: evaluate an expression, or a stream of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import click
import orjson

from argosy.cli.output import write
from argosy.errors import Invalid, Problem
from argosy.expressions import ExpressionError

QUOTE = '"'


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
    A value that JSON has no form for, such as NaN, is a runtime error.

    \b
    argosy expr '1 + 2 * 3'
    argosy expr 'vars.tag | trimPrefix("v")' --env variables.yaml --raw
    argosy expr --template 'v${{ major }}' --env variables.json
    """
    if jsonl:
        if expression is not None or env_file is not None or raw:
            raise click.UsageError("--jsonl takes neither EXPR, --env nor --raw.")
        answer_all(sys.stdin.buffer, sys.stdout.buffer, template=template)
        return
    if expression is None:
        raise click.UsageError("the expression is missing.")
    text = asyncio.run(evaluated(expression, variables(env_file), template=template, indent="  "))
    write(f"{orjson.loads(text) if raw and text.startswith(QUOTE) else text}\n")


async def evaluated(expression: str, env: dict[str, Any], *, template: bool = False, indent: str = "") -> str:
    """The value of an expression or a template, in JSON as Go writes it. Raises ExpressionError."""
    from argosy.clock import SystemClock
    from argosy.engine.functions import version
    from argosy.expressions import evaluate, now_at, render
    from argosy.expressions.errors import Fault
    from argosy.expressions.template import FUNCTIONS
    from argosy.expressions.text import to_json

    functions: dict[str, Callable[..., Any]] = {**FUNCTIONS, **version.of(), **now_at(SystemClock().now())}
    value = await (render if template else evaluate)(expression, env, functions)
    try:
        return to_json(value, indent)
    except Fault as fault:
        raise ExpressionError(fault.problem, kind="runtime", source=expression, advice=fault.advice) from None


def variables(file: str | None) -> dict[str, Any]:
    """What a file of variables holds. Raises Invalid."""
    import yaml

    if file is None:
        return {}
    try:
        with click.open_file(file, "rb") as stream:
            read = yaml.safe_load(stream)
    except OSError as error:
        raise Invalid("the variables cannot be read", [Problem(str(error.strerror), file=file)]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = Problem("this is neither JSON nor YAML", file=file, line=mark.line + 1 if mark else 0)
        raise Invalid("the variables cannot be read", [problem]) from error
    if read is None:
        return {}
    try:
        env = orjson.loads(orjson.dumps(read, option=orjson.OPT_NON_STR_KEYS))
    except orjson.JSONEncodeError as error:
        raise Invalid(
            "the variables cannot be read", [Problem(f"this is no plain data: {error}", file=file)]
        ) from error
    if not isinstance(env, dict):
        raise Invalid("the variables cannot be read", [Problem("a map of names to values is needed", file=file)])
    return env


def answer_all(lines: Iterable[bytes], output: BinaryIO, *, template: bool = False) -> None:
    """Write an answer for every line that is not empty, at once, so that a program can ask and wait."""

    async def answer_each() -> None:
        for line in lines:
            if line.strip():
                output.write(await answer(line, template=template) + b"\n")
                output.flush()

    asyncio.run(answer_each())


async def answer(line: bytes, *, template: bool = False) -> bytes:
    """The answer to one line, as a line of JSON without its end."""
    try:
        question = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _error("syntax", f"the line is not JSON: {error.msg}", error.colno)
    if not isinstance(question, dict) or not isinstance(question.get("expr"), str):
        return _error("syntax", 'the line is not an object with a string "expr"', 1)
    env = {} if question.get("env") is None else question["env"]
    if not isinstance(env, dict):
        return _error("syntax", '"env" is not an object', 1)
    try:
        return b'{"result":%s}' % (await evaluated(question["expr"], env, template=template)).encode()
    except ExpressionError as error:
        message = f"{error.problem}. {error.advice}" if error.advice else error.problem
        return _error(error.kind, message, error.column)


def _error(kind: str, message: str, column: int) -> bytes:
    return orjson.dumps({"error": {"kind": kind, "message": message, "column": column}})
