"""A place in a list of tokens, and the small questions a parser asks there."""

from __future__ import annotations

from argosy.expressions.errors import ExpressionError
from argosy.expressions.lexer import Token, tokens


class Cursor:
    """Stands at one token of `source`, the first to begin with."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.index = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def advance(self) -> Token:
        token = self.tokens[self.index]
        if token.kind not in ("end", "error"):
            self.index += 1
        return token

    def at(self, *texts: str) -> bool:
        token = self.tokens[self.index]
        return token.text in texts and token.kind in ("operator", "bracket")

    def take(self, text: str) -> bool:
        if self.at(text):
            self.index += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        if not self.at(text):
            raise self.unexpected(f"{text!r} was expected here.")
        return self.advance()

    def expect_name(self) -> Token:
        if self.token.kind != "name":
            raise self.unexpected("A name was expected here.")
        return self.advance()

    def unexpected(self, advice: str = "") -> ExpressionError:
        return self.error(f"unexpected {self.token}", self.token, advice)

    def error(self, problem: str, token: Token, advice: str = "") -> ExpressionError:
        if token.error:
            return token.error
        return ExpressionError(problem, kind="syntax", source=self.source, at=token.at, advice=advice)
