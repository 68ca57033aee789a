"""The difference of two objects, as a merge patch, turns the one into the other."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from argosy.rules.difference import merge_difference

# A merge patch cannot hold null as a value (RFC 7386), so the generated documents hold none.
leaves = st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2) | st.floats(0, 1)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner), max_leaves=8
)
objects = st.dictionaries(st.text("abc", max_size=2), values)


def apply(target: Any, patch: Any) -> Any:
    """RFC 7386, section 2, as written there."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply(result.get(name), value)
    return result


@given(objects, objects)
def test_applying_the_difference_gives_the_new_object(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert apply(old, merge_difference(old, new)) == new


@given(objects)
def test_equal_objects_do_not_differ(value: dict[str, Any]) -> None:
    assert merge_difference(value, value) == {}


def test_true_and_one_differ() -> None:
    assert merge_difference({"a": True}, {"a": 1}) == {"a": 1}


def test_only_what_changed_is_named() -> None:
    assert merge_difference({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"x": 1, "y": 3}, "b": 1}) == {"a": {"y": 3}}
