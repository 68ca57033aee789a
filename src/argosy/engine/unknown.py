"""Outputs that a plan cannot know: the text that stands for them, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from argosy.expressions import ExpressionError, expressions_in, is_expression, parse, path_of, walk
from argosy.resources.meta import Json
from argosy.resources.step import PromotionStep
from argosy.rules.promotion_template import task_of


@dataclass(slots=True)
class Unknowns:
    """The outputs that are not known yet, as paths in expressions."""

    _paths: set[tuple[str, ...]] = field(default_factory=set)
    _texts: set[str] = field(default_factory=set)

    def add(self, alias: str, name: str) -> str:
        """An output is not known; returns the text that stands for it."""
        placeholder = f"(known after {alias})"
        self._texts.add(placeholder)
        self._mark(alias, name)
        return placeholder

    def follow(self, alias: str, outputs: Mapping[str, Json]) -> None:
        """Outputs that were made of what is not known are not known either."""
        for name, value in outputs.items():
            if self._stands_in(value):
                self._mark(alias, name)

    def condition(self, step: PromotionStep) -> str:
        """What decides whether a step runs and is not known, such as `outputs.push.commit`; empty for nothing."""
        return self._within(step.if_, step)

    def config(self, step: PromotionStep) -> str:
        """What the configuration of a step is made of and is not known; empty for nothing."""
        found = (self._within(text, step) for text in _texts(step.config))
        return next(filter(None, found), "")

    def _mark(self, alias: str, name: str) -> None:
        self._paths.add(("outputs", alias, name))
        task = task_of(alias)
        if task:
            self._paths.add(("task", "outputs", alias.rpartition(":")[2], name))
            self._paths.add(("outputs", task, name))

    def _stands_in(self, value: Json) -> bool:
        return any(text in each for each in _texts(value) for text in self._texts)

    def _within(self, template: str, step: PromotionStep) -> str:
        return next(iter(self._found(template, {each.name: each.value for each in step.vars})), "")

    def _found(self, template: str, variables: Mapping[str, str]) -> Iterator[str]:
        if not is_expression(template):
            return
        try:
            trees = [parse(each.source) for each in expressions_in(template)]
        except ExpressionError:
            return  # it is told where it is evaluated
        for node in (node for tree in trees for node in walk(tree.body)):
            path = path_of(node)
            if any(path[: len(known)] == known for known in self._paths):
                yield ".".join(path)
            elif path[:1] == ("vars",) and len(path) > 1 and path[1] in variables:
                others = {name: value for name, value in variables.items() if name != path[1]}
                yield from self._found(variables[path[1]], others)


def _texts(value: Json) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
