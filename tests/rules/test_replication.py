"""Replicas of shared Secrets and ConfigMaps: which are made, what they hold, and when they are out of date."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from argosy.resources.meta import Document, Key
from argosy.rules.patch import merge
from argosy.rules.replication import digest, is_current, is_replica, is_source, must_be_replaced, replica, update

TO, AT = "kargo.akuity.io/replicate-to", "kargo.akuity.io/replicated-at"
FROM, SHA = "kargo.akuity.io/replicated-from", "kargo.akuity.io/replicated-sha"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CREDENTIAL = {"kargo.akuity.io/cred-type": "generic"}
NOW, LATER = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)


def source(kind: str = "ConfigMap", *, labels: Any = None, annotations: Any = None, **fields: Any) -> Document:
    meta = {"name": "x", "namespace": "shared", "labels": labels or {}, "annotations": {TO: "*", **(annotations or {})}}
    return Document.of({"apiVersion": "v1", "kind": kind, "metadata": meta, **fields})


def made(of: Document) -> Document:
    return Document.of(replica(of, "p", now=NOW))


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        (source(), True),
        (source("Secret", labels=CREDENTIAL), True),
        (source("Secret"), False),
        (source(annotations={TO: "p"}), False),
        (source("Secret", labels=CREDENTIAL, annotations={TO: ""}), False),
    ],
    ids=["a ConfigMap", "credentials", "another Secret", "to one Project", "no longer"],
)
def test_what_is_replicated(document: Document, answer: bool) -> None:
    assert is_source(document) is answer


def test_a_replica_has_the_content_and_says_where_it_is_from() -> None:
    secret = source(
        "Secret",
        labels=CREDENTIAL,
        annotations={"a": "b", APPLIED: "{}", AT: "before"},
        type="kubernetes.io/tls",
        data={"k": "dg=="},
        immutable=True,
    )
    assert replica(secret, "p", now=NOW) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "x",
            "namespace": "p",
            "labels": {**CREDENTIAL, FROM: "x", SHA: digest(secret)},
            "annotations": {"a": "b", AT: "2026-01-02T00:00:00Z"},
        },
        "type": "kubernetes.io/tls",
        "data": {"k": "dg=="},
    }


def test_the_digest_is_that_of_kargo() -> None:
    """Written out here as Kargo's code makes it, so that what it replicated is not written again."""
    config = source(labels={"b": "2", "a": "1", SHA: "z"}, annotations={"n": "m", AT: "t"}, data={"k": "v"})
    written = b"labelsa\x001\x00b\x002\x00annotationsn\x00m\x00datak\x00v\x00binaryData"
    assert digest(config) == hashlib.sha256(written).hexdigest()[:16]
    secret = source("Secret", labels=CREDENTIAL, data={"k": "dg=="})
    written = b"labelskargo.akuity.io/cred-type\x00generic\x00annotationsdatak\x00v\x00"
    assert digest(secret) == hashlib.sha256(written).hexdigest()[:16]


CHANGES = {
    "a value": {"data": {"k": "w"}},
    "another key": {"data": {"k": "v", "l": "w"}},
    "no keys": {"data": {}},
    "bytes": {"binaryData": {"b": "AAE="}},
    "a label": {"labels": {"l": "2"}},
    "an annotation": {"annotations": {"a": "2"}},
}
FIRST: dict[str, Any] = {"data": {"k": "v"}, "labels": {"l": "1"}, "annotations": {"a": "1"}}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_replica_follows_every_change(change: dict[str, Any]) -> None:
    before, after = source(**FIRST), source(**{**FIRST, **change})
    found = made(before)
    assert is_current(found, before)
    assert not is_current(found, after)
    patched = Document.of(merge(found.data, update(found, after, now=LATER)))
    assert is_current(patched, after)
    assert patched.meta["annotations"][AT] == "2026-01-03T00:00:00Z"
    wanted = replica(after, "p", now=LATER)
    assert {**wanted, "data": patched.data.get("data", {})} == {"data": {}, **patched.data}


def test_a_change_of_what_is_not_replicated_is_none() -> None:
    found = made(source(**FIRST))
    assert is_current(found, source(**{**FIRST, "annotations": {"a": "1", APPLIED: "{...}"}}))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_replica_that_somebody_changed_is_put_right(change: dict[str, Any]) -> None:
    first = source(**FIRST)
    found = made(first)
    spoilt = source(**{**FIRST, **change})
    meta = {**found.meta, "labels": {**spoilt.meta["labels"], FROM: "x", SHA: digest(first)}}
    meta["annotations"] = {**spoilt.meta["annotations"], AT: "t"}
    other = Document.of({**spoilt.data, "metadata": meta})
    assert not is_current(other, first)
    patched = Document.of(merge(other.data, update(other, first, now=LATER)))
    assert is_current(patched, first)


@pytest.mark.parametrize(
    ("labels", "name", "answer"),
    [({FROM: "x"}, "x", True), ({}, "x", False), ({FROM: "y"}, "x", False), ({FROM: "x"}, "y", False)],
)
def test_what_has_only_the_name_is_somebody_elses(labels: Any, name: str, answer: bool) -> None:
    found = Document.of({"kind": "Secret", "metadata": {"name": name, "namespace": "p", "labels": labels}})
    assert is_replica(found, Key("Secret", "shared", "x")) is answer


def test_a_long_name_fits_into_the_label() -> None:
    long = Document.of({**source().data, "metadata": {**source().meta, "name": "x" * 100}})
    found = made(long)
    assert len(found.meta["labels"][FROM]) == 63
    assert is_replica(found, long.key)


def test_a_secret_of_another_type_is_made_anew() -> None:
    before = source("Secret", labels=CREDENTIAL, type="Opaque")
    assert not must_be_replaced(made(before), before)
    assert must_be_replaced(made(before), source("Secret", labels=CREDENTIAL, type="kubernetes.io/tls"))
    assert must_be_replaced(Document.of({**made(before).data, "immutable": True}), before)
