"""Server-side apply goes through admission like every other write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.rules.pipeline_case import KARGO, Raw, freight, resource, stage, warehouse

from argosy.errors import Conflict, Invalid, NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Key
from argosy.rules.field_ownership_entry import decode
from argosy.rules.field_ownership_set import place_text, places
from argosy.store.actor import actor
from argosy.store.admission import Admission
from argosy.store.base import Applying, Query, Store
from argosy.store.manager import manager
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

PROJECT: Raw = {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "p"}}
ME = Applying("me")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    clock = FakeClock()
    url = f"sqlite:///{tmp_path / 'data' / 'argosy.db'}"
    kept = Admission(open_store(url, KINDS, clock=clock, key_file=tmp_path / "keys"), clock, Random(1))
    yield kept
    await kept.close()


def owned(document: Document, manager: str = "me") -> set[str]:
    entries = decode(document.meta.get("managedFields"))
    found = [owned.fields for who, owned in entries.items() if who.name == manager]
    return {place_text(place) for fields in found for place in places(fields)}


def plain(raw: Raw) -> dict[str, Any]:
    """As a person writes it: without what servers stamp."""
    meta = {key: raw["metadata"][key] for key in ("name", "namespace") if key in raw["metadata"]}
    return {**{key: value for key, value in raw.items() if key != "status"}, "metadata": meta}


async def test_a_project_brings_its_namespace(store: Store) -> None:
    await store.apply(PROJECT, Applying("me", dry_run=True))
    with pytest.raises(NotFound):
        await store.get(Key("Namespace", "", "p"))
    await store.apply(PROJECT, ME)
    assert (await store.get(Key("Namespace", "", "p"))).meta["labels"] == {"kargo.akuity.io/project": "true"}


async def test_what_admission_fills_in_is_nobodys(store: Store) -> None:
    await store.apply(PROJECT, ME)
    made = await store.apply(plain(warehouse("app")), ME)
    assert made.data["spec"]["freightCreationPolicy"] == "Automatic"
    assert ".spec.freightCreationPolicy" not in owned(made)
    sharded = plain(stage("dev"))
    sharded["spec"]["shard"] = "east"
    made = await store.apply(sharded, ME)
    assert made.meta["labels"] == {"kargo.akuity.io/shard": "east"}
    assert (".spec.shard" in owned(made), [each for each in owned(made) if "labels" in each]) == (True, [])
    assert (await store.apply(sharded, ME)).version == made.version


async def test_what_is_wrong_is_refused_with_every_fault(store: Store) -> None:
    await store.apply(PROJECT, ME)
    wrong = plain(stage("dev"))
    wrong["spec"] = {"shrad": "x"}
    with pytest.raises(Invalid) as refused:
        await store.apply(wrong, ME)
    assert {problem.field for problem in refused.value.problems} == {"spec.requestedFreight", "spec.shrad"}
    with pytest.raises(NotFound):
        await store.get(Key("Stage", "p", "dev"))


async def test_what_gets_its_name_from_the_server_cannot_be_applied(store: Store) -> None:
    await store.apply(PROJECT, ME)
    document = resource("Freight", "mine", origin={"kind": "Warehouse", "name": "app"})
    document["images"] = [{"repoURL": "registry.example/app", "tag": "1"}]
    await store.apply(plain(warehouse("app")), ME)
    with pytest.raises(Invalid):
        await store.apply(document, ME)
    assert (await store.list(Query("Freight", "p"))).documents == []


async def test_approvals_by_people_are_told(store: Store) -> None:
    await store.apply(PROJECT, ME)
    await store.apply(plain(warehouse()), ME)
    made = await store.create(plain(freight("f1")))
    approval = {"apiVersion": KARGO, "kind": "Freight", "metadata": {"name": made.key.name, "namespace": "p"}}
    token = actor.set("admin")
    await store.apply({**approval, "status": {"approvedFor": {"dev": {}}}}, Applying("me", status=True))
    actor.reset(token)
    told = [event.data["reason"] for event in (await store.list(Query("Event", "p"))).documents]
    assert told == ["FreightApproved"]


async def test_what_comes_along_is_argosys_own_and_not_the_writers(store: Store) -> None:
    token = manager.set("kubectl")
    await store.create({**PROJECT, "metadata": {"name": "p", "labels": {"team": "red"}}})
    manager.reset(token)
    assert (await store.get(Key("Project", "", "p"))).meta["managedFields"][0]["manager"] == "kubectl"
    assert "managedFields" not in (await store.get(Key("Namespace", "", "p"))).meta


async def test_two_who_apply_at_once_both_have_their_say(store: Store) -> None:
    await store.apply(PROJECT, ME)
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "p"}}
    names = [f"m{number}" for number in range(8)]
    await asyncio.gather(*(store.apply({**config, "data": {name: "1"}}, Applying(name)) for name in names))
    kept = await store.get(Key("ConfigMap", "p", "c"))
    assert kept.data["data"] == dict.fromkeys(names, "1")
    with pytest.raises(Conflict):
        await store.apply({**config, "data": {"m0": "2"}}, Applying("m1"))
