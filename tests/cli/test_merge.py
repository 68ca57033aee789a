"""Three-way merges: the patch makes what is wanted, and touches nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from argosy.cli.merge import same, three_way
from argosy.resources.kinds import KINDS
from argosy.rules.patch import apply

leaves = st.one_of(st.booleans(), st.integers(0, 2), st.text("ab", max_size=1))
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def patched(live: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = apply(live, patch, "merge-patch+json", KINDS["ConfigMap"])
    return result


def holds(wanted: Any, found: Any) -> bool:
    """Whether all of `wanted` is in `found`."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            key in found and holds(value, found[key]) for key, value in wanted.items()
        )
    return same(wanted, found)


@given(objects, objects, objects)
def test_everything_wanted_is_there_afterwards(
    last: dict[str, Any], live: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert holds(wanted, patched(live, three_way(last, live, wanted)))


@given(objects, objects)
def test_nothing_is_left_of_what_was_applied_and_is_no_longer_wanted(
    last: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert same(patched(last, three_way(last, last, wanted)), wanted)


@given(objects, objects)
def test_a_second_time_there_is_nothing_to_do(live: dict[str, Any], wanted: dict[str, Any]) -> None:
    once = patched(live, three_way({}, live, wanted))
    assert three_way(wanted, once, wanted) == {}


@given(objects, objects)
def test_what_nobody_applied_stays(live: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = patched(live, three_way({}, live, wanted))
    assert all(same(found[key], live[key]) for key in live if key not in wanted)


def test_true_is_not_one() -> None:
    assert three_way({}, {"a": 1}, {"a": True}) == {"a": True}
    assert three_way({}, {"a": [1]}, {"a": [True]}) == {"a": [True]}
