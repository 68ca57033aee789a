"""Admission before the real store: what is written is what the rules made of it; what they refuse leaves nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.rules.pipeline_case import (
    IMAGE,
    KARGO,
    Raw,
    auto,
    collection,
    freight,
    origin,
    reference,
    request,
    resource,
    stage,
    warehouse,
)

from argosy.errors import AlreadyExists, Conflict, Denied, Invalid, NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Key
from argosy.store.actor import actor
from argosy.store.admission import Admission
from argosy.store.base import PatchType, Query, Store
from argosy.store.sql import SqlStore, open_store
from argosy.testing.clock import FakeClock

PROJECT: Raw = {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "p"}}
HOLD, RESUME = "kargo.akuity.io/auto-promotion-hold", "kargo.akuity.io/auto-promotion-resume"
ACTOR, ALIAS = "kargo.akuity.io/create-actor", "kargo.akuity.io/alias"
CONTROLLER = "controller:stage-controller"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def inner(tmp_path: Path, clock: FakeClock) -> AsyncIterator[SqlStore]:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'argosy.db'}"
    store = open_store(url, KINDS, clock=clock, key_file=tmp_path / "keys" / "keys")
    yield store
    await store.close()


@pytest.fixture
async def store(inner: SqlStore, clock: FakeClock) -> Store:
    store = Admission(inner, clock, Random(1))
    await store.create(PROJECT)
    return store


@contextmanager
def acting(name: str) -> Iterator[None]:
    token = actor.set(name)
    try:
        yield
    finally:
        actor.reset(token)


def unnamed(**fields: Any) -> Raw:
    """Freight as a person writes it."""
    raw = freight("x", **fields)
    raw["metadata"] = {"namespace": "p", "generateName": "freight-"}
    del raw["discoveredAt"]
    return raw


def tagged(tag: str, **fields: Any) -> Raw:
    return unnamed(images=[{"repoURL": IMAGE, "tag": tag, "digest": "sha256:1"}], **fields)


def wanted(freight: str = "", *, to: str = "dev", **meta: Any) -> Raw:
    spec: Raw = {"stage": to, **({"freight": freight} if freight else {"origin": origin()})}
    raw = resource("Promotion", "x", spec=spec)
    raw["metadata"] = {"namespace": "p", "generateName": "promo-", **meta}
    return raw


async def pipeline(store: Store, *stages: Raw) -> None:
    await store.create(warehouse())
    for each in stages or (stage(),):
        await store.create(each)


async def events(store: Store) -> list[tuple[str, str]]:
    found = (await store.list(Query("Event", "p"))).documents
    return [
        (item.data["reason"], item.data["metadata"]["annotations"]["event.kargo.akuity.io/actor"]) for item in found
    ]


async def test_a_project_makes_its_namespace_before_the_request_returns(store: Store) -> None:
    namespace = await store.get(Key("Namespace", "", "p"))
    assert namespace.meta["labels"]["kargo.akuity.io/project"] == "true"
    assert namespace.meta["finalizers"] == ["kargo.akuity.io/finalizer"]


async def test_a_project_takes_over_a_labelled_namespace_and_no_other(store: Store) -> None:
    labels = {"kargo.akuity.io/project": "true"}
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mine", "labels": labels}})
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    await store.create({**PROJECT, "metadata": {"name": "mine"}})
    with pytest.raises(Conflict, match="not labelled"):
        await store.create({**PROJECT, "metadata": {"name": "other"}})


async def test_a_project_waits_for_a_namespace_that_is_going(store: Store) -> None:
    await store.delete(Key("Namespace", "", "p"))
    with pytest.raises(Conflict, match="still being deleted"):
        await store.create(PROJECT)


async def test_a_dry_run_makes_no_namespace(store: Store) -> None:
    await store.create({**PROJECT, "metadata": {"name": "q"}}, dry_run=True)
    with pytest.raises(NotFound):
        await store.get(Key("Namespace", "", "q"))


BELONGS = (stage(), warehouse(), freight(), auto(), resource("PromotionTask", "t", spec={"steps": [{"uses": "fail"}]}))


@pytest.mark.parametrize("raw", BELONGS, ids=lambda raw: raw["kind"])
async def test_what_belongs_to_a_project_needs_its_namespace(store: Store, raw: Raw) -> None:
    lost = {**raw, "metadata": {"name": "nowhere", "namespace": "nowhere"}}
    with pytest.raises(NotFound, match="Create a Project named 'nowhere'"):
        await store.create(lost)
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "nowhere"}})
    with pytest.raises(Denied if raw["kind"] == "ProjectConfig" else Invalid, match="does not belong to a Project"):
        await store.create(lost)


async def test_configuration_is_named_as_its_project(store: Store) -> None:
    await store.create(auto())
    with pytest.raises(Invalid, match="is named as its Project"):
        await store.create({**auto(), "metadata": {"name": "other", "namespace": "p"}})


async def test_stages_are_admitted_in_any_order(store: Store) -> None:
    steps = ({"task": {"name": "nobody"}},)
    await store.create(stage("prod", request("nowhere", stages=["nobody"]), steps=steps))


async def test_every_fault_of_a_document_is_told_and_nothing_written(store: Store) -> None:
    bad = stage("dev", request(), {"sources": {}})
    bad["spec"]["sharrd"] = "x"
    with pytest.raises(Invalid) as error:
        await store.create(bad)
    assert {problem.field for problem in error.value.problems} == {"spec.requestedFreight[1].origin", "spec.sharrd"}
    assert (await store.list(Query("Stage", "p"))).documents == []


async def test_an_unknown_field_that_is_there_already_survives_an_update(store: Store, inner: SqlStore) -> None:
    raw = stage()
    raw["spec"]["newerField"] = 1
    await inner.create(raw)
    changed = await store.patch(Key("Stage", "p", "dev"), {"spec": {"shard": "east"}})
    assert changed.data["spec"]["newerField"] == 1
    assert changed.meta["labels"] == {"kargo.akuity.io/shard": "east"}
    with pytest.raises(Invalid, match="newestField"):
        await store.patch(Key("Stage", "p", "dev"), {"spec": {"newestField": 1}})


async def test_string_data_of_a_secret_is_merged_at_creation_and_change(store: Store) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "p"},
        "stringData": {"a": "A"},
    }
    await store.create(secret)
    patched = await store.patch(Key("Secret", "p", "s"), {"stringData": {"b": "B"}})
    assert patched.data["data"] == {"a": "QQ==", "b": "Qg=="}
    assert "stringData" not in patched.data


async def test_values_that_may_never_change_stay(store: Store) -> None:
    head = {"apiVersion": "v1", "metadata": {"name": "kept", "namespace": "p"}}
    await store.create({**head, "kind": "Secret", "stringData": {"a": "hidden"}, "immutable": True})
    await store.create({**head, "kind": "ConfigMap", "data": {"a": "A"}})
    secret, config = Key("Secret", "p", "kept"), Key("ConfigMap", "p", "kept")
    for patch, field in (
        ({"stringData": {"a": "other"}}, "data"),
        ({"immutable": None}, "immutable"),
        ({"type": "mine"}, "type"),
    ):
        with pytest.raises(Invalid) as told:
            await store.patch(secret, patch)
        assert [problem.field for problem in told.value.problems] == [field]
        assert "hidden" not in str(told.value)
    await store.patch(secret, {"stringData": {"a": "hidden"}, "metadata": {"labels": {"a": "b"}}})
    await store.patch(config, {"data": {"a": "B"}, "immutable": True})
    with pytest.raises(Invalid, match="it is immutable"):
        await store.patch(config, {"data": {"b": "C"}})


async def test_freight_is_named_and_given_an_alias(store: Store) -> None:
    await pipeline(store)
    created = await store.create(unnamed())
    assert re.fullmatch(r"[0-9a-f]{40}", created.key.name)
    assert re.fullmatch(r"[a-z]+-[a-z]+", created.data["alias"])
    assert created.meta["labels"] == {ALIAS: created.data["alias"]}
    assert created.data["discoveredAt"] == "2026-01-01T00:00:00Z"
    with pytest.raises(AlreadyExists):
        await store.create(unnamed())


async def test_freight_need_not_be_named_by_the_request(store: Store) -> None:
    await pipeline(store)
    nameless = unnamed()
    del nameless["metadata"]["generateName"]
    created = await store.create(nameless)
    assert re.fullmatch(r"[0-9a-f]{40}", created.key.name)


async def test_an_alias_is_used_once_in_a_project(store: Store) -> None:
    await pipeline(store)
    first = await store.create(tagged("1", alias="mine"))
    with pytest.raises(Invalid, match="alias 'mine' is used"):
        await store.create(tagged("2", alias="mine"))
    second = await store.create(tagged("2", alias="yours"))
    with pytest.raises(Conflict, match="alias 'mine' is used"):
        await store.patch(second.key, {"alias": "mine"})
    renamed = await store.patch(first.key, {"alias": "ours"})
    assert renamed.meta["labels"] == {ALIAS: "ours"}
    emptied = await store.patch(first.key, {"alias": ""})
    assert ALIAS not in emptied.meta.get("labels", {})
    await store.patch(second.key, {"alias": "mine"})


async def test_freight_needs_a_warehouse_that_it_matches(store: Store) -> None:
    with pytest.raises(Invalid, match="Warehouse 'w' does not exist"):
        await store.create(unnamed())
    await pipeline(store)
    with pytest.raises(Invalid, match="no subscription"):
        await store.create(unnamed(images=[{"repoURL": "other", "tag": "1", "digest": "sha256:1"}]))


async def test_the_content_of_freight_stays_and_a_whole_update_may_leave_out_its_time(store: Store) -> None:
    await pipeline(store)
    created = await store.create(unnamed())
    with pytest.raises(Invalid, match="immutable"):
        await store.patch(created.key, {"images": []})
    whole = {**created.data, "discoveredAt": None}
    assert (await store.update(whole)).data["discoveredAt"] == created.data["discoveredAt"]


async def test_freight_in_use_stays(store: Store) -> None:
    await pipeline(store)
    created = await store.create(unnamed())
    using = {"status": {"freightHistory": [collection(reference(created.key.name))]}}
    await store.patch(Key("Stage", "p", "dev"), using, status=True)
    with pytest.raises(Denied, match="in use by 'dev'"):
        await store.delete(created.key)
    await store.patch(Key("Stage", "p", "dev"), {"status": {"freightHistory": None}}, status=True)
    await store.delete(created.key)


async def test_a_promotion_follows_its_stage_whatever_it_says(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(unnamed())
    asked = wanted(freight.key.name, name="mine")
    asked["spec"].update({"steps": [{"uses": "sneaky"}], "vars": [{"name": "x", "value": "y"}]})
    with acting("admin"):
        created = await store.create(asked)
    assert re.fullmatch(rf"dev\.[0-9a-z]{{26}}\.{freight.key.name[:7]}", created.key.name)
    assert created.data["spec"] == {
        "stage": "dev",
        "freight": freight.key.name,
        "steps": [{"uses": "fail", "as": "step-1"}],
    }
    assert created.meta["annotations"][ACTOR] == "admin"
    assert created.meta["ownerReferences"][0]["uid"] == (await store.get(Key("Stage", "p", "dev"))).uid
    assert await events(store) == [("PromotionCreated", "admin")]


async def test_promotions_made_in_one_moment_keep_their_order(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(unnamed())
    names = [(await store.create(wanted(freight.key.name))).key.name for _ in range(20)]
    assert names == sorted(names)


TASK = {"vars": [{"name": "image"}], "steps": [{"uses": "fail", "as": "set"}]}


@pytest.mark.parametrize("kind", ["PromotionTask", "ClusterPromotionTask"])
async def test_tasks_are_replaced_by_their_steps(store: Store, kind: str) -> None:
    step = {"task": {"name": "bump", "kind": kind}, "vars": [{"name": "image", "value": "i"}]}
    await pipeline(store, stage("dev", steps=(step,)))
    freight = await store.create(unnamed())
    with pytest.raises(NotFound, match="bump"):
        await store.create(wanted(freight.key.name))
    task = resource(kind, "bump", spec=TASK)
    if kind == "ClusterPromotionTask":
        del task["metadata"]["namespace"]
    await store.create(task)
    created = await store.create(wanted(freight.key.name))
    assert created.data["spec"]["steps"] == [
        {"uses": "fail", "as": "task-1::set", "vars": [{"name": "image", "value": "i"}]}
    ]


async def test_a_variable_that_nobody_gives_a_value_is_named(store: Store) -> None:
    await store.create(resource("PromotionTask", "bump", spec=TASK))
    await pipeline(store, stage("dev", steps=({"task": {"name": "bump"}},)))
    freight = await store.create(unnamed())
    with pytest.raises(Invalid, match="needs a value for its variable 'image'"):
        await store.create(wanted(freight.key.name))


async def test_only_available_freight_is_promoted(store: Store) -> None:
    await pipeline(store, stage("prod", request("w", stages=["dev"])))
    freight = await store.create(unnamed())
    for name in (freight.key.name, "nobody"):
        with pytest.raises(Invalid, match=r"spec\.freight"):
            await store.create(wanted(name, to="prod"))
    await store.patch(freight.key, {"status": {"approvedFor": {"prod": {}}}}, status=True)
    await store.create(wanted(freight.key.name, to="prod"))


async def test_a_promotion_needs_a_stage_with_steps(store: Store) -> None:
    with pytest.raises(Invalid, match="Stage 'dev' does not exist"):
        await store.create(wanted("f1"))
    await pipeline(store, stage("dev", steps=()))
    freight = await store.create(unnamed())
    with pytest.raises(Invalid, match="defines no promotion steps"):
        await store.create(wanted(freight.key.name))


async def test_an_origin_becomes_its_candidate(store: Store, clock: FakeClock) -> None:
    await pipeline(store)
    with pytest.raises(Invalid, match=r"no Freight of Warehouse/w"):
        await store.create(wanted())
    await store.create(tagged("1"))
    await clock.advance(10)
    newest = await store.create(tagged("2"))
    created = await store.create(wanted())
    assert created.data["spec"]["freight"] == newest.key.name
    assert "origin" not in created.data["spec"]


async def test_freight_or_origin_but_not_both(store: Store) -> None:
    await pipeline(store)
    both = wanted("f1")
    both["spec"]["origin"] = origin()
    with pytest.raises(Invalid, match="exactly one of freight and origin"):
        await store.create(both)


async def marks(store: Store, freight: Document, who: str = "admin") -> dict[str, str]:
    """What a promotion says about auto-promotion, made by somebody who claims the opposite."""
    with acting(who):
        created = await store.create(wanted(freight.key.name, annotations={HOLD: "Warehouse/x", RESUME: "Warehouse/x"}))
    return {key: value for key, value in created.meta["annotations"].items() if key in (HOLD, RESUME)}


async def test_choosing_other_freight_holds_and_the_candidate_resumes(store: Store, clock: FakeClock) -> None:
    await pipeline(store)
    old = await store.create(tagged("1"))
    await clock.advance(10)
    new = await store.create(tagged("2"))
    assert await marks(store, old) == {}, "auto-promotion is off"
    await store.create(auto())
    assert await marks(store, old) == {HOLD: "Warehouse/w"}
    assert await marks(store, new) == {RESUME: "Warehouse/w"}
    own = await marks(store, new, CONTROLLER)
    assert own == {HOLD: "Warehouse/x", RESUME: "Warehouse/x"}, "controllers say themselves what they mean"


async def test_a_policy_that_cannot_be_read_keeps_nobody_from_promoting(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(tagged("1"))
    await store.create(auto("regex:("))
    assert await marks(store, freight) == {}


async def test_the_spec_and_the_marks_of_a_promotion_stay(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(tagged("1"))
    with acting("alice"):
        created = await store.create(wanted(freight.key.name))
    with acting("bob"):
        with pytest.raises(Invalid, match="spec is immutable"):
            await store.patch(created.key, {"spec": {"stage": "prod"}})
        changed = await store.patch(
            created.key,
            {"metadata": {"annotations": {ACTOR: None, "kargo.akuity.io/abort": "terminate"}, "ownerReferences": None}},
        )
    assert changed.meta["annotations"][ACTOR] == "alice"
    assert changed.meta["annotations"]["kargo.akuity.io/abort"] == '{"action":"terminate","actor":"bob"}'
    assert changed.meta["ownerReferences"] == created.meta["ownerReferences"]


async def test_who_created_a_project_stays_on_record(store: Store) -> None:
    with acting("email:alice@example.com"):
        await store.create({**PROJECT, "metadata": {"name": "hers"}})
    for written in ("email:mallory@example.com", None):
        with acting("email:bob@example.com"):
            patched = await store.patch(Key("Project", "", "hers"), {"metadata": {"annotations": {ACTOR: written}}})
        assert patched.meta["annotations"] == {ACTOR: "email:alice@example.com"}
    with acting("email:bob@example.com"):
        changed = await store.patch(
            Key("Project", "", "p"), {"metadata": {"annotations": {ACTOR: "email:m@example.com"}}}
        )
    assert ACTOR not in (changed.meta.get("annotations") or {}), "nobody was recorded"


async def test_who_asks_to_verify_again_is_recorded(store: Store) -> None:
    await pipeline(store)
    reverify = "kargo.akuity.io/reverify"
    with acting("alice"):
        asked = await store.patch(Key("Stage", "p", "dev"), {"metadata": {"annotations": {reverify: "one"}}})
    with acting("bob"):
        later = await store.patch(Key("Stage", "p", "dev"), {"metadata": {"labels": {"a": "b"}}})
    assert asked.meta["annotations"][reverify] == later.meta["annotations"][reverify] == '{"id":"one","actor":"alice"}'


async def test_a_label_can_be_added_by_any_kind_of_patch(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(tagged("1"))
    created = await store.create(wanted(freight.key.name))
    patch = [{"op": "add", "path": "/metadata/labels/mine", "value": "1"}]
    changed = await store.patch(created.key, patch, PatchType.JSON)
    assert changed.meta["labels"]["mine"] == "1"


async def test_approving_freight_is_told_once_with_who_did_it(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(unnamed())

    async def approve(who: str, to: str) -> None:
        with acting(who):
            await store.patch(freight.key, {"status": {"approvedFor": {to: {}}}}, status=True)

    await approve("alice", "prod")
    await approve("bob", "prod")
    await approve(CONTROLLER, "qa")
    assert await events(store) == [("FreightApproved", "alice")]


async def test_a_dry_run_of_an_approval_is_not_told(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(unnamed())
    with acting("alice"):
        await store.patch(freight.key, {"status": {"approvedFor": {"prod": {}}}}, status=True, dry_run=True)
    assert await events(store) == []


async def test_a_write_against_an_old_version_conflicts(store: Store) -> None:
    created = await store.create(stage())
    await store.patch(created.key, {"metadata": {"labels": {"a": "1"}}})
    with pytest.raises(Conflict):
        await store.update(created.data)
    stale = {"metadata": {"resourceVersion": created.meta["resourceVersion"], "labels": {"a": "2"}}}
    with pytest.raises(Conflict):
        await store.patch(created.key, stale)


async def test_a_dry_run_admits_and_writes_nothing(store: Store) -> None:
    await pipeline(store)
    freight = await store.create(unnamed())
    dry = await store.create(wanted(freight.key.name), dry_run=True)
    assert dry.data["spec"]["steps"] == [{"uses": "fail", "as": "step-1"}]
    assert (await store.list(Query("Promotion", "p"))).documents == []
    assert await events(store) == []
