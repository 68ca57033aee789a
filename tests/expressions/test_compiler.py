"""What is settled before an expression runs: costs, depths, names and the places of faults."""

import pytest

from argosy.expressions import Bounds, ExpressionError, evaluate_now, parse

ENV = {"one": 1, "yes": True, "no": False, "rows": [1, 2, 3], "text": "a", "nothing": None}


def needed(source: str) -> int:
    """The least fuel that `source` can be evaluated with."""
    for fuel in range(200):
        try:
            evaluate_now(source, ENV, bounds=Bounds(fuel=fuel))
        except ExpressionError:
            continue
        return fuel
    raise AssertionError(source)


@pytest.mark.parametrize(
    ("source", "units"),
    [
        ("one", 1),
        ("one + one", 3),
        ("yes or one + one + one == one", 2),
        ("no or one + one + one == one", 9),
        ("one ?? (one + one)", 2),
        ("nothing ?? (one + one)", 5),
        ("yes ? one : one + one", 3),
        ("no ? one : one + one", 5),
        ("all(rows, yes)", 2 + 3 * 2),
        ("any(rows, yes)", 2 + 1 * 2),
        ("count(rows, # > one)", 2 + 3 * 4),
        ("all(rows, all(rows, yes))", 2 + 3 * (1 + 2 + 3 * 2)),
        ("{a: one}.a", 5),
    ],
)
def test_a_part_is_paid_for_as_often_as_it_is_evaluated(source: str, units: int) -> None:
    assert needed(source) == units


def test_a_node_may_stand_too_deep_where_it_is_never_reached() -> None:
    source = "yes or [[[[one]]]] == rows"
    assert evaluate_now(source, ENV, bounds=Bounds(depth=4)) is True
    with pytest.raises(ExpressionError, match="more than 4 levels deep") as caught:
        evaluate_now(source, {**ENV, "yes": False}, bounds=Bounds(depth=4))
    assert source[caught.value.at - 1] == "["


def test_the_depth_is_that_of_the_bounds_given_not_of_those_before() -> None:
    expression = parse("[[[one]]]")
    assert evaluate_now(expression, ENV) == [[[1]]]
    with pytest.raises(ExpressionError, match="more than 3 levels deep"):
        evaluate_now(expression, ENV, bounds=Bounds(depth=3))
    assert evaluate_now(expression, ENV) == [[[1]]]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("map(1..2, map(1..2, # * 10) | map(# + 1)) | flatten()", [11, 21, 11, 21]),
        ("map(1..2, [any(1..3, # == 3), #])", [[True, 1], [True, 2]]),
        ("map(filter(1..4, # > 2), #)", [3, 4]),
        ("reduce(1..3, #acc + reduce(1..#, #acc + #, 0), 0)", 10),
        ("[let x = 1; x, x, let x = 2; x]", [1, "outside", 2]),
        ("map(1..2, let x = #; x * 2)", [2, 4]),
        ("n?.a.b.c ?? 'nothing'", "nothing"),
        ("map([nil, {a: 1}], #?.a)", [None, 1]),
    ],
)
def test_names_mean_what_stands_around_them(source: str, value: object) -> None:
    assert evaluate_now(source, {"x": "outside", "n": None}) == value


@pytest.mark.parametrize(
    ("source", "character"),
    [
        ("all(rows, # < text)", "<"),
        ("one + (yes ? text : one)", "+"),
        ("map(one, upper(one))", "m"),
        ("map(rows, upper(#))", "u"),
        ("reduce(one, #acc, upper(one))", "r"),
        ("not (one + one)", "n"),
        ("one > 0 and one and yes", "a"),
        ("{(one): 2}", "{"),
        ("rows[:yes]", "["),
    ],
)
def test_a_fault_is_told_with_the_place_of_the_innermost_node(source: str, character: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_now(source, ENV)
    assert source[caught.value.at] == character


def test_an_expression_runs_again_after_it_has_failed() -> None:
    expression = parse("let y = 1; map(rows, #.a + y)")
    with pytest.raises(ExpressionError):
        evaluate_now(expression, {"rows": [{"a": 1}, 2]})
    assert evaluate_now(expression, {"rows": [{"a": 1}]}) == [2]
