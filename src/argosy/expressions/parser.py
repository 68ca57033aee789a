"""Tokens to a tree, by precedence climbing, with expr-lang's grammar."""

from __future__ import annotations

from functools import lru_cache

from argosy.expressions.bounds import DEFAULT_BOUNDS
from argosy.expressions.checker import check
from argosy.expressions.cursor import Cursor
from argosy.expressions.errors import ExpressionError
from argosy.expressions.folding import folded
from argosy.expressions.grammar import (
    BINARY,
    CHAINING,
    CONSTANTS,
    LOOPS,
    NEGATABLE,
    RIGHT_ASSOCIATIVE,
    SAME,
    UNARY,
)
from argosy.expressions.lexer import WORD_OPERATORS, Token
from argosy.expressions.numbers import read_literal
from argosy.expressions.syntax import (
    Array,
    Binary,
    Call,
    Chain,
    Conditional,
    Expression,
    Let,
    Literal,
    Loop,
    Map,
    Member,
    MethodCall,
    Name,
    Node,
    Pointer,
    Sequence,
    Slice,
    Unary,
    is_deep,
)

MAX_NESTING = 48
MAX_NODES = 10_000


def parse(source: str) -> Expression:
    """Read one expression, without delimiters. Raises ExpressionError of kind `syntax`.

    The result is immutable and cached: parsing the same text again costs nothing.
    """
    return _short(source) if len(source) <= _SHORT else _long(source)


def _parsed(source: str) -> Expression:
    if len(source) > DEFAULT_BOUNDS.source:
        raise ExpressionError(
            f"the expression is longer than {DEFAULT_BOUNDS.source} characters",
            kind="syntax",
            source=source[:80],
            advice="Split it up.",
        )
    try:
        expression = _Parser(source).run()
        if is_deep(expression, DEFAULT_BOUNDS.depth):
            return expression  # its evaluation is going to be refused
        check(expression)
        return folded(expression)
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply", kind="syntax", source=source) from None


# A tree takes up to 170 times the room of its text: many short texts are remembered, and few long ones.
_SHORT = 256
_short = lru_cache(maxsize=2048)(_parsed)
_long = lru_cache(maxsize=32)(_parsed)


