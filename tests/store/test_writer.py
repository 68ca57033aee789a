"""The writer keeps the writes of a group apart."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from tests.store.store_case import KINDS, audit, database, keys, ship

from argosy.errors import Unavailable
from argosy.resources.meta import Document
from argosy.rules.document import created
from argosy.store.database import Database
from argosy.store.transaction import Transaction
from argosy.store.vault import Vault
from argosy.store.writer import Writer
from argosy.testing.clock import FakeClock


def insert(name: str, tx: Transaction) -> Document:
    return tx.insert(created(ship(name), KINDS["Ship"], uid=name, now=tx.now))


async def test_a_write_that_breaks_off_in_the_middle_leaves_nothing_and_harms_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(tx: Transaction) -> None:
        insert("half", tx)
        raise ZeroDivisionError

    opened = Database(database(tmp_path))
    vault = Vault.unlock(keys(tmp_path), create=True)
    writer = Writer(opened, vault, KINDS, clock=FakeClock(), log_length=100)
    published: list[int] = []
    writer.start(lambda changes: published.extend(change.version for change in changes))
    with caplog.at_level(logging.CRITICAL, "argosy.store.writer"):
        before, failed, after = await asyncio.gather(
            writer.run(lambda tx: insert("a", tx)),
            writer.run(broken),
            writer.run(lambda tx: insert("b", tx)),
            return_exceptions=True,
        )
    assert isinstance(failed, ZeroDivisionError)
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert (before.version, after.version) == (1, 2)
    assert published == [1, 2]
    writer.stop()
    writer.join()
    with pytest.raises(Unavailable, match="closed"):
        await writer.run(lambda tx: insert("c", tx))
    opened.close()
    audit(database(tmp_path))
