"""The steps of one template, in their order: kinds, configurations, and what their expressions can name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from argosy.engine import vocabulary
from argosy.errors import suggestion
from argosy.expressions import ExpressionError, Misnomer, Shape, Vocabulary, is_expression, parse, walk
from argosy.expressions.syntax import Call, Expression, Literal
from argosy.lint.base import Finding, Place, texts
from argosy.lint.expression import excerpt, unreadable, within, written
from argosy.lint.known import UNKNOWN, Knowledge
from argosy.rules.promotion_template import SEPARATOR
from argosy.steps.base import AnyStep
from argosy.steps.catalogue import all_steps
from argosy.steps.config_fault import config_faults


@dataclass
class Steps:
    """Goes through steps and remembers what those before have left.

    Attributes:
        knowledge: variables and context as far as they are known.
        open: whether others may supply variables that are not known here.
        task: the alias of the task that the steps belong to; empty outside of tasks.
        outputs: what is known of the outputs of the steps before, by alias as it stands in `outputs`.
        own: the same for the steps of the task, by their alias in it.
        later: the aliases that are still to come, in this task or template.
    """

    knowledge: Knowledge
    open: bool = False
    task: str = ""
    outputs: dict[str, Shape] = field(default_factory=dict)
    own: dict[str, Shape] = field(default_factory=dict)
    later: set[str] = field(default_factory=set)

    def check(self, place: Place, alias: str) -> Iterator[Finding]:
        """Findings about one step of a kind."""
        self.later.discard(alias)
        known = self.knowledge
        for each in (place / "vars").items():
            yield from within(each / "value", self._place(vocabulary.STEP_VARIABLES, known), self.told)
            known = with_variable(known, each)
        names = self._place(vocabulary.STEP, known)
        yield from within(place / "if", names, self.told)
        yield from within(place / "config", names, self.told)
        yield from self._condition(place / "if", known)
        for part in ("if", "config"):
            yield from self._statuses(place / part)
        yield from self._kind(place, known)
        self._leave(place, alias)

    def _condition(self, place: Place, known: Knowledge) -> Iterator[Finding]:
        """An `if` that is known to be neither true nor false, such as one without `${{ }}`."""
        value = known.value(place.value) if isinstance(place.value, str) and place.value else UNKNOWN
        if value is not UNKNOWN and not isinstance(value, bool):
            advice = "Write one `${{ }}` around the whole of it, and compare something."
            yield place.error("expression", "a condition must be true or false", advice)

    def _place(self, names: Vocabulary, known: Knowledge) -> Vocabulary:
        variables: dict[str, Shape] = {"vars": dict.fromkeys(known.variables), "outputs": self.outputs}
        if self.task:
            variables["task"] = {"outputs": self.own}
        return names.extended(**variables)

    def told(self, place: Place, expression: Expression, each: Misnomer) -> Finding:
        """About an unknown name: an output that comes too late, a variable that others may supply, or neither."""
        shown = excerpt(expression, each)
        root, name = each.path[0] if each.path else "", each.path[-1] if each.path else ""
        outputs = each.path[:1] == ("outputs",) or each.path[:2] == ("task", "outputs")
        if root == "outputs" and self.open:
            advice = "A Stage that uses the task may have such a step; steps of the task are in `task.outputs`."
            return place.warning("unknown-output", each.problem, advice, shown)
        if outputs and name in self.later:
            return place.error("unknown-output", f"step {name!r} runs later", "Move it before this one.", shown)
        if outputs and len(each.path) > 1:
            return place.error("unknown-output", each.problem, each.advice, shown)
        if root == "vars" and self.open:
            advice = f"{each.advice} A Stage that uses the task may supply it.".strip()
            return place.warning("unknown-name", each.problem, advice, shown)
        advice = each.advice
        if root == "task" and not self.task:
            advice = "`task` is there in the steps of a PromotionTask only."
        return place.error("unknown-name", each.problem, advice, shown)

    def _statuses(self, place: Place) -> Iterator[Finding]:
        """`status()` of steps that have not run."""
        ran = self.own if self.task else {each: None for each in self.outputs if SEPARATOR not in each}
        for here, expression in written(place):
            for node in walk(expression.body):
                alias = _argument(node) if isinstance(node, Call) and node.name == "status" else None
                if alias is not None and alias not in ran:
                    when = "runs later" if alias in self.later else "does not exist"
                    found = Misnomer(node.at, (), f"step {alias!r} {when}", "")
                    yield here.error(
                        "unknown-output", found.problem, suggestion(alias, ran), excerpt(expression, found)
                    )

    def _kind(self, place: Place, known: Knowledge) -> Iterator[Finding]:
        name = place.value.get("uses") if isinstance(place.value, dict) else None
        if not isinstance(name, str) or not name:
            return
        kind = all_steps().get(name)
        if kind is None:
            yield (place / "uses").warning(
                "unknown-step",
                f"step kind {name!r} is not known, and fails when it runs",
                suggestion(name, all_steps()) or "A package may add it to the server.",
            )
        else:
            yield from _config(place / "config", kind, known)
            yield from _bare(place / "config")

    def _leave(self, place: Place, alias: str) -> None:
        value = place.value if isinstance(place.value, dict) else {}
        kind = all_steps().get(str(value.get("uses")))
        shape = _outputs(kind, value.get("config")) if kind is not None else None
        if kind is not None and kind.propagates and self.task:
            self.outputs[self.task] = _joined(self.outputs.get(self.task, {}), shape)
        self.own[alias] = shape
        self.outputs[f"{self.task}{SEPARATOR}{alias}" if self.task else alias] = shape


def _outputs(kind: AnyStep, config: Any) -> Shape:
    """The outputs that a step will have; None when they are not known."""
    if kind.propagates:
        return dict.fromkeys(config) if isinstance(config, dict) else None
    shape: dict[str, Shape] = dict.fromkeys(kind.outputs)
    named = config.get("outputs") if isinstance(config, dict) and kind.names_outputs else []
    for each in named if isinstance(named, list) else [named]:
        name = each.get("name") if isinstance(each, dict) else None
        if not isinstance(name, str) or is_expression(name):
            return None
        shape[name] = None
    return shape


def with_variable(known: Knowledge, place: Place) -> Knowledge:
    """`known` and the variable at `place`. An empty value leaves what was known before."""
    variable = place.value if isinstance(place.value, dict) else {}
    name, value = variable.get("name"), variable.get("value", "")
    if not isinstance(name, str):
        return known
    return known.with_variable(name, value if isinstance(value, str) else str(value))


def alias_of(place: Place, index: int) -> str:
    """A step's alias, as given or made up; `index` counts from 0."""
    step = place.value if isinstance(place.value, dict) else {}
    return str(step.get("as") or f"{'task' if step.get('task') else 'step'}-{index + 1}")