class _Parser(Cursor):
    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.nesting = 0
        self.loops = 0  # around the place

    def run(self) -> Expression:
        if len(self.tokens) > MAX_NODES:
            raise self.error(f"the expression has more than {MAX_NODES} parts", self.token, "Split it up.")
        body = self._sequence()
        if self.token.kind != "end":
            raise self.unexpected()
        return Expression(0, self.source, body)

    # -- expressions

    def _sequence(self) -> Node:
        steps = [self._expression()]
        while self.take(";") and self.token.kind != "end":
            steps.append(self._expression())
        return steps[0] if len(steps) == 1 else Sequence(steps[0].at, tuple(steps))

    def _expression(self, precedence: int = 0) -> Node:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.error(f"the expression is nested more than {MAX_NESTING} levels deep", self.token)
        if precedence == 0 and self.at("let"):
            node = self._let()
        elif precedence == 0 and self.at("if"):
            node = self._if()
        else:
            node = self._operators(self._primary(), precedence)
            if precedence == 0:
                node = self._ternary(node)
        self.nesting -= 1
        return node

    def _operators(self, left: Node, precedence: int) -> Node:
        previous = ""
        while (found := self._binary_operator(precedence)) is not None:
            operator, negated = found
            if previous == "??" and operator.text not in ("??", "|"):
                raise self.error(
                    f"{operator.text!r} cannot follow ?? directly", operator, "Put one of them in parentheses."
                )
            if operator.text == "|":
                left = self._call(self.expect_name(), left)
            elif operator.text in CHAINING:
                left = self._comparison(left, operator)
            else:
                level = BINARY[operator.text]
                right = self._expression(level if operator.text in RIGHT_ASSOCIATIVE else level + 1)
                left = Binary(operator.at, SAME.get(operator.text, operator.text), left, right)
            if negated:
                left = Unary(operator.at, "not", left)
            previous = operator.text
        return left

    def _binary_operator(self, precedence: int) -> tuple[Token, bool] | None:
        """Take the operator that comes next, if it binds at least as tightly; True when `not` stood before it."""
        negated = self.at("not")
        operator = self.tokens[self.index + negated]
        if negated and operator.text not in NEGATABLE:
            self.index += 1
            raise self.unexpected("After a value, `not` goes with in, matches, contains, startsWith or endsWith.")
        if operator.kind != "operator" or BINARY.get(operator.text, -1) < precedence:
            return None
        self.index += 1 + negated
        return operator, negated

    def _comparison(self, left: Node, operator: Token) -> Node:
        """`a < b < c` means `a < b and b < c`."""
        result: Node | None = None
        while True:
            right = self._expression(BINARY[operator.text] + 1)
            compared = Binary(operator.at, operator.text, left, right)
            result = compared if result is None else Binary(operator.at, "and", result, compared)
            if not self.at(*CHAINING):
                return result
            left, operator = right, self.advance()

    def _ternary(self, node: Node) -> Node:
        while self.at("?"):
            at = self.advance().at
            if self.take(":"):
                then = node
            else:
                then = self._expression()
                self.expect(":")
            node = Conditional(at, node, then, self._expression())
        return node

    def _let(self) -> Node:
        self.advance()
        name = self.expect_name()
        self.expect("=")
        value = self._expression()
        self.expect(";")
        return Let(name.at, name.text, value, self._sequence())

    def _if(self) -> Node:
        at = self.advance().at
        test = self._expression()
        then = self._block()
        self.expect("else")
        otherwise = self._expression() if self.at("if") else self._block()
        return Conditional(at, test, then, otherwise)

    def _block(self) -> Node:
        self.expect("{")
        node = self._sequence()
        self.expect("}")
        return node

    # -- operands

    def _primary(self) -> Node:
        token = self.token
        if token.kind == "operator" and token.text in UNARY:
            self.advance()
            operand = self._expression(UNARY[token.text])
            return self._postfix(Unary(token.at, SAME.get(token.text, token.text), operand))
        if self.take("("):
            node = self._sequence()
            self.expect(")")
            return self._postfix(node)
        if self.loops and self.at("#", "."):
            return self._postfix(self._pointer())
        if self.take("::"):
            return self._postfix(self._call(self.expect_name(), None))
        return self._operand()

    def _operand(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            if (number := read_literal(token.text)) is None:
                raise self.error("a number cannot be read, or is too large", token, "Integers have 64 bits.")
            return Literal(token.at, number)
        if token.kind in ("string", "bytes"):
            self.advance()
            value = token.text.encode("latin-1") if token.kind == "bytes" else token.text
            return self._postfix(Literal(token.at, value))
        if token.kind == "name":
            self.advance()
            if token.text in CONSTANTS:
                return Literal(token.at, CONSTANTS[token.text])
            return self._postfix(self._call(token, None) if self.at("(") else Name(token.at, token.text))
        if self.at("["):
            return self._postfix(Array(token.at, self._list("[", "]")))
        if self.at("{"):
            return self._postfix(self._map())
        raise self.unexpected()

    def _pointer(self) -> Node:
        token = self.token
        name = ""
        if self.take("#") and self.token.kind == "name":
            name = self.advance().text
        return Pointer(token.at, name)

    def _map(self) -> Node:
        at = self.expect("{").at
        pairs: list[tuple[Node, Node]] = []
        while not self.take("}"):
            if pairs:
                self.expect(",")
                if self.take("}"):
                    break
            pairs.append((self._key(), self._expression()))
        return Map(at, tuple(pairs))

    def _key(self) -> Node:
        token = self.token
        if token.kind in ("number", "string", "name"):
            self.advance()
            key: Node = Literal(token.at, token.text)
        elif self.at("("):
            key = self._expression()
        else:
            raise self.unexpected("A map key is a name, a string, a number, or an expression in parentheses.")
        self.expect(":")
        return key

    def _list(self, opening: str, closing: str) -> tuple[Node, ...]:
        """Expressions between brackets; a comma may follow the last."""
        self.expect(opening)
        items: list[Node] = []
        while not self.take(closing):
            if items:
                self.expect(",")
                if self.take(closing):
                    break
            items.append(self._expression())
        return tuple(items)

    # -- what follows an operand

    def _postfix(self, node: Node) -> Node:
        while True:
            if self.at(".", "?."):
                optional = self.advance().text == "?."
                if optional and self.at("["):
                    node = self._index(node, optional=True)
                else:
                    node = self._member(node, optional)
            elif self.at("["):
                node = self._index(node, optional=False)
            else:
                return node

    def _member(self, node: Node, optional: bool) -> Node:
        token = self.advance()
        if token.kind != "name" and token.text not in WORD_OPERATORS:
            raise self.error(f"unexpected {token}", token, "A name was expected after the dot.")
        chained = isinstance(node, Chain)
        of = node.body if isinstance(node, Chain) else node
        member = Member(token.at, of, Literal(token.at, token.text), optional)
        result: Node = MethodCall(token.at, member, self._list("(", ")")) if self.at("(") else member
        return Chain(token.at, result) if chained or optional else result

    def _index(self, node: Node, optional: bool) -> Node:
        at = self.expect("[").at
        start = None if self.at(":") else self._expression()
        if self.take(":"):
            stop = None if self.at("]") else self._expression()
            self.expect("]")
            return Slice(at, node, start, stop)
        self.expect("]")
        member = Member(at, node, start or Literal(at, None), optional)
        return Chain(at, member) if optional else member

    def _call(self, name: Token, piped: Node | None) -> Node:
        first = () if piped is None else (piped,)
        if name.text in LOOPS:
            return self._loop(name, piped)
        return Call(name.at, name.text, first + self._list("(", ")"))

    def _loop(self, name: Token, piped: Node | None) -> Node:
        least, most = LOOPS[name.text]
        self.expect("(")
        arguments: list[Node] = [] if piped is None else [piped]
        first = len(arguments)
        while len(arguments) < most and not self.at(")"):
            if len(arguments) > first:
                self.expect(",")
            arguments.append(self._body() if len(arguments) == 1 else self._expression())
        if len(arguments) < least:
            raise self.error(f"{name.text}() needs at least {least} arguments", self.token)
        self.take(",")
        self.expect(")")
        body, extra = (*arguments[1:], None, None)[:2]
        return Loop(name.at, name.text, arguments[0], body, extra)

    def _body(self) -> Node:
        self.loops += 1
        node = self._block() if self.at("{") else self._expression()
        self.loops -= 1
        return node
