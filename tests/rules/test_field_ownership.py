"""Whose a field is after updates and applications: examples in words, and laws that hold for any."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import ArgosyError, Invalid
from argosy.resources.kinds import KINDS
from argosy.rules.field_ownership import tracked
from argosy.rules.field_ownership_apply import ApplyConflict, applied
from argosy.rules.field_ownership_entry import decode
from argosy.rules.field_ownership_merge import compare, fields_of, merge, without
from argosy.rules.field_ownership_set import difference, insert, intersection, place_text, places, union
from argosy.rules.field_ownership_type import FREE, field_type
from argosy.rules.field_ownership_write import Write, manager_name

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
KIND = KINDS["ConfigMap"]
STAGE = KINDS["Stage"]
Data = dict[str, Any]


def by(manager: str, minutes: int = 0, subresource: str = "") -> Write:
    return Write(manager, NOW + timedelta(minutes=minutes), subresource)


def config(data: Data | None = None, **meta: Any) -> Data:
    document: Data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", **meta}}
    return document if data is None else {**document, "data": data}


def owned(document: Data) -> dict[str, list[str]]:
    """Manager and operation to the fields it owns."""
    entries = decode(document["metadata"].get("managedFields"))
    return {
        f"{manager.name} {manager.operation}".lower(): [place_text(place) for place in places(owned.fields)]
        for manager, owned in entries.items()
    }


def test_an_applier_owns_what_it_applies_and_removes_what_it_no_longer_does() -> None:
    first = applied(None, config({"a": "1", "b": "1"}), KIND, by("one"), force=False)
    assert owned(first) == {"one apply": [".data.a", ".data.b"]}
    second = applied(first, config({"a": "1"}), KIND, by("one", 1), force=False)
    assert (second["data"], owned(second)) == ({"a": "1"}, {"one apply": [".data.a"]})


def test_what_others_own_too_is_left_when_one_no_longer_applies_it() -> None:
    first = applied(None, config({"a": "1", "b": "1"}), KIND, by("one"), force=False)
    both = applied(first, config({"a": "1"}), KIND, by("two"), force=False)
    left = applied(both, config({}), KIND, by("one", 1), force=False)
    assert left["data"] == {"a": "1"}
    assert owned(left)["two apply"] == [".data.a"]


def test_another_value_is_a_conflict_that_names_field_and_owner() -> None:
    first = applied(None, config({"a": "1", "b": "1"}), KIND, by("one"), force=False)
    with pytest.raises(ApplyConflict, match=r'Apply failed with 1 conflict: conflict with "one": \.data\.a'):
        applied(first, config({"a": "2"}), KIND, by("two"), force=False)
    forced = applied(first, config({"a": "2"}), KIND, by("two"), force=True)
    assert owned(forced) == {"one apply": [".data.b"], "two apply": [".data.a"]}


def test_updates_take_fields_over_without_asking() -> None:
    first = applied(None, config({"a": "1", "b": "1"}), KIND, by("one"), force=False)
    second = tracked(first, {**first, "data": {"a": "2"}}, KIND, by("edit", 1))
    assert owned(second) == {"edit update": [".data.a"]}
    with pytest.raises(ApplyConflict, match=r'conflict with "edit" using v1: \.data\.a'):
        applied(second, config({"a": "1"}), KIND, by("one", 2), force=False)


def test_a_write_that_changes_nothing_changes_no_owner() -> None:
    first = applied(None, config({"a": "1"}), KIND, by("one"), force=False)
    assert tracked(first, first, KIND, by("edit", 1)) == first
    assert applied(first, config({"a": "1"}), KIND, by("one", 1), force=False) == first


def test_what_only_controllers_wrote_carries_no_owners_until_somebody_else_writes() -> None:
    made = tracked(None, config({"a": "1"}), KIND, by("argosy"))
    assert "managedFields" not in made["metadata"]
    changed = tracked(made, {**made, "data": {"a": "2"}}, KIND, by("argosy"))
    assert "managedFields" not in changed["metadata"]
    edited = tracked(changed, {**changed, "data": {"a": "2", "b": "1"}}, KIND, by("kubectl-edit"))
    assert owned(edited) == {"argosy update": [".data", ".data.a"], "kubectl-edit update": [".data.b"]}
    with pytest.raises(ApplyConflict, match='conflict with "argosy" using v1'):
        applied(changed, config({"a": "3"}), KIND, by("one"), force=False)


def test_status_is_owned_by_its_subresource_and_by_nobody_else() -> None:
    made = tracked(None, {"kind": "Stage", "metadata": {"name": "s"}, "spec": {"shard": "x"}}, STAGE, by("maker"))
    told = tracked(made, {**made, "status": {"freightSummary": "1/1"}}, STAGE, by("argosy", 1, "status"))
    assert owned(told)["argosy update"] == [".status", ".status.freightSummary"]
    assert told["metadata"]["managedFields"][1]["subresource"] == "status"
    again = tracked(told, {**told, "spec": {"shard": "y"}}, STAGE, by("edit", 2))
    assert ".status" not in owned(again)["edit update"]


def test_kubectl_may_change_what_it_applied_from_the_clients_side() -> None:
    last = orjson.dumps(config({"a": "1"})).decode()
    marks = {"kubectl.kubernetes.io/last-applied-configuration": last}
    old = tracked(None, config({"a": "1"}, annotations=marks), KIND, by("kubectl-client-side-apply"))
    new = applied(old, config({"a": "2"}), KIND, by("kubectl", 1), force=False)
    assert new["data"] == {"a": "2"}
    assert '"a":"2"' in new["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    with pytest.raises(ApplyConflict):
        applied(old, config({"a": "2"}), KIND, by("other", 1), force=False)


def test_conditions_are_told_apart_by_type_and_keep_their_order() -> None:
    def with_conditions(*types: str, status: str = "True") -> Data:
        return {"status": {"conditions": [{"type": type_, "status": status} for type_ in types]}}

    live, wanted = with_conditions("A", "X", "B"), with_conditions("B", "New", "A", status="False")
    merged = merge(live, wanted, field_type(STAGE))
    assert [(each["type"], each["status"]) for each in merged["status"]["conditions"]] == [
        ("X", "True"),
        ("B", "False"),
        ("New", "False"),
        ("A", "False"),
    ]
    with pytest.raises(Invalid, match="two items with the same type"):
        merge(live, with_conditions("A", "A"), field_type(STAGE))


def test_many_updaters_become_one() -> None:
    document = tracked(None, config({}), KIND, by("m0"))
    for number in range(1, 15):
        data = {**document.get("data", {}), f"k{number}": "1"}
        document = tracked(document, {**document, "data": data}, KIND, by(f"m{number:02}", number))
    names = [entry["manager"] for entry in document["metadata"]["managedFields"]]
    assert len(names) == 10
    assert "ancient-changes" in names
    everything = {field for fields in owned(document).values() for field in fields}
    assert {f".data.k{number}" for number in range(1, 15)} <= everything


@pytest.mark.parametrize("name", ["x" * 129, "a\nb"])
def test_a_manager_has_a_name_that_can_be_printed(name: str) -> None:
    with pytest.raises(Invalid, match="field manager"):
        manager_name(name)


def test_applying_needs_a_manager_and_takes_no_owners() -> None:
    with pytest.raises(Invalid, match="fieldManager"):
        applied(None, config({}), KIND, by(""), force=False)
    with pytest.raises(Invalid, match="managedFields"):
        applied(None, config({}, managedFields=[]), KIND, by("one"), force=False)


elements = st.sampled_from(["f:a", "f:b", 'k:{"type":"A"}', 'v:"x"'])
paths = st.lists(st.lists(elements, min_size=1, max_size=3).map(tuple), max_size=6)


def made(found: list[tuple[str, ...]]) -> Data:
    fields: Data = {}
    for place in found:
        fields = insert(fields, place)
    return fields


@given(paths, paths)
def test_sets_of_fields_are_sets_of_paths(one: list[tuple[str, ...]], other: list[tuple[str, ...]]) -> None:
    left, right = made(one), made(other)
    assert set(places(left)) == set(one)
    assert set(places(union(left, right))) == set(one) | set(other)
    assert set(places(difference(left, right))) == set(one) - set(other)
    assert set(places(intersection(left, right))) == set(one) & set(other)


trees = st.recursive(
    st.sampled_from(["x", "y", 1, True]), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8
)
objects = st.dictionaries(st.sampled_from("abc"), trees)


@given(objects, objects)
def test_what_is_merged_once_is_merged_for_good(live: Data, wanted: Data) -> None:
    merged = merge(live, wanted, FREE)
    assert merge(merged, wanted, FREE) == merged
    assert compare(merged, merged, FREE).is_change is False


@given(objects)
def test_without_all_its_fields_nothing_is_left(value: Data) -> None:
    assert without(value, fields_of(value, FREE), FREE) in (None, {})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "True"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "status", "conditions", "uid", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)
metas = st.fixed_dictionaries(
    {"name": st.just("s")},
    optional=dict.fromkeys(("labels", "annotations", "finalizers", "ownerReferences", "managedFields"), json_values),
)
anything = st.fixed_dictionaries({"metadata": metas}, optional={"spec": json_values, "status": json_values})


@given(anything, anything, anything, st.sampled_from(["", "status"]), st.booleans())
def test_nonsense_is_refused_or_kept_but_never_stumbled_over(
    first: Data, second: Data, third: Data, sub: str, force: bool
) -> None:
    """Validation of values comes later, so that anything may come here."""
    given_fields = first["metadata"].get("managedFields")
    kept = tracked(None, first, STAGE, by("one"), given=given_fields)
    kept = tracked(kept, second, STAGE, by("two", 1, sub), given=second["metadata"].get("managedFields"))
    with contextlib.suppress(ArgosyError):
        applied(kept, third, STAGE, by("kubectl", 2, sub), force=force)


GARBAGE = {
    "numbers": {"f:data": 5},
    "names without a form": {"data": {}},
    "keys that are no JSON": {"k:{": {}},
    "keys that are no object": {"k:5": {}},
}


@pytest.mark.parametrize("fields", GARBAGE.values(), ids=GARBAGE)
def test_owners_that_cannot_be_read_are_not_taken(fields: Data) -> None:
    made = tracked(None, config({"a": "1"}), KIND, by("maker"))
    entry = {"manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields}
    changed = tracked(made, {**made, "data": {"a": "2"}}, KIND, by("two", 1), given=[entry])
    assert set(owned(changed)) == {"maker update", "two update"}


def test_an_importer_keeps_the_owners_that_it_brings() -> None:
    made = tracked(None, config({"a": "1"}), KIND, by("maker"))
    again = tracked(None, config({"a": "1"}), KIND, by("argosy", 5), given=made["metadata"]["managedFields"])
    assert again["metadata"]["managedFields"] == made["metadata"]["managedFields"]
