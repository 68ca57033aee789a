"""What a reconciler wants written becomes the smallest writes, and what is gone already is no trouble."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import cast

import pytest

from argosy.errors import AlreadyExists, Conflict, Denied, NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.resources.stage import StageStatus
from argosy.runtime.change import Changes, Create, Delete, Patch, status_patch, write
from argosy.store.base import Store
from argosy.store.decorator import Decorator
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

MAP = Key("ConfigMap", "p", "m")
STAGE = Key("Stage", "p", "dev")
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "namespace": "p"}}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path / 'data' / 'argosy.db'}"
    (tmp_path / "data").mkdir()
    store = open_store(url, KINDS, clock=FakeClock(), key_file=tmp_path / "keys" / "keys")
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p"}})
    yield store
    await store.close()


def test_a_status_that_did_not_change_makes_no_change() -> None:
    changes = Changes()
    changes.status(STAGE, StageStatus(freight_summary="x"), StageStatus(freight_summary="x"))
    assert changes.outcome().changes == ()


def test_what_became_empty_is_removed() -> None:
    old = StageStatus(freight_summary="x", auto_promotion_enabled=True)
    assert status_patch(old, StageStatus()) == {"freightSummary": None, "autoPromotionEnabled": None}


def test_only_what_differs_is_patched() -> None:
    old = StageStatus(freight_summary="x", last_handled_refresh="1")
    new = old.model_copy(update={"freight_summary": "y"})
    changes = Changes()
    changes.status(STAGE, old, new, version=7)
    assert changes.items == [Patch(STAGE, {"status": {"freightSummary": "y"}}, status=True, version=7)]


def test_an_outcome_keeps_the_order_and_the_appointment() -> None:
    changes = Changes()
    changes.create(CONFIG_MAP)
    changes.patch(MAP, {"data": {"a": "1"}})
    changes.delete(MAP, uid="u")
    outcome = changes.outcome(5)
    assert outcome.changes == (Create(CONFIG_MAP), Patch(MAP, {"data": {"a": "1"}}), Delete(MAP, "u"))
    assert outcome.again_after == 5


async def test_create_patch_and_delete_reach_the_store(store: Store) -> None:
    await write(store, Create(CONFIG_MAP))
    await write(store, Patch(MAP, {"data": {"a": "1"}}))
    assert (await store.get(MAP)).data["data"] == {"a": "1"}
    await write(store, Delete(MAP))
    with pytest.raises(NotFound):
        await store.get(MAP)


async def test_creating_what_is_there_is_an_error_unless_that_is_as_good(store: Store) -> None:
    await write(store, Create(CONFIG_MAP))
    await write(store, Create({**CONFIG_MAP, "data": {"a": "other"}}, unless_exists=True))
    assert "data" not in (await store.get(MAP)).data
    with pytest.raises(AlreadyExists):
        await write(store, Create(CONFIG_MAP))


async def test_what_is_gone_needs_neither_patch_nor_deletion(store: Store) -> None:
    await write(store, Patch(MAP, {"data": {"a": "1"}}))
    await write(store, Patch(STAGE, {"status": {"freightSummary": "x"}}, status=True))
    await write(store, Delete(MAP))
    with pytest.raises(NotFound):
        await store.get(MAP)


async def test_a_patch_against_an_old_version_conflicts(store: Store) -> None:
    created = await store.create(CONFIG_MAP)
    await write(store, Patch(MAP, {"data": {"a": "1"}}, version=created.version))
    with pytest.raises(Conflict):
        await write(store, Patch(MAP, {"data": {"a": "2"}}, version=created.version))


async def test_a_deletion_of_another_of_that_name_conflicts(store: Store) -> None:
    await store.create(CONFIG_MAP)
    with pytest.raises(Conflict):
        await write(store, Delete(MAP, uid="somebody-else"))


class Strict(Decorator):
    """Lets nobody create anything."""

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        raise Denied("you may not")


async def test_an_event_that_may_not_be_made_is_passed_over_and_nothing_else_is(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    strict = cast(Store, Strict(store))
    await write(strict, Create({**CONFIG_MAP, "kind": "Event"}))
    assert "event not recorded: you may not" in caplog.text
    with pytest.raises(Denied):
        await write(strict, Create(CONFIG_MAP))
