"""The store tells of its writes, and of the one by which a promotion ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from argosy.clock import SystemClock
from argosy.errors import NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.base import PatchType
from argosy.store.metered import Metered
from argosy.store.sql import open_store
from argosy.testing.meter import Told

PROMOTION = {
    "apiVersion": "kargo.akuity.io/v1alpha1",
    "kind": "Promotion",
    "metadata": {"name": "a", "namespace": "p"},
    "spec": {"stage": "dev", "freight": "f", "steps": [{"uses": "fail"}]},
}


def opened(folder: Path, told: Told) -> Metered:
    (folder / "data").mkdir()
    url = f"sqlite:///{folder}/data/a.db"
    return Metered(open_store(url, KINDS, clock=SystemClock(), key_file=folder / "k"), told)


async def test_writes_are_told_by_verb_kind_and_result_and_dry_runs_are_none(tmp_path: Path) -> None:
    told = Told()
    store = opened(tmp_path, told)
    try:
        namespace: dict[str, Any] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p"}}
        await store.create(namespace, dry_run=True)
        assert told.events == []
        await store.create(namespace)
        await store.patch(Key("Namespace", "", "p"), {"metadata": {"labels": {"a": "b"}}})
        with pytest.raises(NotFound):
            await store.delete(Key("Stage", "p", "none"))
        assert told.of("store_write") == [
            {"verb": "create", "kind": "Namespace", "result": "success"},
            {"verb": "patch", "kind": "Namespace", "result": "success"},
            {"verb": "delete", "kind": "Stage", "result": "NotFound"},
        ]
    finally:
        await store.close()


async def test_a_promotion_ends_once(tmp_path: Path) -> None:
    told, key = Told(), Key("Promotion", "p", "a")
    store = opened(tmp_path, told)
    try:
        await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p"}})
        await store.create(PROMOTION)
        running = {"phase": "Running", "startedAt": "2026-01-01T00:00:00Z"}
        await store.patch(key, {"status": running}, status=True)
        assert told.of("promotion") == []
        ended = [
            {"op": "add", "path": "/status/phase", "value": "Failed"},
            {"op": "add", "path": "/status/finishedAt", "value": "2026-01-01T00:01:30Z"},
        ]
        await store.patch(key, ended, PatchType.JSON, status=True)
        assert told.of("promotion") == [{"phase": "Failed"}]
        await store.patch(key, {"status": {"message": "more"}}, status=True)
        assert len(told.of("promotion")) == 1
    finally:
        await store.close()
