"""expr-lang itself, in Go, as the judge of ours: what it makes of an expression."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from golem import _ffi

SYNTAX = ("ParseError", "TypeMismatchError")


@dataclass(frozen=True)
class Answer:
    """`value` when it has one; else the class of the error, and what it says."""

    value: Any = None
    error: str = ""
    message: str = ""


@cache
def _engine() -> Any:
    return _ffi.new_engine('{"strict_vars": false}')


def judge(expression: str, env: dict[str, Any]) -> Answer:
    """What expr-lang v1.17.8 answers, as JSON knows it. A final comment would hide the bracket, hence the new line."""
    answer = json.loads(_ffi.eval_json(_engine(), f"toJSON({expression}\n)", json.dumps(env)))
    if answer["ok"]:
        return Answer(json.loads(answer["value"]))
    return Answer(error=answer["errtype"], message=answer["error"])
