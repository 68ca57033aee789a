"""A PromotionRequest refers to a Stage that selects Targets, and to Targets that are there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from argosy.errors import Invalid
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.admission import Admission
from argosy.store.base import Store
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

API = "kargo.akuity.io/v1alpha1"
ORIGIN = {"kind": "Warehouse", "name": "w"}
FLEET = Key("Stage", "p", "fleet")


def namespaced(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": API, "kind": kind, "metadata": {"namespace": "p", "name": name}, **more}


def stage(name: str, **spec: Any) -> dict[str, Any]:
    requested = [{"origin": ORIGIN, "sources": {"direct": True}}]
    return namespaced("Stage", name, spec={"requestedFreight": requested, **spec})


def request(*targets: str, of: str = "fleet") -> dict[str, Any]:
    wanted = {"stage": of, "freight": "f", "targets": [{"name": name} for name in targets]}
    return namespaced("PromotionRequest", "r", spec=wanted)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    (tmp_path / "data").mkdir()
    clock = FakeClock()
    kept = open_store(f"sqlite:///{tmp_path}/data/a.db", KINDS, clock=clock, key_file=tmp_path / "keys")
    store = Admission(kept, clock, Random(1))
    await store.create({"apiVersion": API, "kind": "Project", "metadata": {"name": "p"}})
    await store.create(stage("classic"))
    await store.create(stage("fleet", targets={"selectors": [{"matchLabels": {"region": "eu"}}]}))
    await store.create(namespaced("Target", "one"))
    yield store
    await store.close()


async def test_what_refers_to_what_is_there_is_kept(store: Store) -> None:
    assert (await store.create(request("one"))).key.name == "r"


async def test_every_fault_is_told_at_once(store: Store) -> None:
    with pytest.raises(Invalid) as raised:
        await store.create(request("none", "one", "never", of="nowhere"))
    told = [(problem.field, problem.message) for problem in raised.value.problems]
    assert told == [
        ("spec.stage", "Stage 'nowhere' does not exist in namespace 'p'"),
        ("spec.targets[0].name", "Target 'none' does not exist in namespace 'p'"),
        ("spec.targets[2].name", "Target 'never' does not exist in namespace 'p'"),
    ]


async def test_a_stage_that_is_promoted_to_itself_is_refused(store: Store) -> None:
    with pytest.raises(Invalid, match="does not select Targets"):
        await store.create(request(of="classic"))


async def test_it_keeps_its_stage_and_freight(store: Store) -> None:
    made = await store.create(request("one"))
    await store.patch(made.key, {"spec": {"targets": []}})
    with pytest.raises(Invalid, match=r"spec\.stage: it is immutable"):
        await store.patch(made.key, {"spec": {"stage": "classic"}})


async def test_a_change_of_the_targets_is_checked_as_well(store: Store) -> None:
    made = await store.create(request("one"))
    with pytest.raises(Invalid, match="Target 'two' does not exist"):
        await store.patch(made.key, {"spec": {"targets": [{"name": "two"}]}})


async def test_a_request_can_be_let_go_when_its_stage_has_gone(store: Store) -> None:
    made = await store.create(request("one") | {"metadata": {"namespace": "p", "name": "r", "finalizers": ["a.b/c"]}})
    await store.delete(FLEET)
    await store.patch(made.key, {"metadata": {"finalizers": None}})
    await store.delete(made.key)
