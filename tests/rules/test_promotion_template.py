"""Promotion templates: aliases, tasks replaced by their steps, and variables that nobody gave a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import Invalid
from argosy.resources.step import ExpressionVariable, PromotionStep, PromotionTaskReference
from argosy.rules.promotion_template import Tasks, inflate, references, split_alias, task_of

TASK = PromotionTaskReference(name="bump")


def step(**fields: Any) -> PromotionStep:
    return PromotionStep.model_validate({"uses": "x", **fields})


def call(**fields: Any) -> PromotionStep:
    return PromotionStep.model_validate({"task": {"name": "bump"}, **fields})


def variables(**values: str) -> tuple[ExpressionVariable, ...]:
    return tuple(ExpressionVariable(name=name, value=value) for name, value in values.items())


def raw(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def tasks(*steps: PromotionStep, **defaults: str) -> Tasks:
    return {TASK: (variables(**defaults), steps)}


def given_to(inflated: PromotionStep) -> list[tuple[str, str]]:
    return [(variable.name, variable.value) for variable in inflated.vars]


def test_steps_without_alias_are_counted_from_one() -> None:
    inflated = inflate([step(), step(**{"as": "mine"}), step()], (), {})
    assert [item.as_ for item in inflated] == ["step-1", "mine", "step-3"]


def test_a_task_is_replaced_by_its_steps_under_its_alias() -> None:
    inflated = inflate([step(), call(), call(**{"as": "mine"})], (), tasks(step(), step(**{"as": "push"})))
    aliases = ["step-1", "task-2::step-1", "task-2::push", "mine::step-1", "mine::push"]
    assert [item.as_ for item in inflated] == aliases
    assert all(item.task is None for item in inflated)


def test_variables_come_weakest_first_defaults_then_the_call_then_the_inner_step() -> None:
    inner = step(vars=raw(a="inner"))
    inflated = inflate([call(vars=raw(a="call", b="call"))], (), tasks(inner, a="default", c="default"))
    assert given_to(inflated[0]) == [
        ("a", "default"),
        ("c", "default"),
        ("a", "call"),
        ("b", "call"),
        ("a", "inner"),
    ]


def test_a_variable_of_stage_or_template_is_stronger_than_a_default_of_the_task() -> None:
    inflated = inflate([call()], variables(a="stage"), tasks(step(), a="default", b="default"))
    assert given_to(inflated[0]) == [("b", "default")]


def test_an_empty_variable_counts_as_unset() -> None:
    inflated = inflate([call()], variables(a=""), tasks(step(), a="default"))
    assert given_to(inflated[0]) == [("a", "default")]


@pytest.mark.parametrize(
    ("stage", "passed", "missing"),
    [
        pytest.param({}, {}, ["a", "b"], id="nobody gives any"),
        pytest.param({"a": "1"}, {"b": "1"}, [], id="the Stage and the call give one each"),
        pytest.param({"a": ""}, {"b": ""}, ["a", "b"], id="empty values give nothing"),
        pytest.param({}, {"b": "1"}, ["a"], id="one is missing"),
    ],
)
def test_every_variable_that_nobody_gives_a_value_is_named(
    stage: dict[str, str], passed: dict[str, str], missing: list[str]
) -> None:
    def attempt() -> None:
        inflate([step(), call(vars=raw(**passed))], variables(**stage), tasks(step(), a="", b="", c="default"))

    if not missing:
        attempt()
        return
    with pytest.raises(Invalid) as error:
        attempt()
    assert [problem.message.split("'")[3] for problem in error.value.problems] == missing
    assert {problem.field for problem in error.value.problems} == {"spec.promotionTemplate.spec.steps[1].vars"}


def test_the_tasks_that_steps_need_are_named_once() -> None:
    cluster = PromotionStep.model_validate({"task": {"name": "bump", "kind": "ClusterPromotionTask"}})
    assert references([step(), call(), call(), cluster]) == [
        TASK,
        PromotionTaskReference(name="bump", kind="ClusterPromotionTask"),
    ]


@pytest.mark.parametrize(
    ("alias", "task", "own"),
    [
        pytest.param("push", "", "push", id="a step of the template"),
        pytest.param("bump::push", "bump", "push", id="a step of a task"),
        pytest.param("a::b::c", "", "a::b::c", id="more than one separator means no task"),
        pytest.param("::push", "", "push", id="a task without a name"),
        pytest.param("bump::", "bump", "", id="a step without a name"),
    ],
)
def test_an_alias_names_task_and_step(alias: str, task: str, own: str) -> None:
    assert split_alias(alias) == (task, own)
    assert task_of(alias) == task


def test_conditions_and_retries_of_inner_steps_stay_theirs() -> None:
    inner = step(**{"if": "${{ vars.a == 'x' }}", "continueOnError": True, "retry": {"errorThreshold": 3}})
    (inflated,) = inflate([call(vars=raw(a="x"))], (), tasks(inner))
    assert (inflated.if_, inflated.continue_on_error, inflated.retry) == (inner.if_, True, inner.retry)


def test_an_empty_variable_of_the_call_is_passed_on_after_the_default() -> None:
    inflated = inflate([call(vars=raw(a=""))], (), tasks(step(), a="default"))
    assert given_to(inflated[0]) == [("a", "default"), ("a", "")]


KINDS = st.lists(st.booleans(), max_size=8)


@given(KINDS, st.integers(1, 4))
def test_inflating_keeps_the_order_and_gives_each_step_an_alias_of_its_own(calls: list[bool], inner: int) -> None:
    steps = [call() if is_call else step(config={"at": index}) for index, is_call in enumerate(calls)]
    inflated = inflate(steps, (), tasks(*(step(config={"inner": number}) for number in range(inner))))
    expected: list[dict[str, int]] = []
    for index, is_call in enumerate(calls):
        expected.extend([{"inner": number} for number in range(inner)] if is_call else [{"at": index}])
    assert [item.config for item in inflated] == expected
    aliases = [item.as_ for item in inflated]
    assert len(set(aliases)) == len(aliases)
    assert all(aliases)
