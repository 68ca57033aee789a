"""What evaluation promises its host: functions, async ones too, called once each; nothing changed; nothing leaked."""

import asyncio
from typing import Any

import pytest

from argosy.errors import Temporary
from argosy.expressions import Bounds, ExpressionError, evaluate, evaluate_now, parse


async def test_a_host_function_is_called_with_values_and_its_answer_used() -> None:
    assert await evaluate("greet('you', 1 + 1)", {}, {"greet": lambda who, n: {"to": who, "n": n}}) == {
        "to": "you",
        "n": 2,
    }


async def test_an_async_host_function_is_awaited_and_each_call_made_once() -> None:
    calls: list[str] = []

    async def look_up(name: str) -> str:
        calls.append(name)
        await asyncio.sleep(0)
        return name.upper()

    found = await evaluate(
        "map(names, look_up(#)) | join('-') + look_up('z')", {"names": ["a", "b"]}, {"look_up": look_up}
    )
    assert found == "A-BZ"
    assert calls == ["a", "b", "z"]


async def test_only_the_functions_that_are_reached_are_called() -> None:
    def refuse() -> None:
        raise AssertionError("must not be called")

    assert await evaluate("true ? 1 : refuse()", {}, {"refuse": refuse}) == 1
    assert await evaluate("false and refuse()", {}, {"refuse": refuse}) is False


async def test_a_host_function_takes_precedence_over_a_built_in() -> None:
    assert await evaluate("upper('a')", {}, {"upper": lambda text: text}) == "a"


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_what_a_host_function_raises_is_told_with_its_place_and_kept_as_the_cause(asynchronous: bool) -> None:
    trouble = Temporary("the registry does not answer", advice="Wait.")

    def fail() -> Any:
        raise trouble

    async def fail_later() -> Any:
        raise trouble

    with pytest.raises(ExpressionError) as caught:
        await evaluate("1 + fetch()", {}, {"fetch": fail_later if asynchronous else fail})
    assert caught.value.problem == "fetch() failed: the registry does not answer"
    assert caught.value.advice == "Wait."
    assert caught.value.column == 5
    assert caught.value.__cause__ is trouble


async def test_a_wrong_number_of_arguments_is_told_without_python_names() -> None:
    def pick(first: int) -> int:
        return first

    with pytest.raises(ExpressionError, match=r"^choose\(\) cannot be called with 2 arguments \(line 1, column 1\)"):
        await evaluate("choose(1, 2)", {}, {"choose": pick})


async def test_an_evaluation_changes_nothing_it_was_given() -> None:
    env = {"xs": [3, 1, 2], "m": {"a": [1]}}
    await evaluate("[sort(xs), reverse(xs), concat(xs, [1]), m, fromPairs(toPairs(m))]", env)
    assert env == {"xs": [3, 1, 2], "m": {"a": [1]}}


def test_evaluate_now_refuses_an_async_function_and_leaves_no_coroutine_behind() -> None:
    async def later() -> int:
        return 1

    with pytest.raises(ExpressionError, match=r"later\(\) cannot be called here"):
        evaluate_now("later()", {}, {"later": later})


def test_a_parsed_expression_can_be_evaluated_again_and_again() -> None:
    parsed = parse("x * 2")
    assert [evaluate_now(parsed, {"x": x}) for x in (1, 2, 3)] == [2, 4, 6]
    assert parse("x * 2") is parsed


async def test_the_work_of_all_runs_is_counted_together() -> None:
    async def answer(number: int) -> int:
        return number

    with pytest.raises(ExpressionError, match="units of work"):
        await evaluate("sum(1..300, answer(#))", {}, {"answer": answer}, Bounds(fuel=20_000))
    assert await evaluate("sum(1..300, # + 0)", {}, {}, Bounds(fuel=20_000)) == 45_150


def test_an_unknown_name_is_nil_as_in_kargo() -> None:
    assert evaluate_now("missing", {}) is None
    assert evaluate_now("missing?.field ?? 'default'", {}) == "default"
