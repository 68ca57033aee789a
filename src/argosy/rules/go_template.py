"""Go's text templates, `{{ .freight.alias | upper }}`, as far as URLs of links need them: reading and running.

There are values, pipelines, variables, `if`, `with`, `range` and comments, the functions that Go has built in, and
those of Sprig that `rules/sprig.py` lists; no `define`, `block` or `template`. A value that is missing is an error: a
URL with a hole leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from argosy.errors import Invalid
from argosy.expressions.bounds import Bounds, Meter
from argosy.expressions.errors import Fault
from argosy.expressions.text import plain
from argosy.rules.go_action import DEEPEST, Action, Frame, Node, tokens_of
from argosy.rules.sprig import is_true

LONGEST = 8192
"""Characters of a template and of what it becomes."""

BOUNDS = Bounds(fuel=20_000, output=LONGEST)

_ACTION = re.compile(r"\{\{(-(?=\s))?(.*?)((?<=\s)-)?\}\}", re.DOTALL)
_ENDS = frozenset(("end", "else"))


def rendered(source: str, data: Mapping[str, Any]) -> str:
    """The text that a template becomes. Raises Invalid."""
    template = parse(source)
    try:
        return template(Frame(data, {"$": data}, Meter(BOUNDS)))
    except (Fault, RecursionError, ArithmeticError, ValueError, TypeError) as error:
        advice = error.advice if isinstance(error, Fault) else ""
        raise Invalid(f"the template cannot be computed: {error}", advice=advice) from error


def parse(source: str) -> Callable[[Frame], str]:
    """What renders the template. Raises Invalid when it cannot be read."""
    try:
        if len(source) > LONGEST:
            raise Fault(f"it is longer than {LONGEST} characters")
        parser = Parser(list(_pieces(source)))
        body = parser.body(0)
        if parser.at < len(parser.pieces):
            raise Fault(f"there is no block that {{{{ {parser.pieces[parser.at][1]} }}}} could belong to")
    except Fault as fault:
        raise Invalid(f"the template cannot be read: {fault.problem}", advice=fault.advice) from fault
    return body


def _pieces(source: str) -> Iterator[tuple[str, str]]:
    """Texts and actions in order, spaces trimmed where `{{-` and `-}}` say so, comments left out."""
    at, trim = 0, False
    for match in _ACTION.finditer(source):
        text = source[at : match.start()]
        text = text.lstrip() if trim else text
        yield "text", _closed(text.rstrip() if match[1] else text)
        inner = match[2].strip()
        if not (inner.startswith("/*") and inner.endswith("*/")):
            yield "action", inner
        at, trim = match.end(), bool(match[3])
    rest = source[at:]
    yield "text", _closed(rest.lstrip() if trim else rest)


def _closed(text: str) -> str:
    if "{{" in text:
        raise Fault("a {{ is not closed", "Add }} where the value ends.")
    return text


@dataclass(slots=True)
class Parser:
    """Reads pieces to nodes."""

    pieces: list[tuple[str, str]]
    at: int = 0

    def body(self, depth: int) -> Callable[[Frame], str]:
        """Everything up to the end of the block."""
        if depth > DEEPEST:
            raise Fault(f"blocks are nested more than {DEEPEST} deep")
        nodes: list[Node] = []
        while self.at < len(self.pieces):
            kind, text = self.pieces[self.at]
            if kind == "action" and text.split(" ")[0] in _ENDS:
                break
            self.at += 1
            nodes.append(self._constant(text) if kind == "text" else self._action(text, depth))

        def write(frame: Frame) -> str:
            frame.meter.spend(len(nodes) + 1)
            text = "".join(node(frame) for node in nodes)
            frame.meter.text(len(text))
            return text

        return write

    def _constant(self, text: str) -> Node:
        return lambda _: text

    def _action(self, text: str, depth: int) -> Node:
        word, _, rest = text.partition(" ")
        if word in ("if", "with", "range"):
            return self._block(word, rest, depth)
        if word in ("define", "block", "template", "break", "continue"):
            raise Fault(f"{word} cannot be used here")
        action = Action(tokens_of(text))
        name, _ = action.declared()
        value = action.whole()

        def write(frame: Frame) -> str:
            result = value(frame)
            if not name:
                return _text(result, text)
            frame.variables[name] = result
            return ""

        return write

    def _block(self, word: str, rest: str, depth: int) -> Node:
        action = Action(tokens_of(rest))
        names = action.declared()
        value = action.whole()
        body = self.body(depth + 1)
        otherwise = self._otherwise(word, depth)

        def run(frame: Frame) -> str:
            result = value(frame)
            inner = replace(frame, variables=dict(frame.variables))
            if word == "range":
                return _looped(result, names, inner, body) or otherwise(frame)
            if names[0]:
                inner.variables[names[0]] = result
            if not is_true(result):
                return otherwise(frame)
            return body(replace(inner, dot=result) if word == "with" else inner)

        return run

    def _otherwise(self, word: str, depth: int) -> Callable[[Frame], str]:
        if self.at >= len(self.pieces):
            raise Fault(f"{{{{ {word} }}}} is not closed", "Add {{ end }}.")
        text = self.pieces[self.at][1]
        self.at += 1
        if text == "end":
            return lambda _: ""
        again = text.removeprefix("else").strip()
        if again:
            inner, _, rest = again.partition(" ")
            if inner not in ("if", "with"):
                raise Fault(f"{{{{ {text} }}}} is not understood")
            return self._block(inner, rest, depth + 1)
        body = self.body(depth + 1)
        if self.at >= len(self.pieces) or self.pieces[self.at][1] != "end":
            raise Fault(f"{{{{ {word} }}}} is not closed", "Add {{ end }}.")
        self.at += 1
        return body


def _looped(value: Any, names: tuple[str, str], frame: Frame, body: Callable[[Frame], str]) -> str:
    pairs = sorted(value.items()) if isinstance(value, Mapping) else enumerate(value or ())
    written: list[str] = []
    for key, item in pairs:
        variables = dict(frame.variables)
        if names[0]:
            variables.update({names[0]: key, names[1]: item} if names[1] else {names[0]: item})
        written.append(body(replace(frame, dot=item, variables=variables)))
    return "".join(written)


def _text(value: Any, action: str) -> str:
    if value is None:
        raise Fault(
            f"{{{{ {action} }}}} has no value", "Give it one with `| default`, or ask for it in the link's `if`."
        )
    return plain(value)
