"""Text to tokens, as expr-lang reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from argosy.expressions.errors import ExpressionError

Kind = Literal["number", "string", "bytes", "name", "operator", "bracket", "end", "error"]

WORD_OPERATORS = frozenset(
    ("and", "or", "not", "in", "matches", "contains", "startsWith", "endsWith", "let", "if", "else")
)
_NUMBER = re.compile(
    r"""(?: 0[xX](?P<hex>[0-9a-fA-F_]*) | 0[oO][0-7_]* | 0[bB][01_]* | [0-9][0-9_]* | (?=\.[0-9]) )
        (?(hex) | (?:\.(?!\.)[0-9_]*)? (?:[eE][+-]?[0-9_]*)? )""",
    re.VERBOSE,
)
_SIMPLE_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_CODE_ESCAPE = re.compile(
    r"([0-7]{3}) | x([0-9a-fA-F]{2}) | u([0-9a-fA-F]{4}) | U([0-9a-fA-F]{8}) | u\{([0-9a-fA-F]{1,6})\}", re.VERBOSE
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is the source text, or for strings and bytes the value (bytes as Latin-1).

    One of kind `error` stands where the text cannot be read, which matters only once a parser gets there.
    """

    kind: Kind
    text: str
    at: int
    error: ExpressionError | None = None

    def __str__(self) -> str:
        return "end of expression" if self.kind == "end" else f"{self.kind} {self.text[:40]!r}"


def tokens(source: str) -> list[Token]:
    """All tokens of `source`, the last one of kind `end` or `error`."""
    return _Lexer(source).run()


def is_word(character: str) -> bool:
    """May `character` be part of a name?"""
    return character.isalpha() or character.isdecimal() or character in ("_", "$")


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.found: list[Token] = []

    def run(self) -> list[Token]:
        try:
            while self.at < len(self.source):
                self._next(self.source[self.at])
        except ExpressionError as error:
            self.found.append(Token("error", "", error.at, error))
        else:
            self.found.append(Token("end", "", max(0, len(self.source) - 1)))  # points at the last character
        return self.found

    def _next(self, character: str) -> None:
        following = self.source[self.at + 1 : self.at + 2]
        if character.isspace() and character not in "\x1c\x1d\x1e\x1f":
            self.at += 1
        elif character in "\"'":
            self._string(character, self.at)
        elif character == "`":
            self._raw_string()
        elif character in "bB" and following in ("'", '"'):
            self._bytes(following)
        elif "0" <= character <= "9" or (character == "." and "0" <= following <= "9"):
            self._number()
        elif character == "/" and following in ("/", "*"):
            self._comment(following)
        elif character in "([{}])":
            self._emit("bracket", self.at + 1)
        elif is_word(character):
            self._word()
        else:
            self._operator(character, following)

    def _emit(self, kind: Kind, end: int, text: str | None = None) -> None:
        self.found.append(Token(kind, self.source[self.at : end] if text is None else text, self.at))
        self.at = end

    def _error(self, problem: str, at: int, advice: str = "") -> ExpressionError:
        return ExpressionError(problem, kind="syntax", source=self.source, at=at, advice=advice)

    def _word(self) -> None:
        end = self._word_end(self.at)
        self._emit("operator" if self.source[self.at : end] in WORD_OPERATORS else "name", end)

    def _word_end(self, at: int) -> int:
        while at < len(self.source) and is_word(self.source[at]):
            at += 1
        return at

    def _number(self) -> None:
        match = _NUMBER.match(self.source, self.at)
        end = match.end() if match else self.at + 1
        if end < len(self.source) and is_word(self.source[end]):
            raise self._error("a number ends in a letter", end, "Put a space or an operator between them.")
        self._emit("number", end)

    def _operator(self, character: str, following: str) -> None:
        if character == "#":
            self._emit("operator", self.at + 1)
            if (end := self._word_end(self.at)) > self.at:
                self._emit("name", end)
            return
        second = {"?": ".?", "|": "|", ":": ":", ".": "."}.get(character, "&=*" if character in "&!=*<>" else "")
        if following and following in second:
            self._emit("operator", self.at + 2)
        elif character in ",;%+-^/&!=*<>?|:.":
            self._emit("operator", self.at + 1)
        else:
            raise self._error(f"unrecognized character {character!r}", self.at)

    def _comment(self, second: str) -> None:
        closing = "\n" if second == "/" else "*/"
        end = self.source.find(closing, self.at + 2)
        if end < 0 and second == "*":
            raise self._error("a comment is not closed", self.at, "End it with */.")
        self.at = end + len(closing) if end >= 0 else len(self.source)

    def _raw_string(self) -> None:
        end = self.at + 1
        while True:
            end = self.source.find("`", end)
            if end < 0:
                raise self._error("a string is not closed", self.at, "End it with `.")
            if self.source[end + 1 : end + 2] != "`":
                break
            end += 2
        self._emit("string", end + 1, self.source[self.at + 1 : end].replace("``", "`"))

    def _string(self, quote: str, start: int) -> None:
        text, end = self._quoted(quote, start + 1, self._character)
        self._emit("string", end, text)

    def _bytes(self, quote: str) -> None:
        text, end = self._quoted(quote, self.at + 2, self._byte)
        self._emit("bytes", end, text)

    def _quoted(self, quote: str, at: int, coded: Callable[[int], tuple[str, int]]) -> tuple[str, int]:
        """The value between quotes, from `at`, and where the text after it begins; `coded` reads numeric escapes."""
        start, parts = at - 1, list[str]()
        while True:
            character = self.source[at : at + 1]
            if character in ("", "\n"):
                raise self._error("a string is not closed", start, f"End it with {quote}, or use backticks.")
            if character == quote:
                return "".join(parts), at + 1
            if character == "\\":
                part, at = self._escape(quote, at + 1, coded)
            else:
                part, at = character.replace("\r", "\n"), at + 1
                if coded == self._byte:
                    part = part.encode("utf-8", "replace").decode("latin-1")
            parts.append(part)

    def _escape(self, quote: str, at: int, coded: Callable[[int], tuple[str, int]]) -> tuple[str, int]:
        character = self.source[at : at + 1]
        if character == quote:
            return quote, at + 1
        if character in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[character], at + 1
        return coded(at)

    def _character(self, at: int) -> tuple[str, int]:
        match = _CODE_ESCAPE.match(self.source, at)
        if match is None:
            raise self._bad_escape(at)
        octal, *hexadecimal = match.groups()
        code = int(octal, 8) if octal else int(next(filter(None, hexadecimal)), 16)
        if code > 0x10FFFF or (octal and code > 0o377):
            raise self._bad_escape(at)
        return (_REPLACEMENT if 0xD800 <= code <= 0xDFFF else chr(code)), match.end()

    def _byte(self, at: int) -> tuple[str, int]:
        if self.source[at : at + 1] in ("u", "U"):
            raise self._bad_escape(at)
        return self._character(at)

    def _bad_escape(self, at: int) -> ExpressionError:
        return self._error("an unknown escape in a string", at, "Write \\\\ for a backslash, or use backticks.")
