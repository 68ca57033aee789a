"""Who does not lead any more reads, and writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from argosy.clock import SystemClock
from argosy.errors import Unavailable
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.base import Applying, Query
from argosy.store.fenced import Fenced
from argosy.store.sql import open_store

NAMESPACE: dict[str, Any] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p"}}
KEY = Key("Namespace", "", "p")


async def test_writes_are_refused_while_somebody_else_leads(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    url, leads = f"sqlite:///{tmp_path}/data/a.db", True
    inner = open_store(url, KINDS, clock=SystemClock(), key_file=tmp_path / "k")
    store = Fenced(inner, lambda: leads)
    try:
        kept = await store.create(NAMESPACE)
        await store.patch(KEY, {"metadata": {"labels": {"a": "b"}}})
        leads = False
        for write in (
            lambda: store.create({**NAMESPACE, "metadata": {"name": "q"}}),
            lambda: store.update(kept.data),
            lambda: store.patch(KEY, {"metadata": {"labels": {"a": "c"}}}),
            lambda: store.apply(NAMESPACE, Applying("m")),
            lambda: store.delete(KEY),
        ):
            with pytest.raises(Unavailable, match="does not lead any more"):
                await write()
        assert (await store.get(KEY)).meta["labels"]["a"] == "b"
        assert len((await store.list(Query("Namespace"))).documents) == 1
        await store.patch(KEY, {"metadata": {"labels": {"a": "d"}}}, dry_run=True)
        leads = True
        await store.delete(KEY)
    finally:
        await store.close()
