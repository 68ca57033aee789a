"""Actions of Go's text templates: what stands between `{{` and `}}`, as a value to be computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from argosy.errors import suggestion
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault
from argosy.rules.sprig import FUNCTIONS

DEEPEST = 30
"""Levels of nesting."""

_TOKEN = re.compile(
    r"""(?P<space>\s+) | (?P<text>"(?:[^"\\\n]|\\.)*" | `[^`]*`) | (?P<number>[-+]?\d[\w.]*) | (?P<path>\.[\w.]*)
        | (?P<variable>\$\w*) (?P<fields>(?:\.\w+)*) | (?P<word>\w+) | (?P<sign>:=|[=|(),])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A part of an action: `kind` is a group of the pattern above."""

    kind: str
    text: str


@dataclass(slots=True)
class Frame:
    """Where a template is: what `.` is, the variables it has, and what it may still cost."""

    dot: Any
    variables: dict[str, Any]
    meter: Meter


Node = Callable[[Frame], Any]
"""A part of a template: a value, or a text to be written."""


def tokens_of(action: str) -> list[Token]:
    found, at = [], 0
    while at < len(action):
        match = _TOKEN.match(action, at)
        if match is None:
            raise Fault(f"{action[at]!r} is not understood in {{{{ {action} }}}}")
        kind = match.lastgroup if match.lastgroup != "fields" else "variable"
        if kind != "space":
            found.append(Token(kind or "", match[0]))
        at = match.end()
    return found


@dataclass(slots=True)
class Action:
    """Reads the tokens of one action to a value."""

    tokens: list[Token]
    at: int = field(default=0)

    def declared(self) -> tuple[str, str]:
        """The variables before `:=` or `=`: one, or for `range` two; empty texts for none."""
        signs = [index for index, token in enumerate(self.tokens) if token.text in (":=", "=")]
        if not signs:
            return "", ""
        names = [token.text for token in self.tokens[: signs[0]] if token.text != ","]
        if len(signs) > 1 or not 1 <= len(names) <= 2 or not all(re.fullmatch(r"\$\w+", name) for name in names):
            raise Fault("a variable is written as $name := value")
        self.at = signs[0] + 1
        return names[0], names[1] if len(names) == 2 else ""

    def whole(self) -> Node:
        """The value of all that is left."""
        value = self.pipeline(0)
        if self.at < len(self.tokens):
            raise Fault(f"{self.tokens[self.at].text!r} is not understood here")
        return value

    def pipeline(self, depth: int) -> Node:
        """Commands joined by `|`: each gets the value before it as its last argument."""
        if depth > DEEPEST:
            raise Fault(f"parentheses are nested more than {DEEPEST} deep")
        value = self._command(depth, None)
        while self._takes("|"):
            value = self._command(depth, value)
        return value

    def _takes(self, text: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at] == Token("sign", text)
        self.at += found
        return found

    def _command(self, depth: int, last: Node | None) -> Node:
        if self.at >= len(self.tokens):
            raise Fault("a value is missing")
        token = self.tokens[self.at]
        if token.kind != "word" or token.text in ("true", "false", "nil"):
            if last is not None:
                raise Fault(f"{token.text!r} is no function, so that nothing can be piped into it")
            return self._operand(depth)
        self.at += 1
        function = FUNCTIONS.get(token.text)
        if function is None:
            raise Fault(f"there is no function {token.text!r}", suggestion(token.text, FUNCTIONS))
        arguments: list[Node] = []
        while self.at < len(self.tokens) and self.tokens[self.at].text not in ("|", ")"):
            arguments.append(self._operand(depth))
        return _call(token.text, function, [*arguments, *([last] if last is not None else [])])

    def _operand(self, depth: int) -> Node:
        if self._takes("("):
            value = self.pipeline(depth + 1)
            if not self._takes(")"):
                raise Fault("a ( is not closed")
            following = self.tokens[self.at] if self.at < len(self.tokens) else None
            if following is None or following.kind != "path" or following.text == ".":
                return value
            self.at += 1
            return _fields(value, following.text)
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "path":
            return _fields(lambda frame: frame.dot, token.text)
        if token.kind == "variable":
            name, _, rest = token.text.partition(".")
            return _fields(lambda frame: _variable(frame, name), f".{rest}")
        if token.kind == "word" and token.text in FUNCTIONS:
            return _call(token.text, FUNCTIONS[token.text], [])
        return _constant(token)


def _constant(token: Token) -> Node:
    words = {"true": True, "false": False, "nil": None}
    value: Any
    if token.text in words:
        value = words[token.text]
    elif token.kind == "text":
        try:
            value = token.text[1:-1] if token.text[0] == "`" else orjson.loads(token.text)
        except orjson.JSONDecodeError:
            raise Fault(f"the text {token.text} cannot be read") from None
    elif token.kind == "number":
        try:
            value = float(token.text) if "." in token.text else int(token.text, 0)
        except ValueError:
            raise Fault(f"{token.text!r} is no number") from None
    else:
        raise Fault(f"{token.text!r} is not understood", suggestion(token.text, FUNCTIONS))
    return lambda _: value


def _variable(frame: Frame, name: str) -> Any:
    if name not in frame.variables:
        raise Fault(f"there is no variable {name}", suggestion(name, frame.variables))
    return frame.variables[name]


def _fields(of: Node, path: str) -> Node:
    names = [name for name in path.split(".") if name]

    def read(frame: Frame) -> Any:
        value = of(frame)
        for name in names:
            if value is None:
                return None
            if not isinstance(value, Mapping):
                raise Fault(f"{path} cannot be read: there is nothing that could have {name!r}")
            value = value.get(name)
        return value

    return read


def _call(name: str, function: Callable[..., Any], arguments: Sequence[Node]) -> Node:
    def call(frame: Frame) -> Any:
        values = [argument(frame) for argument in arguments]
        frame.meter.spend()
        try:
            result = function(*values)
            frame.meter.weigh(result)
            return result
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
            raise Fault(f"{name} cannot work with what it is given") from error

    return call
