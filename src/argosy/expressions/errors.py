"""What goes wrong in an expression, told with its place in the text.

Messages name types, names and positions, never values: a value may be a Secret.
"""

from __future__ import annotations

from typing import Literal

from argosy.errors import ArgosyError

Kind = Literal["syntax", "runtime"]
_WIDTH = 120  # of the shown source line, in characters


class ExpressionError(ArgosyError):
    """The one error that leaves this package.

    Args:
        problem: what happened, without its place and without a full stop.
        kind: `syntax` when the text cannot be read, `runtime` when it cannot be computed.
        source: the expression, without its delimiters.
        at: index into `source` of the character at fault.
        advice: what to do about it, as a sentence; may be empty.
        field: path of the field that holds the expression, empty when unknown.

    `line` and `column` count from 1, in characters of the expression.
    """

    reason = "InvalidExpression"

    def __init__(  # the place of an error has this many sides
        self, problem: str, *, kind: Kind, source: str, at: int = 0, advice: str = "", field: str = ""
    ) -> None:
        self.problem, self.kind, self.source, self.at, self.field = problem, kind, source, min(at, len(source)), field
        self.line = source.count("\n", 0, self.at) + 1
        self.column = self.at - (source.rfind("\n", 0, self.at) + 1) + 1
        head = f"{field}: " if field else ""
        super().__init__(f"{head}{problem} (line {self.line}, column {self.column})", advice=advice)

    @property
    def caret(self) -> str:
        """The line at fault and, below it, a caret under the character."""
        line = self.source.split("\n")[self.line - 1]
        start = max(0, self.column - 1 - _WIDTH // 2)
        shown = line[start : start + _WIDTH].replace("\t", " ")
        return f" | {shown}\n | {'.' * (self.column - 1 - start)}^"

    def in_field(self, field: str) -> ExpressionError:
        """The same error, naming the field that holds the expression."""
        error = ExpressionError(
            self.problem, kind=self.kind, source=self.source, at=self.at, advice=self.advice, field=field
        )
        error.__cause__ = self.__cause__
        return error

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.caret}"


class Fault(Exception):
    """A computation went wrong; the evaluator adds the place and makes it an `ExpressionError`."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
