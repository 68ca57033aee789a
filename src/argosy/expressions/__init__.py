"""Reads: the `${{ }}` language. Lexer, parser, evaluator, functions; knows nothing of Argosy and does no I/O."""

from argosy.expressions.bounds import Bounds
from argosy.expressions.errors import ExpressionError
from argosy.expressions.evaluator import evaluate, evaluate_now
from argosy.expressions.parser import parse
from argosy.expressions.resolution import Misnomer, misnomers, path_of
from argosy.expressions.syntax import Expression, Node, walk
from argosy.expressions.template import Embedded, expressions_in, is_expression, render, render_value
from argosy.expressions.time_functions import now_at
from argosy.expressions.times import Time
from argosy.expressions.value import Held, Object, Value
from argosy.expressions.vocabulary import Shape, Vocabulary

__all__ = [
    "Bounds",
    "Embedded",
    "Expression",
    "ExpressionError",
    "Held",
    "Misnomer",
    "Node",
    "Object",
    "Shape",
    "Time",
    "Value",
    "Vocabulary",
    "evaluate",
    "evaluate_now",
    "expressions_in",
    "is_expression",
    "misnomers",
    "now_at",
    "parse",
    "path_of",
    "render",
    "render_value",
    "walk",
]
