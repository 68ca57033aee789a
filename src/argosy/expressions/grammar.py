"""The words and levels of the language, as expr-lang has them."""

from __future__ import annotations

from argosy.expressions.value import Value

UNARY = {"not": 50, "!": 50, "-": 90, "+": 90}
LEVELS = (
    (0, "|"),
    (10, "or ||"),
    (15, "and &&"),
    (20, "== != < > >= <= in matches contains startsWith endsWith"),
    (25, ".."),
    (30, "+ -"),
    (60, "* / %"),
    (100, "** ^"),
    (500, "??"),
)
BINARY = {operator: level for level, operators in LEVELS for operator in operators.split()}
RIGHT_ASSOCIATIVE = frozenset(("**", "^"))
CHAINING = frozenset(("<", ">", "<=", ">="))
NEGATABLE = frozenset(("in", "matches", "contains", "startsWith", "endsWith"))
SAME = {"||": "or", "&&": "and", "^": "**", "!": "not"}
CONSTANTS: dict[str, Value] = {"true": True, "false": False, "nil": None}

# How many arguments a loop takes: its items, its body, something more. Bodies of count and sum may be left out.
LOOPS = {
    **dict.fromkeys(("all", "any", "none", "one", "filter", "map"), (2, 2)),
    **dict.fromkeys(("find", "findIndex", "findLast", "findLastIndex", "groupBy"), (2, 2)),
    **dict.fromkeys(("count", "sum"), (1, 2)),
    **dict.fromkeys(("sortBy", "reduce"), (2, 3)),
}
# Where each pointer can stand besides `#` alone, which every loop has.
POINTERS = {"index": ("map", "reduce"), "acc": ("reduce",)}