def _config(place: Place, kind: AnyStep, known: Knowledge) -> Iterator[Finding]:
    """Faults of a configuration, but those of fields whose value is not known yet."""
    document = known.document({} if place.value is None else place.value)
    if document is UNKNOWN:
        return
    try:
        kind.config.model_validate(document)
    except ValidationError as error:
        strange = {each["loc"] for each in error.errors(include_url=False) if each["type"] == "extra_forbidden"}
        for loc, message in config_faults(error, kind.config).items():
            path, value = _followed(document, loc)
            # A name that is not known is one whatever its value is, unless an alternative may know it.
            if (loc in strange and path == loc) or not _holds_unknown(value):
                here = Place(place.manifest, (*place.path, *path))
                yield here.error("step-config", f"{kind.name}: {message}")


def _bare(place: Place) -> Iterator[Finding]:
    """Fields of a configuration that are expressions without `${{ }}`, which the step itself evaluates."""
    for path, text in texts(place.value):
        if str(path[-1] if path else "").endswith("Expression") and text.strip() and not is_expression(text):
            try:
                parse(text)
            except ExpressionError as error:
                yield unreadable(Place(place.manifest, (*place.path, *path)), error)


def _followed(document: Any, loc: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], Any]:
    """The part of a document that a fault is about, as far as its path leads; branches of unions are no parts."""
    path: list[str | int] = []
    for part in loc:
        inside = isinstance(document, dict) and part in document
        if inside or (isinstance(document, list) and isinstance(part, int) and part < len(document)):
            document = document[part]
            path.append(part)
    missing = bool(loc) and loc[-1] not in path and isinstance(document, dict)
    return tuple(path), None if missing else document


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return any(map(_holds_unknown, value)) if isinstance(value, list) else value is UNKNOWN


def _joined(one: Shape, other: Shape) -> Shape:
    return None if one is None or other is None else {**one, **other}


def _argument(node: Call) -> str | None:
    first = node.arguments[0] if node.arguments else None
    return first.value if isinstance(first, Literal) and isinstance(first.value, str) else None
