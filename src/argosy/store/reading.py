"""Reads the database beside the writer: single documents at once, lists in threads of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, bindparam, select

from argosy.errors import Unavailable
from argosy.resources.meta import Key
from argosy.store.database import Database
from argosy.store.tables import ledger, resource

THREADS = 2

T = TypeVar("T")

_GET = select(resource.c.uid, resource.c.version, resource.c.stored).where(
    resource.c.kind == bindparam("kind"),
    resource.c.namespace == bindparam("namespace"),
    resource.c.name == bindparam("name"),
)
_VERSION = select(ledger.c.version)


class Reader:
    """Connections that only read. WAL lets them see the last commit without waiting for the writer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._near = database.connect()
        self._far = threading.local()
        self._opened: list[Connection] = [self._near]
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argosy-reader")
        self._closed = False

    def get(self, key: Key) -> tuple[str, int, bytes] | None:
        """Uid, version and kept bytes of a document. Blocks for microseconds; only for the event loop's thread."""
        self._check()
        with self._database.explained():
            parameters = {"kind": key.kind, "namespace": key.namespace, "name": key.name}
            row = self._near.execute(_GET, parameters).first()
            return None if row is None else (row.uid, row.version, row.stored)

    def at_once(self, read: Callable[[Connection], T]) -> T:
        """The result of `read`, which sees one state of the whole database and must be short; like `get`."""
        self._check()
        with self._database.explained():
            return _in_snapshot(self._near, read)

    def version(self) -> int:
        """The newest version on disk; like `get`."""
        self._check()
        with self._database.explained():
            return int(self._near.execute(_VERSION).scalar_one())

    async def snapshot(self, read: Callable[[Connection], T]) -> T:
        """The result of `read`, which runs in another thread and sees one state of the whole database."""
        self._check()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, read)

    def _read(self, read: Callable[[Connection], T]) -> T:
        with self._database.explained():
            connection: Connection | None = getattr(self._far, "connection", None)
            if connection is None:
                connection = self._far.connection = self._database.connect()
                self._opened.append(connection)
            return _in_snapshot(connection, read)

    def _check(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed")

    def close(self) -> None:
        """Wait for the reads under way, then let go of the database."""
        if not self._closed:
            self._closed = True
            self._threads.shutdown()
            for connection in self._opened:
                connection.close()


def _in_snapshot(connection: Connection, read: Callable[[Connection], T]) -> T:
    connection.exec_driver_sql("BEGIN")
    try:
        return read(connection)
    finally:
        connection.rollback()
