"""What is known of expressions before anything runs: constants, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from argosy.engine.functions import version
from argosy.expressions import ExpressionError, Vocabulary, is_expression, misnomers
from argosy.expressions.template import FUNCTIONS, render_now
from argosy.lint.expression import parsed

_PURE = {**dict.fromkeys(FUNCTIONS, (1, 1)), "semverParse": (1, 1), "semverDiff": (2, 2)}


class Unknown:
    """Stands for a value that only a promotion can know."""


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Knowledge:
    """Variables by name, those that cannot be known as UNKNOWN, and the context as far as it is known."""

    variables: Mapping[str, Any]
    context: Mapping[str, Any]

    def with_variable(self, name: str, value: str) -> Knowledge:
        return replace(self, variables={**self.variables, name: self.value(value)})

    def value(self, template: Any) -> Any:
        """What a template stands for; UNKNOWN when it depends on what is not known, or cannot be computed."""
        if not isinstance(template, str) or not is_expression(template):
            return template
        known = {name: value for name, value in self.variables.items() if value is not UNKNOWN}
        place = Vocabulary({"vars": dict.fromkeys(known), "ctx": dict.fromkeys(self.context)}, _PURE)
        try:
            if any(self._uncertain(each, place) for each in parsed(template)):
                return UNKNOWN
            return render_now(template, {"vars": known, "ctx": dict(self.context)}, version.of())
        except ExpressionError:
            return UNKNOWN

    def _uncertain(self, expression: Any, place: Vocabulary) -> bool:
        return any(True for _ in misnomers(expression, place)) or "??" in expression.source or "?." in expression.source

    def document(self, value: Any) -> Any:
        """A document with every template in it replaced by what it stands for."""
        if isinstance(value, dict):
            return {key: self.document(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.document(each) for each in value]
        return self.value(value)
