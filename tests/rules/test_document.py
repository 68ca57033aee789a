"""What a write makes of a document, without a store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import Invalid
from argosy.resources.kind import Kind
from argosy.resources.meta import Resource
from argosy.rules.document import created, deleting, is_finished, replaced, without_finalizer

SHIP = Kind("Ship", "example.org", "v1", "ships", Resource)
NOTE = Kind("Note", "", "v1", "notes", Resource, namespaced=False, status=False)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ship(**more: Any) -> dict[str, Any]:
    return {"kind": "Ship", "metadata": {"name": "a", "namespace": "p", **more.pop("meta", {})}, **more}


def kept(**more: Any) -> dict[str, Any]:
    data = created(ship(**more), SHIP, uid="u", now=NOW)
    data["metadata"]["resourceVersion"] = "7"
    return data


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        created(ship(meta={"name": "A", "namespace": "", "labels": {"-": "é"}}), SHIP, uid="u", now=NOW)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.labels[-]"]


def test_a_cluster_scoped_kind_has_no_namespace() -> None:
    with pytest.raises(Invalid):
        created({"metadata": {"name": "a", "namespace": "p"}}, NOTE, uid="u", now=NOW)


def test_empty_parts_of_the_metadata_are_left_out() -> None:
    meta = {"labels": {}, "finalizers": [], "annotations": None, "ownerReferences": []}
    assert set(kept(meta=meta)["metadata"]) == {
        "name", "namespace", "uid", "generation", "creationTimestamp", "resourceVersion",
    }  # fmt: skip


def test_kinds_without_the_subresource_keep_their_status() -> None:
    assert created({"metadata": {"name": "a"}, "status": 1}, NOTE, uid="u", now=NOW)["status"] == 1


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_replacing_a_document_by_itself_changes_nothing(spec: dict[str, Any]) -> None:
    current = kept(spec=spec, extra=[spec])
    assert replaced(current, current, SHIP, status=False) == current
    assert replaced(current, current, SHIP, status=True) == current


def test_the_given_documents_are_left_as_they_are() -> None:
    current, given_one = kept(spec={"a": 1}), ship(spec={"a": 2}, status={"b": 1}, meta={"labels": {"x": "y"}})
    before = repr((current, given_one))
    replaced(current, given_one, SHIP, status=False)
    replaced(current, given_one, SHIP, status=True)
    deleting(current, SHIP, now=NOW)
    assert repr((current, given_one)) == before


def test_a_deletion_is_finished_when_the_last_finalizer_is_gone() -> None:
    stamped = deleting(kept(meta={"finalizers": ["a.b/c"]}), SHIP, now=NOW)
    assert not is_finished(stamped)
    assert is_finished(without_finalizer(stamped, "a.b/c"))
    assert deleting(stamped, SHIP, now=NOW.replace(year=2027)) == stamped
