"""Outputs that a plan cannot know: the text that stands for them, and which expressions depend on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from argosy.expressions import ExpressionError, Node, expressions_in, is_expression, parse, path_of, walk
from argosy.rules.promotion_template import task_of


@dataclass(slots=True)
class Unknowns:
    """The outputs that are not known yet, as paths in expressions."""

    _paths: dict[tuple[str, ...], str] = field(default_factory=dict)

    def add(self, alias: str, name: str) -> str:
        """An output is not known; returns the text that stands for it."""
        placeholder = f"(known after {alias})"
        self._paths["outputs", alias, name] = placeholder
        task = task_of(alias)
        if task:
            self._paths["task", "outputs", alias.rpartition(":")[2], name] = placeholder
        return placeholder

    def within(self, template: str) -> str:
        """What a template depends on that is not known, such as `outputs.push.commit`; empty for nothing."""
        return next(iter(self._found(template)), "")

    def _found(self, template: str) -> Iterator[str]:
        if not is_expression(template):
            return
        try:
            trees = [parse(each.source) for each in expressions_in(template)]
        except ExpressionError:
            return  # it is told where it is evaluated
        for tree in trees:
            yield from (".".join(path) for node in walk(tree.body) if (path := self._unknown(node)))

    def _unknown(self, node: Node) -> tuple[str, ...]:
        path = path_of(node)
        return path if any(path[: len(known)] == known for known in self._paths) else ()
