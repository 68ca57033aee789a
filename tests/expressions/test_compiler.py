"""What is settled before an expression runs: costs, depths, names and the places of faults."""

import pytest

from argosy.expressions import Bounds, ExpressionError, evaluate_now, parse


def needed(source: str) -> int:
    """The least fuel that `source` can be evaluated with."""
    for fuel in range(200):
        try:
            evaluate_now(source, {"rows": [1, 2, 3], "n": None}, bounds=Bounds(fuel=fuel))
        except ExpressionError:
            continue
        return fuel
    raise AssertionError(source)


@pytest.mark.parametrize(
    ("source", "units"),
    [
        ("1", 1),
        ("1 + 1", 3),
        ("true or 1 + 1 + 1 == 3", 2),
        ("false or 1 + 1 + 1 == 3", 9),
        ("1 ?? (2 + 2)", 2),
        ("nil ?? (2 + 2)", 5),
        ("true ? 1 : 2 + 2", 3),
        ("false ? 1 : 2 + 2", 5),
        ("all(rows, true)", 2 + 3 * 2),
        ("any(rows, true)", 2 + 1 * 2),
        ("count(rows, # > 1)", 2 + 3 * 4),
        ("all(rows, all(rows, true))", 2 + 3 * (1 + 2 + 3 * 2)),
        ("{a: 1}.a", 5),
    ],
)
def test_a_part_is_paid_for_as_often_as_it_is_evaluated(source: str, units: int) -> None:
    assert needed(source) == units


def test_a_node_may_stand_too_deep_where_it_is_never_reached() -> None:
    source = "true or [[[[1]]]] == []"
    assert evaluate_now(source, {}, bounds=Bounds(depth=4)) is True
    with pytest.raises(ExpressionError, match="more than 4 levels deep") as caught:
        evaluate_now(source.replace("true", "false"), {}, bounds=Bounds(depth=4))
    assert source[caught.value.at - 1] == "["


def test_the_depth_is_that_of_the_bounds_given_not_of_those_before() -> None:
    expression = parse("[[[1]]]")
    assert evaluate_now(expression, {}) == [[[1]]]
    with pytest.raises(ExpressionError, match="more than 3 levels deep"):
        evaluate_now(expression, {}, bounds=Bounds(depth=3))
    assert evaluate_now(expression, {}) == [[[1]]]


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
        ("all(1..3, # < 'a')", "<"),
        ("1 + (true ? 'a' : 2)", "+"),
        ("map(3, upper(1))", "m"),
        ("map([1], upper(#))", "u"),
        ("reduce(1, #acc, upper(1))", "r"),
        ("not (1 + 1)", "n"),
        ("1 > 0 and 1 and true", "a"),
        ("{(1): 2}", "{"),
        ("x[:true]", "["),
    ],
)
def test_a_fault_is_told_with_the_place_of_the_innermost_node(source: str, character: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_now(source, {"x": [1]})
    assert source[caught.value.at] == character


def test_an_expression_runs_again_after_it_has_failed() -> None:
    expression = parse("let y = 1; map(rows, #.a + y)")
    with pytest.raises(ExpressionError):
        evaluate_now(expression, {"rows": [{"a": 1}, 2]})
    assert evaluate_now(expression, {"rows": [{"a": 1}]}) == [2]
